import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import { mockNotification, signWebhook } from '@nylas-otel/webhooks';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { eventually, exporter, folder } from './command.ts';
import { canMount, withDisk } from './mounts.ts';

// PGlite makes a database at the first start, on a machine that may be busy.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 60_000 });

const SECRET = 'a-webhook-secret';
const DISK_MIB = 200;
let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ grants: 2 });
});
afterAll(() => simulator.close());

describe.skipIf(!canMount)('an exporter whose disk fills', () => {
  it('answers 503 until there is room, and loses nothing that it has acknowledged', async () => {
    using place = folder();
    const running = await exporter(
      {
        NYLAS_API_KEY: simulator.apiKey,
        NYLAS_OTEL_API_URL: simulator.url,
        NYLAS_OTEL_STATUS_URL: simulator.url,
        NYLAS_WEBHOOK_SECRET: SECRET,
        NYLAS_OTEL_WEBHOOKS_PORT: '0',
        NYLAS_OTEL_DATA_DIR: join(place.path, 'data'),
      },
      ['--webhooks'],
      undefined,
      withDisk(place.path, DISK_MIB),
    );
    using _end = { [Symbol.dispose]: () => running.process.kill() };
    await running.logged('all accounts have been read');
    const webhooks = /webhooks are received at (\S+)/.exec(running.log())?.[1] as string;
    const grant = simulator.grants.list()[0]?.id as string;
    const acknowledged: Buffer<ArrayBuffer>[] = [];
    const send = async (): Promise<number> => {
      const event = mockNotification('message.created', { accountId: grant });
      // Large, so that few fill what is left.
      const body = Buffer.from(JSON.stringify({ ...event, filling: 'x'.repeat(200_000) }));
      const status = await deliver(webhooks, body);
      if (status === 200) acknowledged.push(body);
      return status;
    };
    expect(await send()).toBe(200);

    const filler = join(`/proc/${running.process.pid}/root`, place.path, 'filler');
    fill(filler);
    const full = await eventually(async () => {
      const status = await send();
      return status !== 200 && status;
    });
    expect(full).toBe(503);
    expect(running.log()).toContain(
      `the disk of the store is full (PGlite in ${join(place.path, 'data')}). Make room; nothing needs a restart.`,
    );
    expect((await fetch(`${running.url}/-/healthy`)).status).toBe(200);
    expect((await fetch(`${running.url}/metrics`)).status).toBe(200);

    rmSync(filler);
    await eventually(async () => (await send()) === 200);
    const before = acknowledged.length;
    for (const body of acknowledged) expect(await deliver(webhooks, body)).toBe(200);
    const page = await (await fetch(`${running.url}/metrics`)).text();
    expect(page).toMatch(
      new RegExp(`^nylas_webhook_deliveries_total\\{[^}]*outcome="duplicate"[^}]*\\} ${before}$`, 'm'),
    );
    expect(await running.stop()).toBe(0);
  });
});

async function deliver(url: string, body: Buffer<ArrayBuffer>): Promise<number> {
  const headers = { 'x-nylas-signature': signWebhook(body, SECRET) };
  const reply = await fetch(url, { method: 'POST', body, headers });
  await reply.arrayBuffer();
  return reply.status;
}

/** Takes all the room there is. */
function fill(path: string): void {
  const file = openSync(path, 'w');
  const block = Buffer.alloc(1 << 20);
  try {
    for (;;) writeSync(file, block);
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
  } finally {
    closeSync(file);
  }
}
