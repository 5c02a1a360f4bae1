import { dirname } from 'node:path';
import { exampleBesideSimulator, sumOf } from '@nylas-otel/example-service';
import getPort from 'get-port';
import { expect, it } from 'vitest';

const port = await getPort();
const running = exampleBesideSimulator(
  dirname(import.meta.dirname),
  ['--require', '@nylas-otel/node/register', 'src/server.cjs'],
  ({ clientId, clientSecret, url, accounts }) => ({
    NYLAS_CLIENT_ID: clientId,
    NYLAS_CLIENT_SECRET: clientSecret,
    NYLAS_API_SERVER: url,
    NYLAS_ACCESS_TOKEN: accounts.list()[0]?.accessToken as string,
    NYLAS_OTEL_HOSTS: `${new URL(url).host}=v2`,
    NYLAS_OTEL_METRICS_PORT: String(port),
  }),
);

const metrics = async () => (await fetch(`http://localhost:${port}/metrics`)).text();

it('answers as before, and each request of SDK 6 is counted with its v2 route', async () => {
  const answer = await fetch(running.service.url);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toHaveLength(10);
  const labels = ['url_template="/messages"', 'nylas_api_version="v2"', 'status_code="200"'];
  expect(sumOf(await metrics(), 'nylas_client_requests_total', ...labels)).toBe(1);
});

it('counts what Nylas refuses', async () => {
  running.simulator.faults.add({ fault: 'rate_limit_provider', times: 1 });
  expect((await fetch(running.service.url)).status).toBe(502);
  expect(sumOf(await metrics(), 'nylas_client_rate_limits_total', 'nylas_api_version="v2"')).toBe(1);
});

it('ends when it is told to', async () => {
  expect(await running.service.stop()).toBe(0);
});
