import type { VirtualTime } from '../bench/world/virtual-time.ts';

/** A request as the scripted server got it. */
export interface Arrived {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: string | undefined;
  /** Unix milliseconds of the virtual time. */
  readonly at: number;
  /** 1 for the first request of the script. */
  readonly number: number;
}

/** What the script answers; `error` for no answer. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly error?: Error;
  /** Milliseconds until headers; default 10. */
  readonly afterMs?: number;
}

/** A fetch that answers by a script, in virtual time. */
export class ScriptedNylas {
  readonly arrived: Arrived[] = [];
  /** Arguments of each call, as they came. */
  readonly calls: [unknown, RequestInit | undefined][] = [];
  readonly #time: VirtualTime;
  readonly #script: (request: Arrived) => Answer;

  constructor(time: VirtualTime, script: (request: Arrived) => Answer) {
    this.#time = time;
    this.#script = script;
  }

  readonly fetch = (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    this.calls.push([input, init]);
    const request = input instanceof Request ? input : undefined;
    const url = new URL(request?.url ?? String(input));
    const signal = init?.signal ?? request?.signal;
    return this.#answer(
      {
        method: (init?.method ?? request?.method ?? 'GET').toUpperCase(),
        path: url.pathname,
        headers: new Headers(init?.headers ?? request?.headers),
        body: typeof init?.body === 'string' ? init.body : undefined,
        at: this.#time.now(),
        number: this.arrived.length + 1,
      },
      signal,
      request,
    );
  };

  async #answer(
    arrived: Arrived,
    signal: AbortSignal | null | undefined,
    request: Request | undefined,
  ): Promise<Response> {
    this.arrived.push(arrived);
    signal?.throwIfAborted();
    const answer = this.#script(arrived);
    // A request can be read once, as on the wire.
    if (request?.body !== undefined && request.body !== null) await request.text();
    await new Promise<void>((resolve, reject) => {
      const timer = this.#time.setTimeout(resolve, answer.afterMs ?? 10);
      signal?.addEventListener('abort', () => {
        this.#time.clearTimeout(timer);
        reject(signal.reason);
      });
    });
    if (answer.error !== undefined) throw answer.error;
    const body =
      answer.body === undefined
        ? null
        : typeof answer.body === 'string'
          ? answer.body
          : JSON.stringify(answer.body);
    return new Response(body, { status: answer.status ?? 200, headers: answer.headers ?? {} });
  }
}

/** What fetch throws when the connection breaks. */
export function reset(): Error {
  return new TypeError('fetch failed', {
    cause: Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' }),
  });
}

/** A limit of the mail provider. */
export function limited(retryAfter?: string | number): Answer {
  return {
    status: 429,
    headers: retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
    body: {
      request_id: 'r',
      error: { type: 'rate_limit_error', message: 'slow down', provider_error: { code: 'x' } },
    },
  };
}

export const MESSAGES = 'https://api.us.nylas.com/v3/grants/g-1/messages';
export const SEND = 'https://api.us.nylas.com/v3/grants/g-1/messages/send';
