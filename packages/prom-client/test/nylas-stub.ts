import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that answers like Nylas, as far as the request metrics can tell. */
export interface NylasStub extends AsyncDisposable {
  readonly host: string;
  /** GETs the messages of a grant; the answer has the status that was asked for. */
  list(status?: number): Promise<number>;
}

export async function startNylasStub(): Promise<NylasStub> {
  const server: Server = createServer((request, response) => {
    const status = Number(new URL(request.url ?? '/', 'http://stub').searchParams.get('status'));
    response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'r-1' });
    response.end(
      status < 400 ? '{"request_id":"r-1","data":[]}' : '{"error":{"type":"api.rate_limit_error"}}',
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    async list(status = 200) {
      const response = await fetch(
        `http://${host}/v3/grants/6b2c9a1e-0000-4000-8000-000000000000/messages?status=${status}`,
      );
      await response.text();
      return response.status;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
