import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Example, startExample } from '@nylas-otel/example-service';
import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import { afterAll, beforeAll, expect, it } from 'vitest';

const SECRET = 'a secret of this test';
const data = mkdtempSync(join(tmpdir(), 'webhooks-fastify-'));
let simulator: Simulator;
let service: Example;

beforeAll(async () => {
  simulator = await startSimulator({ limits: false });
  service = await startExample(dirname(import.meta.dirname), ['src/server.ts'], {
    NYLAS_WEBHOOK_SECRET: SECRET,
    DATA: data,
  });
}, 300_000);
afterAll(async () => {
  await service?.stop();
  await simulator?.close();
  rmSync(data, { recursive: true, force: true });
});

it('takes compressed deliveries of the simulated Nylas, which the parsers of Fastify would refuse', async () => {
  const url = `${service.url}/webhooks/nylas`;
  await simulator.webhooks.subscribe({ url, secret: SECRET, compressed: true });
  simulator.webhooks.send('message.created', { object: { id: 'the-message' } });
  const line = await service.line(/new message/);
  expect(JSON.parse(line)).toMatchObject({ objectId: 'the-message', level: 30 });
  await expect
    .poll(() => simulator.webhooks.deliveries({ outcome: 'acknowledged' }), { timeout: 20_000 })
    .toHaveLength(1);
});

it('says in the log of the service what it refused, and ends when it is told to', async () => {
  const stranger = await fetch(`${service.url}/webhooks/nylas`, { method: 'POST', body: '{}' });
  expect(stranger.status).toBe(401);
  const line = JSON.parse(await service.line(/nylas\.webhook\.rejected/));
  expect(line).toMatchObject({ level: 40, 'error.type': 'signature_missing' });
  expect(await (await fetch(service.url)).json()).toEqual({ service: 'mail' });
  expect(await service.stop()).toBe(0);
});
