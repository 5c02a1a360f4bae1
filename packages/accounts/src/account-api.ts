import { classifyFailure, classifyResponse, type Outcome, type ResponseFacts } from '@nylas-otel/nylas-api';
import type { AccountPage, AccountReading, PageRequest, Profile } from './profile.ts';

/** Why a request gave no accounts. */
export interface Failure {
  readonly outcome: Outcome;
  /** 0 when there was no response. */
  readonly status: number;
  readonly errorType: string | undefined;
  readonly requestId: string | undefined;
  readonly flowId: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  /** True when the status was fine but the body is not what the API answers. */
  readonly unreadable: boolean;
}

/** What came of a request. */
export type Reply<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: Failure };

/** Reads accounts from Nylas. Never throws and never rejects, whatever Nylas answers. */
export interface AccountApi {
  list(page: PageRequest, invalidOnly: boolean): Promise<Reply<AccountPage>>;
  find(id: string): Promise<Reply<AccountReading>>;
}

/** What {@link accountApi} needs. */
export interface AccountApiOptions {
  readonly profile: Profile;
  /** Origin and path prefix, without a slash at the end. */
  readonly base: string;
  /** Value of the `Authorization` header. */
  readonly authorization: string;
  readonly timeoutMs: number;
  /** Default: the `fetch` that is global when a request is made. */
  readonly fetch: typeof fetch | undefined;
  /** Ends all requests. */
  readonly closing: AbortSignal;
}

// A page of 200 grants with their scopes is well under 1 MiB.
const MOST_BYTES = 16 * 1024 * 1024;

/** The API over fetch, one request at a time, with a time limit that includes the body. */
export function accountApi(options: AccountApiOptions): AccountApi {
  const { profile, base } = options;
  const read = async <T>(path: string, parse: (body: unknown) => T | undefined): Promise<Reply<T>> => {
    const answer = await get(base + path, options);
    if ('failure' in answer) return { ok: false, failure: answer.failure };
    const { response, body } = answer;
    const { status } = response;
    const facts: ResponseFacts = {
      version: profile.version,
      status,
      header: (name) => response.headers.get(name) ?? undefined,
      body,
    };
    const { outcome, errorType, requestId, retryAfterSeconds } = classifyResponse(facts);
    const flowId = token(response.headers.get('x-fastly-id'));
    if (status >= 200 && status < 300) {
      const value = parse(body);
      if (value !== undefined) return { ok: true, value };
      return {
        ok: false,
        failure: { ...UNREADABLE, status, requestId, flowId },
      };
    }
    return {
      ok: false,
      failure: {
        // A redirect or an informational status is no answer of this API.
        outcome: outcome === 'success' ? 'client_error' : outcome,
        status,
        errorType,
        requestId,
        flowId,
        retryAfterSeconds,
        unreadable: false,
      },
    };
  };
  return {
    list: (page, invalidOnly) => read(profile.listPath(page, invalidOnly), (body) => profile.readPage(body)),
    find: (id) => read(profile.accountPath(id), (body) => profile.readAccount(body)),
  };
}

const UNREADABLE: Failure = {
  outcome: 'server_error',
  status: 0,
  errorType: '_OTHER',
  requestId: undefined,
  flowId: undefined,
  retryAfterSeconds: undefined,
  unreadable: true,
};

async function get(
  url: string,
  { authorization, timeoutMs, closing, fetch: given }: AccountApiOptions,
): Promise<{ response: Response; body: unknown } | { failure: Failure }> {
  const abort = new AbortController();
  const onClosing = (): void => abort.abort(closing.reason);
  const timer = setTimeout(
    () => abort.abort(new DOMException('Nylas did not answer in time', 'TimeoutError')),
    timeoutMs,
  );
  timer.unref();
  closing.addEventListener('abort', onClosing);
  if (closing.aborted) onClosing();
  try {
    const work = (async () => {
      const response = await (given ?? fetch)(url, {
        headers: { accept: 'application/json', authorization },
        redirect: 'manual',
        signal: abort.signal,
      });
      return { response, body: parseJson(await readText(response)) };
    })();
    // A given fetch may pay no heed to the signal.
    work.catch(() => {});
    return await Promise.race([work, aborted(abort.signal)]);
  } catch (error) {
    return { failure: failureOf(error, closing.aborted) };
  } finally {
    clearTimeout(timer);
    closing.removeEventListener('abort', onClosing);
    // Ends a body that was left unread.
    abort.abort();
  }
}

function failureOf(error: unknown, closed: boolean): Failure {
  if (closed) return { ...UNREADABLE, outcome: 'cancelled', errorType: undefined, unreadable: false };
  if (error instanceof OversizedBody) return UNREADABLE;
  const { outcome, errorType } = classifyFailure(error);
  // Nobody but us can cancel: a given fetch that says so has failed.
  const failed = outcome === 'cancelled' ? 'network_error' : outcome;
  return { ...UNREADABLE, outcome: failed, errorType: errorType ?? '_OTHER', unreadable: false };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

class OversizedBody extends Error {}

async function readText(response: Response): Promise<string> {
  // A `fetch` given for tests may answer without a stream.
  if (response.body === null || response.body === undefined) return await response.text();
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  let bytes = 0;
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.byteLength;
    if (bytes > MOST_BYTES) throw new OversizedBody();
    text += decoder.decode(value, { stream: true });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

const TOKEN = /^[\w.:-]{1,128}$/;

function token(value: string | null): string | undefined {
  return value !== null && TOKEN.test(value) ? value : undefined;
}
