import { processState } from '@nylas-otel/telemetry';
import type { Span } from '@opentelemetry/api';
import type { HttpSpanMode } from '../config.ts';
import type { Attempt } from '../requests/attempt.ts';
import { setResponseAttributes } from '../requests/attempt-span.ts';

/** The two ways a request leaves the process. */
export type TransportName = 'undici' | 'http';

/** Spans that other instrumentations opened for Nylas requests, by span id; kept by the span processor. */
export const foreignSpans: Map<string, ForeignSpan> = processState(
  'foreign-spans',
  () => new Map<string, ForeignSpan>(),
);

/** A span that another instrumentation opened, and the URL we left on it. */
export interface ForeignSpan {
  readonly span: Span;
  readonly url: string;
}

/**
 * Decides who makes the HTTP span. In mode `auto` another instrumentation is recognised by the trace header it injects,
 * which shows when the request is sent; until that is known to happen our spans start at once.
 */
export class Ownership {
  readonly #mode: HttpSpanMode;
  readonly #state: Record<TransportName, 'unknown' | 'alone' | 'shared'> = {
    undici: 'unknown',
    http: 'unknown',
  };

  constructor(mode: HttpSpanMode) {
    this.#mode = mode;
  }

  /**
   * `now`: start our span at the request's creation. `later`: when it is sent and nobody else's span was found. `no`: never.
   */
  ours(transport: TransportName): 'now' | 'later' | 'no' {
    if (this.#mode === 'own') return 'now';
    if (this.#mode !== 'auto') return 'no';
    return this.#state[transport] === 'alone' ? 'now' : 'later';
  }

  /** For a request that failed before it was sent: ours unless another instrumentation was ever seen. */
  oursUnsent(transport: TransportName): boolean {
    return this.#mode === 'own' || (this.#mode === 'auto' && this.#state[transport] !== 'shared');
  }

  /** What a request showed when it was sent. Once shared, every request is looked at before a span is made. */
  seen(transport: TransportName, foreign: boolean): void {
    if (foreign) this.#state[transport] = 'shared';
    else if (this.#state[transport] === 'unknown') this.#state[transport] = 'alone';
  }

  /** Puts what we know of an answer on the span that another instrumentation made for it. */
  enrich(attempt: Attempt): void {
    if (attempt.foreignSpanId === undefined || this.#mode === 'off') return;
    const span = foreignSpans.get(attempt.foreignSpanId)?.span;
    if (span === undefined) return;
    const { failure } = attempt;
    const source =
      failure !== undefined && 'rateLimitSource' in failure ? failure.rateLimitSource : undefined;
    setResponseAttributes(span, attempt, failure?.errorType, source, false);
  }
}
