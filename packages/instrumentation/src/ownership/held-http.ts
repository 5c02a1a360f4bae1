import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { guarded } from '@nylas-otel/telemetry';
import type { Attributes, Span } from '@opentelemetry/api';
import type { Attempt } from '../requests/attempt.ts';
import { HeldInstrumentation, hasNoParent, type InstrumentationLike } from './held-instrumentation.ts';
import { HttpClientDuration, stockErrorType } from './http-client-duration.ts';

/** The options of `@opentelemetry/instrumentation-http` that matter to a span of ours. */
interface HttpConfig {
  enabled?: boolean;
  ignoreOutgoingRequestHook?: (options: RequestOptions) => boolean;
  startOutgoingSpanHook?: (options: RequestOptions) => Attributes;
  requestHook?: (span: Span, request: ClientRequest) => void;
  responseHook?: (span: Span, response: IncomingMessage) => void;
  applyCustomAttributesOnSpan?: (span: Span, request: ClientRequest, response: IncomingMessage) => void;
  requireParentforOutgoingSpans?: boolean;
  headersToSpanAttributes?: { client?: { requestHeaders?: string[]; responseHeaders?: string[] } };
}

interface Held {
  readonly instrumentation: HeldInstrumentation<HttpConfig>;
  readonly duration: HttpClientDuration;
}

/** Stands in for `@opentelemetry/instrumentation-http` at Nylas hosts, as {@link HeldUndici} does for undici. */
export class HeldHttp {
  readonly #isNylas: (options: RequestOptions) => boolean;
  readonly #recordDuration: boolean;
  readonly #held: Held[] = [];
  // The stock hooks see the options of `http.request`; the diagnostics channels show the request only.
  #lastOptions: RequestOptions | undefined;

  constructor(isNylas: (options: RequestOptions) => boolean, recordDuration: boolean) {
    this.#isNylas = isNylas;
    this.#recordDuration = recordDuration;
  }

  /** Takes an instance over. */
  hold(instance: InstrumentationLike): void {
    if (this.#held.some((held) => held.instrumentation.instance === instance)) return;
    const duration = new HttpClientDuration({
      instrumentationName: instance.instrumentationName,
      instrumentationVersion: instance.instrumentationVersion,
      description: 'Duration of HTTP client requests.',
      withScheme: false,
    });
    const instrumentation = new HeldInstrumentation<HttpConfig>(
      instance,
      (config) => ({
        ...config,
        ignoreOutgoingRequestHook: (options) => {
          if (!this.#isNylas(options)) return config.ignoreOutgoingRequestHook?.(options) ?? false;
          this.#lastOptions = options;
          return true;
        },
      }),
      (provider) => duration.use(provider),
    );
    this.#held.push({ instrumentation, duration });
  }

  /** Gives every instance back. */
  release(): void {
    for (const { instrumentation } of this.#held.splice(0)) instrumentation.release();
  }

  /** True when the user's own options want no span for this request. */
  declines(attempt: Attempt): boolean {
    const options = this.#lastOptions;
    for (const { instrumentation } of this.#held) {
      const config = instrumentation.userConfig;
      if (
        options !== undefined &&
        guarded('hook', () => config.ignoreOutgoingRequestHook?.(options) ?? false, true)
      ) {
        attempt.declined = true;
        return true;
      }
      if (config.requireParentforOutgoingSpans === true && hasNoParent(attempt)) return true;
    }
    return false;
  }

  /** What the user's `startOutgoingSpanHook` gives. */
  startAttributes(): Attributes | undefined {
    const options = this.#lastOptions;
    this.#lastOptions = undefined;
    if (options === undefined) return undefined;
    let given: Attributes | undefined;
    for (const { instrumentation } of this.#held) {
      const { startOutgoingSpanHook } = instrumentation.userConfig;
      if (startOutgoingSpanHook !== undefined) {
        given = { ...given, ...guarded('hook', () => startOutgoingSpanHook(options), {}) };
      }
    }
    return given;
  }

  /** Our span was started: the user's `requestHook`. */
  started(span: Span, request: ClientRequest): void {
    for (const { instrumentation } of this.#held) {
      const { requestHook } = instrumentation.userConfig;
      if (requestHook !== undefined) guarded('hook', () => requestHook(span, request), undefined);
    }
  }

  /** The response headers were read: the user's response hooks, peer and protocol. */
  answered(attempt: Attempt, request: ClientRequest, response: IncomingMessage): void {
    if (this.#held.length === 0) return;
    attempt.protocol = response.httpVersion;
    const { span } = attempt;
    if (span?.isRecording() !== true) return;
    const { remoteAddress, remotePort } = response.socket ?? {};
    if (remoteAddress !== undefined) span.setAttribute('network.peer.address', remoteAddress);
    if (remotePort !== undefined) span.setAttribute('network.peer.port', remotePort);
    span.setAttribute('network.protocol.version', response.httpVersion);
    for (const { instrumentation } of this.#held) {
      const { responseHook, applyCustomAttributesOnSpan, headersToSpanAttributes } =
        instrumentation.userConfig;
      if (responseHook !== undefined) guarded('hook', () => responseHook(span, response), undefined);
      for (const name of headersToSpanAttributes?.client?.requestHeaders ?? []) {
        capture(span, 'request', name, request.getHeader(name));
      }
      for (const name of headersToSpanAttributes?.client?.responseHeaders ?? []) {
        capture(span, 'response', name, response.headers[name.toLowerCase()]);
      }
      if (applyCustomAttributesOnSpan !== undefined) {
        guarded('hook', () => applyCustomAttributesOnSpan(span, request, response), undefined);
      }
    }
  }

  /** The attempt is over: its duration on the stock instrumentation's behalf. */
  over(attempt: Attempt): void {
    if (!this.#recordDuration || attempt.declined || attempt.foreignSpanId !== undefined) return;
    for (const { duration } of this.#held)
      duration.record(attempt, attempt.protocol, stockErrorType(attempt));
  }
}

function capture(span: Span, side: 'request' | 'response', name: string, value: unknown): void {
  if (value === undefined) return;
  const values = Array.isArray(value) ? value.map(String) : [String(value)];
  span.setAttribute(`http.${side}.header.${name.toLowerCase()}`, values);
}
