import { dirname } from 'node:path';
import { type Example, startExample, sumOf } from '@nylas-otel/example-service';
import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import getPort from 'get-port';
import { afterAll, beforeAll, expect, it } from 'vitest';

let simulator: Simulator;
let service: Example;
let port: number;

beforeAll(async () => {
  simulator = await startSimulator({ limits: false });
  port = await getPort();
  const args = ['--require', '@nylas-otel/node/register', 'src/server.cjs'];
  service = await startExample(dirname(import.meta.dirname), args, {
    NYLAS_CLIENT_ID: simulator.clientId,
    NYLAS_CLIENT_SECRET: simulator.clientSecret,
    NYLAS_API_SERVER: simulator.url,
    NYLAS_ACCESS_TOKEN: simulator.accounts.list()[0]?.accessToken as string,
    NYLAS_OTEL_HOSTS: `${new URL(simulator.url).host}=v2`,
    NYLAS_OTEL_METRICS_PORT: String(port),
    OTEL_TRACES_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
  });
}, 180_000);
afterAll(async () => {
  await service?.stop();
  await simulator?.close();
});

const metrics = async () => (await fetch(`http://localhost:${port}/metrics`)).text();

it('answers as before, and each request of SDK 6 is counted with its v2 route', async () => {
  const answer = await fetch(service.url);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toHaveLength(10);
  const labels = ['url_template="/messages"', 'nylas_api_version="v2"', 'status_code="200"'];
  expect(sumOf(await metrics(), 'nylas_client_requests_total', ...labels)).toBe(1);
});

it('counts what Nylas refuses', async () => {
  simulator.faults.add({ fault: 'rate_limit_provider', times: 1 });
  expect((await fetch(service.url)).status).toBe(502);
  expect(sumOf(await metrics(), 'nylas_client_rate_limits_total', 'nylas_api_version="v2"')).toBe(1);
});

it('ends when it is told to', async () => {
  expect(await service.stop()).toBe(0);
});
