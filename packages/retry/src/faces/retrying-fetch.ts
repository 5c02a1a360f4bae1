import type { Route } from '@nylas-otel/nylas-api';
import { insideAttempt } from '../engine/attempt-scope.ts';
import type { Attempted, AttemptOptions, Call } from '../engine/call.ts';
import { isIdempotentSend } from '../engine/call.ts';
import { bothSignals } from '../engine/retry-limits.ts';
import { runCall } from '../engine/run-call.ts';
import { refuse } from '../option-checks.ts';
import { type RetryOptions, resolveOptions, type Settings } from '../options.ts';
import { judgeAnswer, judgeFailure } from '../policy/verdict.ts';
import { bodyMatters, discardBody, type ReadableResponse, readErrorText } from './error-text.ts';
import { isForm, isReplayable } from './replayable-body.ts';
import { type RequestTarget, requestTarget } from './request-target.ts';

/** The name of the header, as Nylas documents it. */
export const IDEMPOTENCY_KEY = 'Idempotency-Key';

/** What is read of a `Request`: that of Node, undici or node-fetch. */
interface RequestLike {
  readonly url: string;
  readonly method: string;
  readonly headers: { get(name: string): string | null };
  readonly body?: unknown;
  readonly signal?: AbortSignal | null;
  clone(): unknown;
}

interface InitLike {
  readonly method?: string;
  readonly headers?: ConstructorParameters<typeof Headers>[0];
  readonly body?: unknown;
  readonly signal?: AbortSignal | null;
}

type AnyFetch = (input: unknown, init?: unknown) => Promise<ReadableResponse>;

/**
 * A fetch that retries requests to Nylas; every other request goes through untouched. It gives what the last attempt
 * gave: its `Response`, whatever the status, or the error that `fetch` threw. `retryReport(responseOrError)` says what
 * was tried.
 *
 * A `Request` with a body is copied for each attempt, so its body stays in memory until the call ends; a body given as a
 * stream in `init` is sent once.
 *
 * @param fetch the global `fetch`, undici's, or anything that behaves like them
 * @throws {NylasRetryOptionsError} naming the option, the type of its value and the fix
 */
export function retryingFetch<F extends (...args: never[]) => Promise<unknown>>(
  fetch: F,
  options?: RetryOptions,
): F {
  if (typeof fetch !== 'function') refuse('fetch', fetch, 'a function: retryingFetch(fetch, options)');
  const settings = resolveOptions(options);
  const send = fetch as unknown as AnyFetch;
  const retrying: AnyFetch = (input, init) => {
    const request = isRequest(input) ? input : undefined;
    const call = insideAttempt() ? undefined : describe(send, settings, input, request, init as InitLike);
    return call === undefined ? send(input, init) : runCall(call.call, settings, call.target.host);
  };
  return retrying as unknown as F;
}

function describe(
  fetch: AnyFetch,
  settings: Settings,
  input: unknown,
  request: RequestLike | undefined,
  init: InitLike | undefined,
): { call: Call<ReadableResponse>; target: RequestTarget } | undefined {
  const url = toUrl(request?.url ?? input);
  if (url === undefined) return undefined;
  const method = (init?.method ?? request?.method ?? 'GET').toUpperCase();
  const target = requestTarget(url, method, settings.hosts, () => headerOf(request, init, 'authorization'));
  if (target === undefined) return undefined;
  const { route } = target;
  const replayable = init?.body === undefined || init.body === null || isReplayable(init.body);
  const form = encodedForm(route, replayable ? init?.body : undefined);
  const call: Call<ReadableResponse> = {
    route,
    account: target.account,
    application: target.application,
    signal: bothSignals(
      init?.signal ?? undefined,
      init?.signal === undefined ? (request?.signal ?? undefined) : undefined,
    ),
    givenKey: isIdempotentSend(route) ? headerOf(request, init, IDEMPOTENCY_KEY) : undefined,
    replayable: replayable && form !== 'foreign',
    attempt: async (options) =>
      attempt(
        fetch,
        settings,
        target,
        input,
        request,
        typeof form === 'function' ? { ...init, ...(await form(init)) } : init,
        options,
      ),
  };
  return { call, target };
}

