import type { VirtualTime } from './virtual-time.ts';

/** A request at the simulated server. */
export interface ServerRequest {
  readonly grant: number;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly idempotencyKey: string | undefined;
  /** Identifies the call that caused it, whichever attempt it is. */
  readonly call: string;
}

/** What the server does with it. */
export type ServerReply =
  | {
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
      readonly latencyMs: number;
    }
  | { readonly reset: true; readonly latencyMs: number };

/** A server in virtual time: counts what arrives and answers by its rule. */
export interface SimulatedServer {
  readonly time: VirtualTime;
  handle(request: ServerRequest): ServerReply;
}

/** What a broken connection looks like to a client of fetch. */
function connectionReset(): Error {
  return new TypeError('fetch failed', {
    cause: Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' }),
  });
}

const CALL_HEADER = 'x-call';

/** Reads the request of a URL and its headers. */
function toRequest(url: URL, method: string, header: (name: string) => string | undefined): ServerRequest {
  return {
    grant: Number(/\/grants\/g-(\d+)/.exec(url.pathname)?.[1] ?? -1),
    method: method === 'POST' ? 'POST' : 'GET',
    path: url.pathname,
    idempotencyKey: header('idempotency-key'),
    call: header(CALL_HEADER) ?? '',
  };
}

/** A fetch into the server. */
export function fetchInto(server: SimulatedServer): typeof fetch {
  return (async (input: string | URL, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    const request = toRequest(
      new URL(String(input)),
      init.method ?? 'GET',
      (name) => headers.get(name) ?? undefined,
    );
    const reply = server.handle(request);
    await new Promise<void>((resolve, reject) => {
      const timer = server.time.setTimeout(resolve, reply.latencyMs);
      init.signal?.addEventListener('abort', () => {
        server.time.clearTimeout(timer);
        reject(init.signal?.reason);
      });
    });
    if ('reset' in reply) throw connectionReset();
    return new Response(reply.body, { status: reply.status, headers: reply.headers });
  }) as typeof fetch;
}

interface Handler {
  onRequestStart?(controller: object, context: object): void;
  onResponseStart?(controller: object, status: number, headers: object, message: string): void;
  onResponseData?(controller: object, chunk: Buffer): void;
  onResponseEnd?(controller: object, trailers: object): void;
  onResponseError?(controller: object, error: unknown): void;
}

/** An undici dispatcher into the server (handlers of undici 8). */
export function dispatchInto(server: SimulatedServer): {
  dispatch(
    options: { origin: string; path: string; method: string; headers?: object },
    handler: object,
  ): boolean;
} {
  return {
    dispatch(options, given) {
      const handler = given as Handler;
      const headers = options.headers as Record<string, string> | undefined;
      const request = toRequest(
        new URL(options.path, options.origin),
        options.method,
        (name) => headers?.[name],
      );
      const controller = {
        aborted: false,
        paused: false,
        reason: null,
        rawHeaders: null,
        rawTrailers: null,
        pause: () => undefined,
        resume: () => undefined,
        abort: () => undefined,
      };
      handler.onRequestStart?.(controller, {});
      const reply = server.handle(request);
      server.time.setTimeout(() => {
        if ('reset' in reply) {
          handler.onResponseError?.(
            controller,
            Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' }),
          );
          return;
        }
        try {
          handler.onResponseStart?.(controller, reply.status, { ...reply.headers }, '');
          handler.onResponseData?.(controller, Buffer.from(reply.body));
          handler.onResponseEnd?.(controller, {});
        } catch (error) {
          // What undici's parser does with a handler that throws.
          handler.onResponseError?.(controller, error);
        }
      }, reply.latencyMs);
      return true;
    },
  };
}
