import type { Route } from '@nylas-otel/nylas-api';
import { matchRoute } from '@nylas-otel/nylas-api';
import { insideAttempt } from '../engine/attempt-scope.ts';
import { type Attempted, type AttemptOptions, type Call, isIdempotentSend } from '../engine/call.ts';
import { runCall } from '../engine/run-call.ts';
import { isForm, isReplayable } from '../faces/replayable-body.ts';
import { identity, type RequestTarget, requestTarget } from '../faces/request-target.ts';
import { IDEMPOTENCY_KEY } from '../faces/retrying-fetch.ts';
import { type RetryOptions, resolveOptions, type Settings } from '../options.ts';
import { judgeAnswer, judgeFailure } from '../policy/verdict.ts';
import type { AttemptEnd, RequestLink } from './attempt-listener.ts';
import { LegacyAttempt } from './legacy-attempt.ts';
import { ModernAttempt, StableController } from './modern-attempt.ts';
import {
  type Dispatch,
  type DispatchOptions,
  isModern,
  requestHeader,
  withRequestHeader,
} from './undici-types.ts';

/** An interceptor for `dispatcher.compose()` of undici 6, 7 and 8. */
export type NylasRetryInterceptor = <D extends (options: never, handler: never) => boolean>(dispatch: D) => D;

/**
 * An interceptor that retries requests to Nylas; every other request goes through untouched. A dispatcher that is bound
 * to one origin (`Client`, `Pool`) is taken to be Nylas's when undici does not say its origin.
 *
 * Bodies that are streams are sent once, and so are all bodies of a `fetch` over this dispatcher: fetch gives them on as
 * streams. Use `retryingFetch` there.
 *
 * @throws {NylasRetryOptionsError} naming the option, the type of its value and the fix
 */
export function nylasRetry(options?: RetryOptions): NylasRetryInterceptor {
  const settings = resolveOptions(options);
  const intercept =
    (dispatch: Dispatch): Dispatch =>
    (request, handler) => {
      if (insideAttempt() || request.upgrade || request.method === 'CONNECT')
        return dispatch(request, handler);
      const target = targetOf(request, settings);
      if (target === undefined) return dispatch(request, handler);
      new Exchange(dispatch, request, handler, target, settings).start();
      return true;
    };
  return intercept as unknown as NylasRetryInterceptor;
}

function targetOf(request: DispatchOptions, settings: Settings): RequestTarget | undefined {
  const { origin, path, method } = request;
  const authorization = (): string | undefined => requestHeader(request.headers, 'authorization');
  if (origin === undefined) {
    const route = matchRoute(path.startsWith('/v3/') ? 'v3' : 'v2', method, path);
    return { route, host: '', ...identity(route, path, authorization()) };
  }
  const base = typeof origin === 'string' ? origin : origin.origin;
  if (!URL.canParse(path, base)) return undefined;
  return requestTarget(new URL(path, base), method, settings.hosts, authorization);
}

/** One request over undici with all its attempts. */
class Exchange implements RequestLink<object> {
  readonly downstream: object;
  readonly clock: Settings['state']['clock'];
  firstStart = true;
  readonly #dispatch: Dispatch;
  readonly #request: DispatchOptions;
  readonly #route: Route;
  readonly #target: RequestTarget;
  readonly #settings: Settings;
  readonly #callers = new AbortController();
  readonly #stable: StableController = new StableController((reason) => this.abort(reason));
  #attempt: { abort(reason: unknown): void } | undefined;

  constructor(
    dispatch: Dispatch,
    request: DispatchOptions,
    handler: object,
    target: RequestTarget,
    settings: Settings,
  ) {
    this.#dispatch = dispatch;
    this.#request = request;
    this.#target = target;
    this.#route = target.route;
    this.#settings = settings;
    this.downstream = handler;
    this.clock = settings.state.clock;
  }

  start(): void {
    const { host, account, application } = this.#target;
    const given = isIdempotentSend(this.#route)
      ? requestHeader(this.#request.headers, IDEMPOTENCY_KEY.toLowerCase())
      : undefined;
    const call: Call<void> = {
      route: this.#route,
      account,
      application,
      signal: this.#callers.signal,
      givenKey: given,
      // undici encodes a form anew each time, with another boundary: another payload under the same key.
      replayable:
        isReplayable(this.#request.body) && !(isIdempotentSend(this.#route) && isForm(this.#request.body)),
      attempt: (options) => this.#makeAttempt(options),
    };
    runCall(call, this.#settings, host === '' ? undefined : host).then(undefined, (error: unknown) =>
      this.#fail(error),
    );
  }

  abort(reason: unknown): void {
    this.#attempt?.abort(reason);
    this.#callers.abort(reason ?? new DOMException('The request was aborted.', 'AbortError'));
  }

  async #makeAttempt({ idempotencyKey, signal }: AttemptOptions): Promise<Attempted<void>> {
    const request =
      idempotencyKey === undefined
        ? this.#request
        : {
            ...this.#request,
            headers: withRequestHeader(this.#request.headers, IDEMPOTENCY_KEY, idempotencyKey),
          };
    const end = await new Promise<AttemptEnd>((resolve) => {
      const handler = isModern(this.downstream)
        ? new ModernAttempt(this as RequestLink<typeof this.downstream>, this.#stable, resolve)
        : new LegacyAttempt(this, resolve);
      this.#attempt = handler;
      signal?.addEventListener('abort', () => handler.abort(signal.reason), { once: true });
      try {
        this.#dispatch(request, handler);
      } catch (error) {
        resolve({ kind: 'failure', error });
      }
    });
    return this.#judge(end);
  }

  #judge(end: AttemptEnd): Attempted<void> {
    if (end.kind === 'failure') {
      return {
        verdict: judgeFailure(end.error),
        subject: end.error,
        finish: () => {
          throw end.error;
        },
        discard: () => undefined,
      };
    }
    const { version } = this.#route;
    const facts = {
      version,
      route: this.#route,
      status: end.status,
      header: end.header,
      ...(end.text === undefined ? {} : { body: end.text }),
    };
    return {
      verdict: judgeAnswer(facts, this.clock.now()),
      subject: undefined,
      finish: () => end.release(),
      discard: () => end.discard(),
    };
  }

  #fail(error: unknown): void {
    const { downstream } = this;
    if (isModern(downstream)) downstream.onResponseError?.(this.#stable, error);
    else (downstream as { onError?(error: unknown): void }).onError?.(error);
  }
}
