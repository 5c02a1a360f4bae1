import { SpanStatusCode } from '@opentelemetry/api';
import type { ResolvedConfig } from '../config.ts';
import type { Attempt } from '../requests/attempt.ts';
import { putRequest, putResponse } from '../requests/attempt-span.ts';
import { attributesOf, handIn } from '../requests/span-attributes.ts';
import { openSpans } from './open-spans.ts';

/** The two ways a request leaves the process. */
export type TransportName = 'undici' | 'http';

/**
 * Decides who makes the HTTP span. In mode `auto` another instrumentation is recognised by the trace header it injects,
 * which shows when the request is sent; until that is known to happen our spans start at once.
 */
export class Ownership {
  readonly #mode: ResolvedConfig['mode'];
  readonly #capture: ResolvedConfig['captureAccountId'];
  readonly #state: Record<TransportName, 'unknown' | 'alone' | 'shared'> = {
    undici: 'unknown',
    http: 'unknown',
  };

  constructor({ mode, captureAccountId }: ResolvedConfig) {
    this.#mode = mode;
    this.#capture = captureAccountId;
  }

  /** True when our spans are made whoever else makes some. */
  get alwaysOurs(): boolean {
    return this.#mode === 'own';
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

  /** Puts what we know of a request and its answer on the span that another instrumentation made for it. */
  enrich(attempt: Attempt): void {
    if (attempt.foreignSpanId === undefined || this.#mode === 'off') return;
    const { span } = attempt.foreign ?? openSpans.find(attempt.foreignSpanId) ?? {};
    if (span?.isRecording() !== true) return;
    const { failure } = attempt;
    const source =
      failure !== undefined && 'rateLimitSource' in failure ? failure.rateLimitSource : undefined;
    const attributes = attributesOf(span);
    putRequest(attributes, attempt, this.#capture);
    putResponse(attributes, attempt, failure?.errorType, source);
    handIn(span, attributes);
    if (failure?.errorType !== undefined) span.setStatus({ code: SpanStatusCode.ERROR });
  }
}
