import { type ApiVersion, classifyFailure, classifyResponse, type Outcome } from '@nylas-otel/nylas-api';

/** Why a request gave nothing that can be used. */
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

/** The pages of a list come again and again: reading on would never end. */
export const REPEATED_PAGES: Failure = {
  outcome: 'server_error',
  status: 200,
  errorType: '_OTHER',
  requestId: undefined,
  flowId: undefined,
  retryAfterSeconds: undefined,
  unreadable: true,
};

/** What came of a request. */
export type Reply<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: Failure };

/** How requests of a client of ours are made. */
export interface RequestOptions {
  readonly version: ApiVersion;
  readonly timeoutMs: number;
  /** Default: the `fetch` that is global when a request is made. */
  readonly fetch: typeof fetch | undefined;
  /** Ends all requests. */
  readonly closing: AbortSignal;
}

/** One request. */
export interface NylasRequest {
  readonly url: string;
  /** Value of the `Authorization` header. */
  readonly authorization?: string;
  /** Default `GET`. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Sent as JSON. */
  readonly json?: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default `manual`: Nylas redirects nobody, and credentials must not go astray. */
  readonly redirect?: 'manual' | 'follow';
}

// A page of 200 grants with their scopes is well under 1 MiB.
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * Asks Nylas over fetch, with a time limit that includes the body and a limit on its size. Never throws and never rejects,
 * whatever is answered.
 *
 * @param parse reads the body of a 2xx answer; undefined when it is not what the API answers
 */
export async function requestNylas<T>(
  request: NylasRequest,
  options: RequestOptions,
  parse: (body: unknown, header: (name: string) => string | undefined) => T | undefined,
): Promise<Reply<T>> {
  const answer = await exchange(request, options);
  if ('failure' in answer) return { ok: false, failure: answer.failure };
  const { response, body } = answer;
  const { status } = response;
  const header = (name: string): string | undefined => response.headers.get(name) ?? undefined;
  const facts = { version: options.version, status, header, body };
  const { outcome, errorType, requestId, retryAfterSeconds } = classifyResponse(facts);
  const flowId = token(response.headers.get('x-fastly-id'));
  if (status >= 200 && status < 300) {
    const value = parse(body, header);
    if (value !== undefined) return { ok: true, value };
    return { ok: false, failure: { ...UNREADABLE, status, requestId, flowId } };
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

async function exchange(
  { url, authorization, method, json, headers, redirect = 'manual' }: NylasRequest,
  { timeoutMs, closing, fetch: given }: RequestOptions,
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
        ...(method === undefined ? {} : { method }),
        headers: {
          accept: 'application/json',
          ...(authorization === undefined ? {} : { authorization }),
          ...(json === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
        redirect,
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
