import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { instrumentFetch } from '@nylas-otel/instrumentation'; // + nylas-otel
import { nylasMetricsHandler } from '@nylas-otel/node'; // + nylas-otel
import { Pool } from 'undici';

const { NYLAS_API_KEY: key, NYLAS_API_URI: api = 'https://api.us.nylas.com', PORT = '3000' } = process.env;
const headers = { authorization: `Bearer ${key}`, accept: 'application/json' };
const pool = new Pool(api);
const nylasFetch = instrumentFetch(); // + nylas-otel: calls become operations, with Nylas's error type

interface Messages {
  readonly data: readonly { readonly id: string; readonly subject: string }[];
}

async function withFetch(grantId: string): Promise<Messages> {
  const response = await nylasFetch(`${api}/v3/grants/${grantId}/messages?limit=10`, { headers });
  if (!response.ok) throw new Error(`Nylas answered ${response.status}`);
  return (await response.json()) as Messages;
}

async function withUndici(grantId: string): Promise<Messages> {
  const path = `/v3/grants/${grantId}/messages?limit=10`;
  const { statusCode, body } = await pool.request({ method: 'GET', path, headers });
  const answer = await body.json();
  if (statusCode !== 200) throw new Error(`Nylas answered ${statusCode}`);
  return answer as Messages;
}

const metrics = nylasMetricsHandler(); // + nylas-otel
const server = createServer(async (request, response) => {
  if (request.url === '/metrics') return metrics(request, response); // + nylas-otel
  const [, client, grantId = ''] = (request.url ?? '').split('/');
  response.setHeader('content-type', 'application/json');
  try {
    const { data } = await (client === 'undici' ? withUndici(grantId) : withFetch(grantId));
    response.end(JSON.stringify(data.map(({ id, subject }) => ({ id, subject }))));
  } catch {
    response.writeHead(502).end('{"error":"mailbox_unreachable"}');
  }
});
server.listen(Number(PORT), () => {
  console.log(`listening on http://localhost:${(server.address() as AddressInfo).port}`);
});
process.once('SIGTERM', () => {
  server.close();
  void pool.close();
});
