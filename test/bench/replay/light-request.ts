import { channel } from 'node:diagnostics_channel';
import type { Exchange } from './exchanges.ts';

const create = channel('undici:request:create');
const sendHeaders = channel('undici:client:sendHeaders');
const headers = channel('undici:request:headers');
const trailers = channel('undici:request:trailers');

const SOCKET = { remoteAddress: '10.0.3.17', remotePort: 443, alpnProtocol: false };
const NO_TRAILERS: readonly Buffer[] = [];
const kHandler = Symbol('handler');

/** The fields of undici's request object without its checks: for what costs less than those. */
class LightRequest {
  headersTimeout = 300_000;
  bodyTimeout = 300_000;
  method: string;
  typeOfService = undefined;
  abort = null;
  body: string | null;
  completed = false;
  aborted = false;
  upgrade = null;
  path: string;
  origin: string;
  protocol = 'https:';
  idempotent = true;
  blocking = true;
  reset = null;
  host = null;
  contentLength = null;
  contentType = null;
  headers: readonly string[];
  expectContinue = false;
  servername = null;
  [kHandler]: object;

  constructor(exchange: Exchange, handler: object) {
    this[kHandler] = handler;
    this.method = exchange.method;
    this.path = exchange.path;
    this.origin = exchange.origin;
    this.body = exchange.body;
    this.headers = exchange.headers;
  }
}

/** Publishes the events of one request as undici does: a message is only made where somebody listens. */
export function replayLight(exchange: Exchange): void {
  send(exchange, { status: 0 });
}

function send(exchange: Exchange, handler: object): void {
  const request = new LightRequest(exchange, handler);
  if (create.hasSubscribers) create.publish({ request });
  if (sendHeaders.hasSubscribers) sendHeaders.publish({ request, headers: '', socket: SOCKET });
  if (headers.hasSubscribers) {
    const response = { statusCode: exchange.status, headers: exchange.responseHeaders, statusText: 'OK' };
    headers.publish({ request, response });
  }
  request.completed = true;
  if (trailers.hasSubscribers) trailers.publish({ request, trailers: NO_TRAILERS });
}

// undici's Agent, Pool and Client all dispatch through one method of their common base.
class LightDispatcher {
  readonly #next: LightDispatcher | undefined;

  constructor(next?: LightDispatcher) {
    this.#next = next;
  }

  dispatch(exchange: Exchange, handler: object): boolean {
    if (this.#next !== undefined) return this.#next.dispatch(exchange, handler);
    send(exchange, handler);
    return true;
  }
}

const agent = new LightDispatcher(new LightDispatcher(new LightDispatcher()));

/** The same through an Agent, its Pool and its Client, as global fetch does it. */
export function replayLightDispatched(exchange: Exchange): void {
  agent.dispatch(exchange, { status: 0 });
}

/** Puts these dispatchers behind the global fetch, where instrumentations look for them. */
export function installLightAgent(): void {
  Object.defineProperty(globalThis, Symbol.for('undici.globalDispatcher.1'), { value: agent });
}
