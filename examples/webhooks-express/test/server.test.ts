import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Example, startExample } from '@nylas-otel/example-service';
import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import { afterAll, beforeAll, expect, it } from 'vitest';

const SECRET = 'a secret of this test';
const data = mkdtempSync(join(tmpdir(), 'webhooks-express-'));
let simulator: Simulator;
let service: Example;

const start = () =>
  startExample(dirname(import.meta.dirname), ['src/server.ts'], { NYLAS_WEBHOOK_SECRET: SECRET, DATA: data });
beforeAll(async () => {
  simulator = await startSimulator({ limits: false });
  service = await start();
}, 300_000);
afterAll(async () => {
  await service?.stop();
  await simulator?.close();
  rmSync(data, { recursive: true, force: true });
});

it('takes what the simulated Nylas sends, keeps it over a kill -9, and handles it once', {
  timeout: 300_000,
}, async () => {
  const url = `${service.url}/webhooks/nylas`;
  await simulator.webhooks.subscribe({ url, secret: SECRET });
  simulator.webhooks.send('grant.expired');
  await service.line(/must authenticate again$/);
  await expect
    .poll(() => simulator.webhooks.deliveries({ outcome: 'acknowledged' }), { timeout: 20_000 })
    .toHaveLength(1);

  service.process.kill('SIGKILL');
  await service.stop();
  const before = service.lines;
  service = await start();
  await simulator.webhooks.subscribe({ url: `${service.url}/webhooks/nylas`, secret: SECRET });
  simulator.webhooks.send('message.created', { object: { id: 'the-message' } });
  await service.line(/^new message the-message$/);
  const handled = [...before, ...service.lines];
  expect(handled.filter((line) => line.endsWith('must authenticate again'))).toHaveLength(1);
  expect(handled.filter((line) => line.startsWith('new message'))).toHaveLength(1);
});

it('serves the rest of the service as before, refuses strangers, and ends when it is told to', async () => {
  expect(await (await fetch(service.url)).json()).toEqual({ service: 'mail' });
  const stranger = await fetch(`${service.url}/webhooks/nylas`, { method: 'POST', body: '{}' });
  expect(stranger.status).toBe(401);
  expect(await service.stop()).toBe(0);
});
