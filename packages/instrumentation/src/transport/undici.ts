import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import {
  announceStripper,
  CORRELATION_HEADER,
  guardListener,
  setAccountHashSecret,
} from '@nylas-otel/telemetry';
import { context, propagation, trace } from '@opentelemetry/api';
import type { ResolvedConfig } from '../config.ts';
import { isOfAnotherTrace, propagationFields, spanIdOf } from '../ownership/foreign-trace.ts';
import type { HeldUndici } from '../ownership/held-undici.ts';
import { type ForeignSpan, openSpans } from '../ownership/open-spans.ts';
import type { Ownership } from '../ownership/ownership.ts';
import type { Attempt } from '../requests/attempt.ts';
import { startAttemptSpan } from '../requests/attempt-span.ts';
import type { RequestRecorder } from '../requests/request-recorder.ts';
import { routeOf, type Targets } from '../requests/targets.ts';
import { mayWarnOfUnpatched, warnIfUnpatched } from '../sdk/unpatched-warning.ts';
import { readResponseHeaders } from './response-headers.ts';
import {
  requestHeader,
  takeRequestHeader,
  type UndiciErrorMessage,
  type UndiciRequest,
  type UndiciRequestMessage,
  type UndiciResponseMessage,
  type UndiciSendMessage,
} from './undici-messages.ts';

// A property costs less than a WeakMap entry, and goes with the request.
const ATTEMPT = Symbol('nylas-otel.attempt');
type Tracked = UndiciRequest & { [ATTEMPT]?: Attempt };

/** Follows Nylas requests through undici's diagnostics channels: Node's own fetch and npm undici alike. */
export class UndiciTransport {
  readonly #config: ResolvedConfig;
  readonly #targets: Targets;
  readonly #recorder: RequestRecorder;
  readonly #ownership: Ownership;
  readonly #held: HeldUndici;
  #stop: Array<() => void> = [];

  constructor(
    config: ResolvedConfig,
    targets: Targets,
    recorder: RequestRecorder,
    ownership: Ownership,
    held: HeldUndici,
  ) {
    this.#config = config;
    this.#targets = targets;
    this.#recorder = recorder;
    this.#ownership = ownership;
    this.#held = held;
  }

