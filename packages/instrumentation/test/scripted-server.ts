import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it arrived on the wire. */
export interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** A real server whose answer is named by the message id of the path: `/v3/grants/{grant}/messages/{behaviour}`. */
export interface ScriptedServer {
  readonly origin: string;
  readonly host: string;
  /** URL that makes the server behave so. */
  url(behaviour: Behaviour, grant?: string): string;
  /** What arrived, oldest first. */
  readonly requests: WireRequest[];
  close(): Promise<void>;
}

export type Behaviour =
  | 'ok'
  | 'big'
  | 'no-content'
  | 'hang'
  | 'hang-body'
  | 'cacheable'
  | 'close'
  | 'close-twice'
  | 'close-mid-body'
  | 'redirect'
  | 'early-hints'
  | 'slow'
  | 'not-found'
  | 'stopped'
  | 'rate-limited'
  | 'unavailable-twice'
  | 'unavailable';

const JSON_TYPE = { 'content-type': 'application/json' };
const ANSWER = JSON.stringify({ request_id: 'r-1', data: {} });
const BIG = Buffer.alloc(5 * 1024 * 1024, 'x');

/** Starts the server on a free port of the loopback interface. */
export async function startScriptedServer(): Promise<ScriptedServer> {
  const requests: WireRequest[] = [];
  const failures = new Map<string, number>();
  const server = createServer((request, response) => {
    requests.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers });
    request.resume();
    answer(request, response, failures);
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  return {
    origin,
    host: `127.0.0.1:${port}`,
    url: (behaviour, grant = 'g1') => `${origin}/v3/grants/${grant}/messages/${behaviour}`,
    requests,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(request: IncomingMessage, response: ServerResponse, failures: Map<string, number>): void {
  const path = request.url ?? '';
  const behaviour = path.split('?')[0]?.split('/').at(-1) as Behaviour;
  const ids = { 'x-request-id': 'req-1', 'x-fastly-id': 'flow-1' };
  switch (behaviour) {
    case 'big':
      response.writeHead(200, ids).end(BIG);
      return;
    case 'no-content':
      response.writeHead(204, ids).end();
      return;
    case 'hang':
      return;
    case 'hang-body':
      response.writeHead(200, ids).write('{');
      return;
    case 'close':
      request.socket.destroy();
      return;
    case 'close-twice': {
      const failed = failures.get(path) ?? 0;
      failures.set(path, failed + 1);
      if (failed < 2) request.socket.destroy();
      else response.writeHead(200, { ...ids, ...JSON_TYPE }).end(ANSWER);
      return;
    }
    case 'cacheable':
      response.writeHead(200, { ...ids, ...JSON_TYPE, 'cache-control': 'public, max-age=60' }).end(ANSWER);
      return;
    case 'close-mid-body':
      response
        .writeHead(200, { ...ids, 'content-length': '1000' })
        .write('x'.repeat(100), () => request.socket.destroy());
      return;
    case 'redirect':
      response.writeHead(302, { ...ids, location: path.replace('redirect', 'ok') }).end();
      return;
    case 'early-hints':
      response.writeEarlyHints({ link: '</x>; rel=preload' }, () => response.writeHead(200, ids).end(ANSWER));
      return;
    case 'slow':
      setTimeout(() => response.writeHead(200, ids).end(ANSWER), 50);
      return;
    case 'not-found':
      response.writeHead(404, { ...ids, ...JSON_TYPE }).end(
        JSON.stringify({
          request_id: 'req-1',
          error: { type: 'not_found_error', message: 'requested object not found' },
        }),
      );
      return;
    case 'stopped':
      response.writeHead(403, JSON_TYPE).end(
        JSON.stringify({
          type: 'invalid_request_error',
          message: "This action can't be performed because the account's sync has been stopped.",
        }),
      );
      return;
    case 'rate-limited':
      response.writeHead(429, { ...ids, ...JSON_TYPE, 'retry-after': '7' }).end(
        JSON.stringify({
          request_id: 'req-1',
          error: { type: 'rate_limit_error', message: 'slow down', provider_error: {} },
        }),
      );
      return;
    case 'unavailable-twice': {
      const failed = failures.get(path) ?? 0;
      failures.set(path, failed + 1);
      if (failed < 2) response.writeHead(503, ids).end('unavailable');
      else response.writeHead(200, { ...ids, ...JSON_TYPE }).end(ANSWER);
      return;
    }
    case 'unavailable':
      response.writeHead(503, ids).end('unavailable');
      return;
    default:
      response
        .writeHead(200, {
          ...ids,
          ...JSON_TYPE,
          'nylas-provider-request-count': '3',
          'nylas-gmail-quota-usage': '15',
        })
        .end(ANSWER);
  }
}
