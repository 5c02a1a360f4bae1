import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

// A Nylas that costs as little as it can, and takes what the peers' agents would send home.
const BODY = Buffer.from(JSON.stringify({ request_id: '1', data: [] }));
const HEADERS = {
  'content-type': 'application/json',
  'content-length': String(BODY.length),
  'x-request-id': '1120765200-c4c8e151-3414-4448-b884-1498872b0912',
  'x-fastly-id': 'flow-1',
  'nylas-provider-request-count': '1',
};

// By what the agents add to a request that they trace: whether they are at work can be asked of nobody else.
const TRACE_HEADERS = ['x-datadog-trace-id', 'sentry-trace'];
const traced: Record<string, number> = Object.fromEntries(TRACE_HEADERS.map((name) => [name, 0]));

const server = createServer((request, response) => {
  request.resume();
  if (request.url === '/traced') {
    response.end(JSON.stringify(traced));
    return;
  }
  if (request.url?.startsWith('/v3/')) {
    for (const name of TRACE_HEADERS) if (name in request.headers) traced[name] = (traced[name] ?? 0) + 1;
  }
  response.writeHead(200, HEADERS).end(BODY);
});
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('disconnect', () => process.exit());
