import { channel } from 'node:diagnostics_channel';
import { Agent, type Dispatcher, Pool, setGlobalDispatcher } from 'undici';
import type { Exchange } from './exchanges.ts';
import { DispatcherBase, type ReplayHandler, Request, type RequestOptions, symbols } from './undici-parts.ts';

const sendHeaders = channel('undici:client:sendHeaders');
const SOCKET = { remoteAddress: '151.101.2.132', remotePort: 443, alpnProtocol: false };
const HEADERS_TEXT = 'GET / HTTP/1.1\r\n';
const NO_TRAILERS: readonly Buffer[] = [];

// One object a request, as fetch makes it.
class Handler implements ReplayHandler {
  abort: ((error?: Error) => void) | undefined;
  status = 0;
  onConnect(abort: (error?: Error) => void): void {
    this.abort = abort;
  }
  onHeaders(status: number): boolean {
    this.status = status;
    return true;
  }
  onData(): boolean {
    return true;
  }
  onComplete(): void {}
  onError(): void {}
}

/** What becomes of a replayed request. */
export type Ending = 'trailers' | 'unread' | 'error' | 'nothing';

/**
 * Sends one exchange through undici's own request object, so that every channel event is published as over a socket,
 * with nothing of the socket's cost.
 */
export function replay(exchange: Exchange, ending: Ending = 'trailers'): void {
  send(exchange, new Handler(), ending);
}

/** The same through undici's Agent, Pool and Client dispatch, as global fetch does it. */
export function replayDispatched(exchange: Exchange): void {
  replayAgent.dispatch(
    exchange as unknown as Dispatcher.DispatchOptions,
    new Handler() as unknown as Dispatcher.DispatchHandler,
  );
}

function send(exchange: Exchange, handler: ReplayHandler, ending: Ending): void {
  const request = new Request(exchange.origin, exchange as RequestOptions, handler);
  request.onConnect(() => {});
  if (ending === 'nothing') return;
  if (sendHeaders.hasSubscribers) sendHeaders.publish({ request, headers: HEADERS_TEXT, socket: SOCKET });
  if (ending === 'error') {
    request.onError(new TypeError('other side closed'));
    return;
  }
  request.onHeaders(exchange.status, exchange.responseHeaders, () => {}, 'OK');
  if (ending === 'trailers') request.onComplete(NO_TRAILERS);
}

/** A client that answers at once; the dispatchers before it are undici's own. */
class ReplayClient extends DispatcherBase {
  [symbols.kNeedDrain] = false;

  [symbols.kDispatch](exchange: Exchange, handler: ReplayHandler): boolean {
    send(exchange, handler, 'trailers');
    return true;
  }
}

const replayAgent = new Agent({
  factory: (origin) =>
    new Pool(origin as string, { factory: () => new ReplayClient() as unknown as Dispatcher }),
});

/** Makes the replaying dispatcher the one behind the global fetch, where instrumentations look for it. */
export function installReplayAgent(): void {
  setGlobalDispatcher(replayAgent);
}
