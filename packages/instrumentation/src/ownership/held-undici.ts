import { guarded } from '@nylas-otel/telemetry';
import type { Attributes, Span } from '@opentelemetry/api';
import type { Attempt } from '../requests/attempt.ts';
import { attributesOf, handIn } from '../requests/span-attributes.ts';
import {
  requestHeader,
  type UndiciRequest,
  type UndiciResponseMessage,
  type UndiciSendMessage,
} from '../transport/undici-messages.ts';
import { HeldInstrumentation, hasNoParent, type InstrumentationLike } from './held-instrumentation.ts';
import { HttpClientDuration, stockErrorType } from './http-client-duration.ts';

/** The options of `@opentelemetry/instrumentation-undici` that matter to a span of ours. */
interface UndiciConfig {
  enabled?: boolean;
  ignoreRequestHook?: (request: UndiciRequest) => boolean;
  startSpanHook?: (request: UndiciRequest) => Attributes;
  requestHook?: (span: Span, request: UndiciRequest) => void;
  responseHook?: (
    span: Span,
    message: { request: UndiciRequest; response: UndiciResponseMessage['response'] },
  ) => void;
  requireParentforSpans?: boolean;
  headersToSpanAttributes?: { requestHeaders?: string[]; responseHeaders?: string[] };
}

const OPTIONS = [
  'ignoreRequestHook',
  'startSpanHook',
  'requestHook',
  'responseHook',
  'requireParentforSpans',
  'headersToSpanAttributes',
] as const;

interface Held {
  readonly instrumentation: HeldInstrumentation<UndiciConfig>;
  readonly duration: HttpClientDuration;
}

/**
 * Stands in for `@opentelemetry/instrumentation-undici` at Nylas hosts: it passes over them, the user's hooks are
 * called with our span, and its duration histogram is kept on its behalf.
 */
export class HeldUndici {
  readonly #isNylas: (request: UndiciRequest) => boolean;
  readonly #recordDuration: boolean;
  readonly #held: Held[] = [];
  /** True while a user's option has a say in a span; nearly nobody sets one, so nearly nobody pays for asking. */
  #hasOptions = false;

  constructor(isNylas: (request: UndiciRequest) => boolean, recordDuration: boolean) {
    this.#isNylas = isNylas;
    this.#recordDuration = recordDuration;
  }

  /** Takes an instance over. */
  hold(instance: InstrumentationLike): void {
    if (this.#held.some((held) => held.instrumentation.instance === instance)) return;
    const duration = new HttpClientDuration({
      instrumentationName: instance.instrumentationName,
      instrumentationVersion: instance.instrumentationVersion,
      description: 'Measures the duration of outbound HTTP requests.',
      withScheme: true,
    });
    const instrumentation = new HeldInstrumentation<UndiciConfig>(
      instance,
      (config) => ({
        ...config,
        ignoreRequestHook: (request) =>
          this.#isNylas(request) || (config.ignoreRequestHook?.(request) ?? false),
      }),
      (provider) => duration.use(provider),
      () => this.#lookAtOptions(),
    );
    this.#held.push({ instrumentation, duration });
    this.#lookAtOptions();
  }

  #lookAtOptions(): void {
    this.#hasOptions = this.#held.some(({ instrumentation: { userConfig } }) =>
      OPTIONS.some((option) => userConfig[option] !== undefined),
    );
  }

  /** Gives every instance back. */
  release(): void {
    for (const { instrumentation } of this.#held.splice(0)) instrumentation.release();
  }

  /** True when the user's own options want no span for this request. */
  declines(attempt: Attempt, request: UndiciRequest): boolean {
    if (!this.#hasOptions) return false;
    for (const { instrumentation } of this.#held) {
      const config = instrumentation.userConfig;
      if (guarded('hook', () => config.ignoreRequestHook?.(request) ?? false, true)) {
        attempt.declined = true;
        return true;
      }
      if (config.requireParentforSpans === true && hasNoParent(attempt)) return true;
    }
    return false;
  }

  /** What the user's `startSpanHook` gives. */
  startAttributes(request: UndiciRequest): Attributes | undefined {
    if (!this.#hasOptions) return undefined;
    let given: Attributes | undefined;
    for (const { instrumentation } of this.#held) {
      const { startSpanHook } = instrumentation.userConfig;
      if (startSpanHook !== undefined)
        given = { ...given, ...guarded('hook', () => startSpanHook(request), {}) };
    }
    return given;
  }

  /** Our span was started: the user's `requestHook`. */
  started(span: Span, request: UndiciRequest): void {
    if (!this.#hasOptions) return;
    for (const { instrumentation } of this.#held) {
      const { requestHook } = instrumentation.userConfig;
      if (requestHook !== undefined) guarded('hook', () => requestHook(span, request), undefined);
    }
  }

  /** The request is being sent: peer and protocol, as the stock span has them, and captured request headers. */
  sending(attempt: Attempt, request: UndiciRequest, socket: UndiciSendMessage['socket']): void {
    if (this.#held.length === 0) return;
    attempt.protocol = socket?.alpnProtocol === 'h2' ? '2' : '1.1';
    const { span } = attempt;
    if (span?.isRecording() !== true) return;
    const attributes = attributesOf(span);
    if (socket?.remoteAddress !== undefined) attributes['network.peer.address'] = socket.remoteAddress;
    if (socket?.remotePort !== undefined) attributes['network.peer.port'] = socket.remotePort;
    attributes['network.protocol.version'] = attempt.protocol;
    handIn(span, attributes);
    if (!this.#hasOptions) return;
    for (const { instrumentation } of this.#held) {
      for (const name of instrumentation.userConfig.headersToSpanAttributes?.requestHeaders ?? []) {
        const value = requestHeader(request, name.toLowerCase());
        if (value !== undefined) span.setAttribute(`http.request.header.${name.toLowerCase()}`, [value]);
      }
    }
  }

  /** The response headers were read: the user's `responseHook` and captured response headers. */
  answered(attempt: Attempt, request: UndiciRequest, response: UndiciResponseMessage['response']): void {
    const { span } = attempt;
    if (span === undefined || !this.#hasOptions) return;
    for (const { instrumentation } of this.#held) {
      const { responseHook, headersToSpanAttributes } = instrumentation.userConfig;
      if (responseHook !== undefined)
        guarded('hook', () => responseHook(span, { request, response }), undefined);
      for (const name of headersToSpanAttributes?.responseHeaders ?? [])
        captureResponseHeader(span, response, name);
    }
  }

  /** The attempt is over: its duration on the stock instrumentation's behalf. */
  over(attempt: Attempt): void {
    if (!this.#recordDuration || attempt.declined || attempt.foreignSpanId !== undefined) return;
    for (const { duration } of this.#held)
      duration.record(attempt, attempt.protocol, stockErrorType(attempt));
  }
}

function captureResponseHeader(
  span: Span,
  { headers }: UndiciResponseMessage['response'],
  name: string,
): void {
  const wanted = name.toLowerCase();
  const values: string[] = [];
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (String(headers[i]).toLowerCase() === wanted) values.push(String(headers[i + 1]));
  }
  if (values.length > 0) span.setAttribute(`http.response.header.${wanted}`, values);
}
