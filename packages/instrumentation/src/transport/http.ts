import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { CORRELATION_HEADER, guardListener, setAccountHashSecret } from '@nylas-otel/telemetry';
import { context, propagation, trace } from '@opentelemetry/api';
import type { ResolvedConfig } from '../config.ts';
import { isOfAnotherTrace, propagationFields, spanIdOf } from '../ownership/foreign-trace.ts';
import type { HeldHttp } from '../ownership/held-http.ts';
import type { Ownership } from '../ownership/ownership.ts';
import { httpRequestIsWrapped } from '../ownership/wrapped-http.ts';
import type { Attempt } from '../requests/attempt.ts';
import { startAttemptSpan } from '../requests/attempt-span.ts';
import type { RequestRecorder } from '../requests/request-recorder.ts';
import { routeOf, type Target, type Targets } from '../requests/targets.ts';
import { mayWarnOfUnpatched, warnIfUnpatched } from '../sdk/unpatched-warning.ts';
import { readHeaderObject } from './response-headers.ts';

const ATTEMPT = Symbol('nylas-otel.attempt');
type Tracked = ClientRequest & { [ATTEMPT]?: Attempt | null };

/** Follows Nylas requests through node:http's diagnostics channels: axios, got, node-fetch (SDK 6, SDK 7 as ESM). */
export class HttpTransport {
  readonly #config: ResolvedConfig;
  readonly #targets: Targets;
  readonly #recorder: RequestRecorder;
  readonly #ownership: Ownership;
  readonly #held: HeldHttp;
  #stop: Array<() => void> = [];

  constructor(
    config: ResolvedConfig,
    targets: Targets,
    recorder: RequestRecorder,
    ownership: Ownership,
    held: HeldHttp,
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
    // `created` exists from Node 22.12; before, `start` (at `end()`) is the first sign of a request.
    this.#listen('http.client.request.created', ({ request }) => this.#created(request, true));
    this.#listen('http.client.request.start', ({ request }) => this.#created(request, false));
    this.#listen('http.client.response.finish', ({ request, response }) => this.#answered(request, response));
    this.#listen('http.client.request.error', ({ request, error }) => this.#failed(request, error));
  }

  /** Unsubscribes; requests under way end unrecorded. */
  stop(): void {
    for (const stop of this.#stop) stop();
    this.#stop = [];
  }

  #listen(
    channel: string,
    listener: (message: { request: Tracked; response: IncomingMessage; error: unknown }) => void,
  ): void {
    const guardedListener = guardListener('transport', listener) as (message: unknown) => void;
    subscribe(channel, guardedListener);
    this.#stop.push(() => unsubscribe(channel, guardedListener));
  }

  #created(request: Tracked, mutable: boolean): Attempt | undefined {
    const known = request[ATTEMPT];
    if (known !== undefined) return known ?? undefined;
    const target = this.#targetOf(request);
    // null: looked at and foreign, so that later events cost nothing.
    if (target === undefined) {
      request[ATTEMPT] = null;
      return undefined;
    }
    if (mutable && request.hasHeader(CORRELATION_HEADER)) request.removeHeader(CORRELATION_HEADER);
    const attempt = this.#recorder.begin({
      target,
      route: routeOf(target, request.method, request.path),
      path: request.path,
      context: context.active(),
      operationId: undefined,
    });
    request[ATTEMPT] = attempt;
    attempt.sent = true;
    if (attempt.operation === undefined && mayWarnOfUnpatched()) {
      warnIfUnpatched(String(request.getHeader('user-agent')));
    }
    if (attempt.account !== undefined && !attempt.accountIsOpaque) learnHashSecret(request);
    const foreign = this.#foreignSpan(attempt, request);
    this.#ownership.seen('http', foreign !== undefined);
    attempt.foreignSpanId = foreign;
    if (foreign === undefined && this.#ownership.ours('http') !== 'no')
      this.#startSpan(attempt, request, mutable);
    return attempt;
  }

  #startSpan(attempt: Attempt, request: ClientRequest, mutable: boolean): void {
    if (this.#held.declines(attempt)) return;
    const hookAttributes = this.#held.startAttributes();
    const span = startAttemptSpan(attempt, this.#config.captureAccountId, hookAttributes, false);
    this.#held.started(span, request);
    if (this.#config.propagateTraceContext && mutable && !request.headersSent) {
      propagation.inject(trace.setSpan(attempt.context, span), request, {
        set: (carrier, name, value) => carrier.setHeader(name, value),
      });
    }
  }

  #answered(request: Tracked, response: IncomingMessage): void {
    // A request whose `end()` comes after the answer is first seen here on Node 20.
    const attempt = request[ATTEMPT] === undefined ? this.#created(request, false) : request[ATTEMPT];
    if (attempt === undefined || attempt === null || attempt.state !== 'open') return;
    attempt.status = response.statusCode ?? 0;
    readHeaderObject(attempt, response.headers);
    this.#held.answered(attempt, request, response);
    this.#recorder.responded(attempt);
    this.#ownership.enrich(attempt);
    this.#held.over(attempt);
  }

  #failed(request: Tracked, error: unknown): void {
    const attempt = request[ATTEMPT] === undefined ? this.#created(request, false) : request[ATTEMPT];
    if (attempt === undefined || attempt === null || attempt.state !== 'open') return;
    this.#recorder.failed(attempt, request.aborted ? new DOMException('aborted', 'AbortError') : error);
    this.#ownership.enrich(attempt);
    this.#held.over(attempt);
  }

  #targetOf(request: ClientRequest): Target | undefined {
    const host = request.getHeader('host');
    return this.#targets.atHost(request.protocol, typeof host === 'string' ? host : request.host);
  }

  // The instrumentation's wrapper injected before the request existed; its span is the active one here.
  #foreignSpan(attempt: Attempt, request: ClientRequest): string | undefined {
    for (const field of propagationFields(attempt.startedAt)) {
      const value = request.getHeader(field);
      if (typeof value !== 'string' || isOfAnotherTrace(value, attempt.context)) continue;
      const active = trace.getSpanContext(context.active())?.spanId;
      const operation = attempt.operation?.span.spanContext().spanId;
      const spanId = spanIdOf(value) ?? 'unknown';
      // Injected by the caller for a span that is not an HTTP client span: no instrumentation at work.
      if (spanId === operation || (spanId === active && !httpRequestIsWrapped())) continue;
      return spanId;
    }
    return undefined;
  }
}

function learnHashSecret(request: ClientRequest): void {
  const authorization = request.getHeader('authorization');
  if (typeof authorization === 'string' && authorization.startsWith('Bearer ')) {
    setAccountHashSecret(authorization.slice(7));
  }
}
