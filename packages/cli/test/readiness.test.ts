import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { exporter, type RunningExporter } from './command.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let database: Server;
let running: RunningExporter;
const connections: Socket[] = [];

beforeAll(async () => {
  // A database that takes connections and never says a word.
  database = createServer((socket) => void connections.push(socket.on('error', () => {})));
  await new Promise<void>((resolve) => database.listen(0, '127.0.0.1', resolve));
  const { port } = database.address() as AddressInfo;
  running = await exporter({ DATABASE_URL: `postgres://127.0.0.1:${port}/x`, NYLAS_OTEL_SOCKET: 'off' });
});
afterAll(async () => {
  for (const socket of connections) socket.destroy();
  database.close();
  running.process.kill('SIGKILL');
});

it('while the store is not open, /metrics and /-/healthy answer, and /-/ready says why not', async () => {
  const ready = await fetch(`${running.url}/-/ready`);
  expect(ready.status).toBe(503);
  expect(await ready.text()).toContain('the store is being opened');
  const metrics = await fetch(`${running.url}/metrics`);
  expect(metrics.status).toBe(200);
  const page = await metrics.text();
  expect(page).toContain('nylas_telemetry_errors_total');
  expect(page).toMatch(/^target_info\{service_name="nylas-otel-exporter",/m);
  expect((await fetch(`${running.url}/-/healthy`)).status).toBe(200);
  // What changes state over the network is not there unless asked for.
  expect(running.log()).not.toContain('admin');
});

it('SIGTERM ends it there too, and that is no error', async () => {
  const end = running.stop('SIGTERM');
  await running.logged('SIGTERM: finishing what is in hand');
  for (const socket of connections) socket.destroy();
  expect(await end).toBe(0);
  expect(running.log()).not.toContain('error');
});