async function attempt(
  fetch: AnyFetch,
  settings: Settings,
  { route }: RequestTarget,
  input: unknown,
  request: RequestLike | undefined,
  init: InitLike | undefined,
  options: AttemptOptions,
): Promise<Attempted<ReadableResponse>> {
  const { clock } = settings.state;
  let response: ReadableResponse;
  try {
    // A request's body can be read once: each attempt gets a copy, where there may be more than one.
    const copy = request?.body !== undefined && request.body !== null && mayResend(route, settings);
    const sent = copy ? request.clone() : input;
    response = await fetch(sent, initFor(request, init, options));
  } catch (error) {
    return {
      verdict: judgeFailure(error),
      subject: error,
      finish: () => {
        throw error;
      },
      discard: () => undefined,
    };
  }
  const body = bodyMatters(response.status) ? await readErrorText(response, clock) : undefined;
  const facts = {
    version: route.version,
    route,
    status: response.status,
    header: (name: string) => response.headers.get(name) ?? undefined,
    ...(body === undefined ? {} : { body }),
  };
  return {
    verdict: judgeAnswer(facts, clock.now()),
    subject: response,
    finish: () => response,
    discard: () => discardBody(response),
  };
}

/**
 * Encodes a form that is sent with an `Idempotency-Key`, once: each encoding has another boundary, and Nylas refuses a
 * key that comes back with another payload. `foreign` for a form of another library, which only that can encode.
 */
function encodedForm(
  route: Route,
  body: unknown,
): ((init: InitLike | undefined) => Promise<InitLike>) | 'foreign' | undefined {
  if (!isForm(body) || !isIdempotentSend(route)) return undefined;
  if (!(body instanceof FormData)) return 'foreign';
  let encoded: Promise<{ body: ArrayBuffer; type: string }> | undefined;
  return async (init) => {
    encoded ??= encode(body);
    const { body: bytes, type } = await encoded;
    const headers = new Headers(init?.headers);
    headers.set('content-type', type);
    return { body: bytes, headers };
  };
}

async function encode(form: FormData): Promise<{ body: ArrayBuffer; type: string }> {
  const response = new Response(form);
  return { body: await response.arrayBuffer(), type: response.headers.get('content-type') ?? '' };
}

function mayResend(route: Route, settings: Settings): boolean {
  return (
    settings.methods.has(route.method) ||
    (settings.sends && isIdempotentSend(route)) ||
    settings.resend !== undefined
  );
}

function initFor(
  request: RequestLike | undefined,
  init: InitLike | undefined,
  { idempotencyKey, signal }: AttemptOptions,
): InitLike | undefined {
  if (idempotencyKey === undefined && signal === undefined) return init;
  const changed: { headers?: Headers; signal?: AbortSignal } = {};
  if (idempotencyKey !== undefined) {
    changed.headers = new Headers(init?.headers ?? (request?.headers as Headers | undefined));
    changed.headers.set(IDEMPOTENCY_KEY, idempotencyKey);
  }
  // Ours ends with the headers; the caller's must still end the body.
  const callers = init?.signal === undefined ? request?.signal : init.signal;
  const both = bothSignals(callers ?? undefined, signal);
  if (both !== undefined) changed.signal = both;
  return { ...init, ...changed };
}

function isRequest(input: unknown): input is RequestLike {
  return (
    typeof input === 'object' &&
    input !== null &&
    !(input instanceof URL) &&
    typeof (input as { clone?: unknown }).clone === 'function' &&
    typeof (input as { url?: unknown }).url === 'string'
  );
}

function toUrl(input: unknown): URL | undefined {
  if (input instanceof URL) return input;
  return typeof input === 'string' && URL.canParse(input) ? new URL(input) : undefined;
}

function headerOf(
  request: RequestLike | undefined,
  init: InitLike | undefined,
  name: string,
): string | undefined {
  if (init?.headers !== undefined) return new Headers(init.headers).get(name) ?? undefined;
  return request?.headers.get(name) ?? undefined;
}
