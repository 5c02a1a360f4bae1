import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { processState } from '@nylas-otel/telemetry';

/**
 * What the transport saw of an attempt of the SDK. The SDK drops status and headers of answers whose body it cannot
 * parse (a 502 page of the edge), and SDK 6 and 7.0 to 7.7 drop all headers: without them a `Retry-After` would be lost.
 */
export class SeenResponse {
  /** Status of the last response; 0 when there was none. */
  status = 0;
  #headers: ((name: string) => string | undefined) | undefined;

  /** Remembers a response. Informational ones are passed over. */
  saw(status: number, header: (name: string) => string | undefined): void {
    if (status < 200) return;
    this.status = status;
    this.#headers = header;
  }

  header(name: string): string | undefined {
    return this.#headers?.(name);
  }
}

type Handler = Record<string, unknown>;
type Method = (this: Handler, ...args: unknown[]) => unknown;

interface Dispatcher {
  dispatch(options: object, handler: object): boolean;
  readonly isMockActive?: boolean;
}

/**
 * Gives a `Request` of Node's fetch a dispatcher that looks at the response on its way; the process's own dispatcher
 * still sends it. The request is the one thing that is surely this attempt's: undici's channels run in the context of
 * whichever request opened the socket.
 */
export function tapRequest(request: Request, seen: SeenResponse): Request {
  const tap: Dispatcher = {
    dispatch(options, handler) {
      watchHandler(handler as Handler, seen);
      return globalDispatcher(handler as Handler).dispatch(options, handler);
    },
    // A MockAgent gets the body in another form, and says so here.
    get isMockActive() {
      return globalDispatcher({}).isMockActive ?? false;
    },
  };
  return new Request(request, { dispatcher: tap } as unknown as RequestInit);
}

// undici 8 keeps its dispatcher under a key of its own and a wrapped one under that of undici 6 and 7.
const DISPATCHER_8 = Symbol.for('undici.globalDispatcher.2');
const DISPATCHER_6 = Symbol.for('undici.globalDispatcher.1');

function globalDispatcher(handler: Handler): Dispatcher {
  const holder = globalThis as { [key: symbol]: Dispatcher | undefined };
  const modern = typeof handler.onRequestStart === 'function';
  const dispatcher = modern
    ? (holder[DISPATCHER_8] ?? holder[DISPATCHER_6])
    : (holder[DISPATCHER_6] ?? holder[DISPATCHER_8]);
  if (dispatcher === undefined) throw new Error('nylas-otel: no global dispatcher; undici changed');
  return dispatcher;
}

function watchHandler(handler: Handler, seen: SeenResponse): void {
  const { onHeaders, onResponseStart } = handler as { onHeaders?: Method; onResponseStart?: Method };
  if (typeof onResponseStart === 'function') {
    handler.onResponseStart = function (this: Handler, ...args: unknown[]) {
      seen.saw(args[1] as number, objectReader(args[2] as Record<string, string | string[] | undefined>));
      return onResponseStart.apply(this, args);
    };
  } else if (typeof onHeaders === 'function') {
    handler.onHeaders = function (this: Handler, ...args: unknown[]) {
      seen.saw(args[0] as number, rawReader(args[1] as readonly (Buffer | string)[]));
      return onHeaders.apply(this, args);
    };
  }
}

function objectReader(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): (name: string) => string | undefined {
  return (name) => {
    const value = headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  };
}

function rawReader(raw: readonly (Buffer | string)[]): (name: string) => string | undefined {
  return (name) => {
    for (let index = 0; index + 1 < raw.length; index += 2) {
      if (raw[index]?.toString('latin1').toLowerCase() === name) return raw[index + 1]?.toString('latin1');
    }
    return undefined;
  };
}

interface HttpTap {
  readonly current: AsyncLocalStorage<SeenResponse>;
  readonly requests: WeakMap<object, SeenResponse>;
  subscribed: boolean;
}

const httpTap = processState(
  'retry-http-tap',
  (): HttpTap => ({
    current: new AsyncLocalStorage(),
    requests: new WeakMap(),
    subscribed: false,
  }),
);

/**
 * Runs an attempt that goes through `node:http` (node-fetch: SDK 6, 7 as an ES module and before 7.12) and looks at its
 * response. `http.client.request.start` is published in the frame that sends, so the request is surely this attempt's;
 * bodies that are streams are sent later, and never resent.
 */
export function watchHttp<T>(seen: SeenResponse, attempt: () => T): T {
  if (!httpTap.subscribed) {
    httpTap.subscribed = true;
    subscribe('http.client.request.start', (message) => {
      const current = httpTap.current.getStore();
      if (current !== undefined)
        httpTap.requests.set((message as { request: ClientRequest }).request, current);
    });
    subscribe('http.client.response.finish', (message) => {
      const { request, response } = message as { request: ClientRequest; response: IncomingMessage };
      httpTap.requests
        .get(request)
        ?.saw(response.statusCode ?? 0, objectReader(response.headers as Record<string, string>));
    });
  }
  return httpTap.current.run(seen, attempt);
}