  /** Subscribes. */
  start(): void {
    if (this.#stop.length > 0) return;
    this.#listen('undici:request:create', (message) => this.#created(message as UndiciRequestMessage));
    this.#listen('undici:client:sendHeaders', (message) => this.#sending(message as UndiciSendMessage));
    this.#listen('undici:request:headers', (message) => this.#answered(message as UndiciResponseMessage));
    this.#listen('undici:request:error', (message) => this.#failed(message as UndiciErrorMessage));
    this.#stop.push(announceStripper());
  }

  /** Unsubscribes; requests under way end unrecorded. */
  stop(): void {
    for (const stop of this.#stop) stop();
    this.#stop = [];
  }

  #listen(channel: string, listener: (message: unknown) => void): void {
    const guardedListener = guardListener('transport', listener);
    subscribe(channel, guardedListener);
    this.#stop.push(() => unsubscribe(channel, guardedListener));
  }

  #created({ request }: { readonly request: Tracked }): void {
    const target = this.#targets.find(request.origin);
    if (target === undefined) return;
    const operationId = takeRequestHeader(request, CORRELATION_HEADER);
    if (request.method === 'CONNECT') return;
    const { method, path } = request;
    const looks = openSpans.size > 0 && !this.#ownership.alwaysOurs;
    const open = looks ? this.#openSpanOf(request) : undefined;
    const attempt = this.#recorder.begin({
      target,
      // Its span's processor has found the route of the very same request.
      route: open?.target === path && open.method === method ? open.route : routeOf(target, method, path),
      path,
      context: context.active(),
      operationId,
    });
    request[ATTEMPT] = attempt;
    if (open !== undefined && open.id !== attempt.parentSpanId) {
      attempt.foreign = open;
      attempt.foreignSpanId = open.id;
    }
    if (attempt.operation === undefined && mayWarnOfUnpatched()) {
      warnIfUnpatched(requestHeader(request, 'user-agent'));
    }
    if (attempt.account !== undefined && !attempt.accountIsOpaque) this.#learnHashSecret(request);
    if (attempt.foreignSpanId === undefined && this.#ownership.ours('undici') === 'now') {
      this.#startSpan(attempt, request, false);
    }
  }

  #sending({
    request,
    socket,
  }: {
    readonly request: Tracked;
    readonly socket: UndiciSendMessage['socket'];
  }): void {
    const attempt = request[ATTEMPT];
    if (attempt === undefined) return;
    attempt.sent = true;
    const foreign = attempt.foreignSpanId ?? this.#foreignSpan(attempt, request);
    this.#ownership.seen('undici', foreign !== undefined);
    if (foreign !== undefined) attempt.foreignSpanId = foreign;
    else if (attempt.span === undefined && this.#ownership.ours('undici') !== 'no')
      this.#startSpan(attempt, request, true);
    this.#held.sending(attempt, request, socket);
  }

  #answered({ request, response }: UndiciResponseMessage & { readonly request: Tracked }): void {
    if (response.statusCode < 200) return;
    const attempt = request[ATTEMPT];
    if (attempt === undefined || attempt.state !== 'open') return;
    attempt.status = response.statusCode;
    readResponseHeaders(attempt, response.headers);
    this.#held.answered(attempt, request, response);
    this.#recorder.responded(attempt);
    this.#ownership.enrich(attempt);
    this.#held.over(attempt);
  }

  #failed({ request, error }: UndiciErrorMessage & { readonly request: Tracked }): void {
    const attempt = request[ATTEMPT];
    if (attempt === undefined || attempt.state !== 'open') return;
    // Refused before it was sent: nobody else's span was seen, so it is ours unless another was seen before.
    if (attempt.span === undefined && !attempt.sent && this.#ownership.oursUnsent('undici')) {
      this.#startSpan(attempt, request, true);
    }
    this.#recorder.failed(attempt, error);
    this.#ownership.enrich(attempt);
    this.#held.over(attempt);
  }

  #startSpan(attempt: Attempt, request: UndiciRequest, late: boolean): void {
    if (this.#held.declines(attempt, request)) return;
    const hookAttributes = this.#held.startAttributes(request);
    const span = startAttemptSpan(attempt, this.#config.captureAccountId, hookAttributes, late);
    this.#held.started(span, request);
    if (this.#config.propagateTraceContext && !late) {
      propagation.inject(trace.setSpan(attempt.context, span), request, {
        set: (carrier, name, value) => carrier.addHeader?.(name, value),
      });
    }
  }

  /** The open span that an instrumentation which subscribed before us has injected. */
  #openSpanOf(request: UndiciRequest): ForeignSpan | undefined {
    const traceparent = requestHeader(request, 'traceparent');
    const spanId = traceparent === undefined ? undefined : spanIdOf(traceparent);
    return spanId === undefined ? undefined : openSpans.find(spanId);
  }

  // A trace header that names another span than the caller's was injected by an instrumentation that made this span.
  #foreignSpan(attempt: Attempt, request: UndiciRequest): string | undefined {
    if (this.#config.propagateTraceContext && attempt.span !== undefined) return undefined;
    for (const field of propagationFields(attempt.startedAt)) {
      const value = requestHeader(request, field);
      if (value === undefined || isOfAnotherTrace(value, attempt.context)) continue;
      const spanId = spanIdOf(value) ?? 'unknown';
      if (spanId !== attempt.parentSpanId) return spanId;
    }
    return undefined;
  }

  // Only for addresses, which are shown hashed: replicas share the API key, so their hashes agree.
  #learnHashSecret(request: UndiciRequest): void {
    const authorization = requestHeader(request, 'authorization');
    if (authorization?.startsWith('Bearer ')) setAccountHashSecret(authorization.slice(7));
  }
}
