import { channel } from 'node:diagnostics_channel';
import type { Exchange } from './exchanges.ts';

const create = channel('undici:request:create');
const sendHeaders = channel('undici:client:sendHeaders');
const headers = channel('undici:request:headers');
const trailers = channel('undici:request:trailers');

const SOCKET = { remoteAddress: '10.0.3.17', remotePort: 443, alpnProtocol: false };
const NO_TRAILERS: readonly Buffer[] = [];
const HANDLER = {};
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
  [kHandler] = HANDLER;

  constructor(exchange: Exchange) {
    this.method = exchange.method;
    this.path = exchange.path;
    this.origin = exchange.origin;
    this.body = exchange.body;
    this.headers = exchange.headers;
  }
}

/** Publishes the events of one request as undici does: a message is only made where somebody listens. */
export function replayLight(exchange: Exchange): void {
  const request = new LightRequest(exchange);
  if (create.hasSubscribers) create.publish({ request });
  if (sendHeaders.hasSubscribers) sendHeaders.publish({ request, headers: '', socket: SOCKET });
  if (headers.hasSubscribers) {
    const response = { statusCode: exchange.status, headers: exchange.responseHeaders, statusText: 'OK' };
    headers.publish({ request, response });
  }
  request.completed = true;
  if (trailers.hasSubscribers) trailers.publish({ request, trailers: NO_TRAILERS });
}
