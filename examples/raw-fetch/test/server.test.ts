import { dirname } from 'node:path';
import { type Example, startExample, sumOf } from '@nylas-otel/example-service';
import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import { afterAll, beforeAll, expect, it } from 'vitest';

let simulator: Simulator;
let service: Example;

beforeAll(async () => {
  simulator = await startSimulator({ limits: false });
  const args = ['--import', '@nylas-otel/node/register', 'src/server.ts'];
  service = await startExample(dirname(import.meta.dirname), args, {
    NYLAS_API_KEY: simulator.apiKey,
    NYLAS_API_URI: simulator.url,
    NYLAS_OTEL_HOSTS: new URL(simulator.url).host,
    NYLAS_OTEL_METRICS_PORT: 'off',
    OTEL_TRACES_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
  });
}, 180_000);
afterAll(async () => {
  await service?.stop();
  await simulator?.close();
});

const metrics = async () => (await fetch(`${service.url}/metrics`)).text();
const grant = () => simulator.grants.list()[0]?.id;

it.each([
  ['fetch', 1],
  ['undici', 2],
])('counts requests of %s by route', async (client, count) => {
  const answer = await fetch(`${service.url}/${client}/${grant()}`);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toHaveLength(10);
  const labels = ['url_template="/v3/grants/{grant_id}/messages"', 'status_code="200"'];
  expect(sumOf(await metrics(), 'nylas_client_requests_total', ...labels)).toBe(count);
});

it.each(['fetch', 'undici'])('counts failures of %s', async (client) => {
  const before = failures(await metrics());
  simulator.faults.add({ fault: 'rate_limit_provider', times: 1 });
  expect((await fetch(`${service.url}/${client}/${grant()}`)).status).toBe(502);
  // With `fetch` it is counted when the error body was read, a moment after the answer.
  await expect.poll(async () => failures(await metrics())).toBe(before + 1);
});

it('ends when it is told to', async () => {
  expect(await service.stop()).toBe(0);
});

function failures(page: string): number {
  return sumOf(page, 'nylas_client_requests_total', 'status_code="429"');
}
