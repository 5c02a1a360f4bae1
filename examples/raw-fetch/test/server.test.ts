import { dirname } from 'node:path';
import { exampleBesideSimulator, sumOf } from '@nylas-otel/example-service';
import { expect, it } from 'vitest';

const running = exampleBesideSimulator(
  dirname(import.meta.dirname),
  ['--import', '@nylas-otel/node/register', 'src/server.ts'],
  ({ apiKey, url }) => ({
    NYLAS_API_KEY: apiKey,
    NYLAS_API_URI: url,
    NYLAS_OTEL_HOSTS: new URL(url).host,
    NYLAS_OTEL_METRICS_PORT: 'off',
  }),
);

const metrics = async () => (await fetch(`${running.service.url}/metrics`)).text();
const grant = () => running.simulator.grants.list()[0]?.id;

it.each([
  ['fetch', 1],
  ['undici', 2],
])('counts requests of %s by route', async (client, count) => {
  const answer = await fetch(`${running.service.url}/${client}/${grant()}`);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toHaveLength(10);
  const labels = ['url_template="/v3/grants/{grant_id}/messages"', 'status_code="200"'];
  expect(sumOf(await metrics(), 'nylas_client_requests_total', ...labels)).toBe(count);
});

it.each(['fetch', 'undici'])('counts failures of %s', async (client) => {
  const before = failures(await metrics());
  running.simulator.faults.add({ fault: 'rate_limit_provider', times: 1 });
  expect((await fetch(`${running.service.url}/${client}/${grant()}`)).status).toBe(502);
  // With `fetch` it is counted when the error body was read, a moment after the answer.
  await expect.poll(async () => failures(await metrics())).toBe(before + 1);
});

it('ends when it is told to', async () => {
  expect(await running.service.stop()).toBe(0);
});

function failures(page: string): number {
  return sumOf(page, 'nylas_client_requests_total', 'status_code="429"');
}
