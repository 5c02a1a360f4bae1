// Debian: apt install postgresql

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import { openStore } from '@nylas-otel/store';
import { hasPostgres, type PostgresServer, startPostgres } from '@nylas-otel/store/testing';
import { memoryInbox, mockNotification, nylasWebhooks, signWebhook } from '@nylas-otel/webhooks';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { cli, eventually, exporter, folder, type RunningExporter } from './command.ts';

// Processes of their own, on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const place = folder();
let simulator: Simulator;
let postgres: PostgresServer | undefined;
beforeAll(async () => {
  simulator = await startSimulator({ grants: 2, accounts: 2 });
  postgres = hasPostgres() ? await startPostgres() : undefined;
});
afterAll(async () => {
  await postgres?.stop();
  await simulator.close();
  place[Symbol.dispose]();
});

const parsed = (text: string) => JSON.parse(text) as Record<string, never>;

describe.skipIf(!hasPostgres())('dead letters', () => {
  it('are listed with their error, and go back to work by key or all', async () => {
    const databaseUrl = String(await postgres?.createDatabase());
    const env = { DATABASE_URL: databaseUrl, NYLAS_OTEL_SOCKET: 'off' };
    const store = await openStore({ databaseUrl });
    const stop = await store.inbox.work({
      maxRuns: 1,
      onEvent: () => {
        throw new TypeError('the handler is broken');
      },
    });
    const receive = createServer(nylasWebhooks({ secret: 'a-webhook-secret', inbox: store.inbox }));
    const url = await listening(receive);
    for (const trigger of ['message.created', 'message.created', 'grant.expired'] as const) {
      const body = Buffer.from(JSON.stringify(mockNotification(trigger, { accountId: 'an-account' })));
      const headers = { 'x-nylas-signature': signWebhook(body, 'a-webhook-secret') };
      expect((await fetch(url, { method: 'POST', body, headers })).status).toBe(200);
    }
    await eventually(async () => (await store.inbox.counts()).dead === 3);
    // Nobody works while they are put back, so that it can be seen.
    await stop();
    const listed = await cli(['webhooks', 'dead', '--json'], { env });
    expect(listed.code).toBe(0);
    const { total, dead } = parsed(listed.stdout) as unknown as { total: number; dead: { key: string }[] };
    expect(total).toBe(3);
    expect(dead[0]).toMatchObject({ account: 'an-account', error: 'TypeError', runs: 1 });
    const some = await cli(['webhooks', 'dead', '--trigger', 'grant.expired'], { env });
    expect(some.stdout).toMatch(/grant\.expired +an-account +TypeError +1/);
    expect(some.stdout).not.toContain('message.created');

    expect((await cli(['webhooks', 'redrive'], { env })).code).toBe(2);
    expect((await cli(['webhooks', 'redrive', 'no-such-key'], { env })).code).toBe(7);
    const one = await cli(['webhooks', 'redrive', String(dead[0]?.key)], { env });
    expect(one.stdout).toContain('1 dead letter is back at work');
    expect(await store.inbox.counts()).toMatchObject({ queued: 1, dead: 2 });
    const all = await cli(['webhooks', 'redrive', '--all', '--json'], { env });
    expect(parsed(all.stdout)).toEqual({ redriven: 2 });
    expect(await store.inbox.counts()).toMatchObject({ queued: 3, dead: 0 });
    const handled: string[] = [];
    const stopAgain = await store.inbox.work({ onEvent: ({ key }) => void handled.push(key) });
    await eventually(async () => handled.length === 3);
    expect(new Set(handled)).toEqual(new Set(dead.map(({ key }) => key)));
    await stopAgain();
    expect((await cli(['webhooks', 'dead'], { env })).stdout).toContain('There are no dead letters.');
    receive.close();
    await store.close();
  });
});

describe('webhooks list', () => {
  it('shows the states of destinations, and ends with 1 where one is broken', async () => {
    const receiver = createServer(nylasWebhooks({ secret: 'not-known-yet', inbox: memoryInbox() }));
    const { id } = await simulator.webhooks.subscribe({ url: await listening(receiver) });
    const env = { NYLAS_API_KEY: simulator.apiKey, NYLAS_OTEL_API_URL: simulator.url };
    const good = await cli(['webhooks', 'list'], { env });
    expect(good).toMatchObject({ code: 0, stdout: expect.stringMatching(new RegExp(`${id} +active`)) });
    for (const status of ['failing', 'failed'] as const) {
      simulator.webhooks.setStatus(id, status);
      const bad = await cli(['webhooks', 'list', '--json'], { env });
      expect(bad.code).toBe(1);
      expect(parsed(bad.stdout)).toMatchObject({ destinations: [{ id, status }] });
    }
    expect((await cli(['webhooks', 'list'], { env })).stdout).toContain('nylas-otel recover');
    simulator.webhooks.remove(id);
    receiver.close();
  });
});

describe.skipIf(!hasPostgres())('accounts of API v2, beside an exporter', () => {
  let env: Record<string, string>;
  let running: RunningExporter;
  beforeAll(async () => {
    env = {
      NYLAS_CLIENT_ID: simulator.clientId,
      NYLAS_CLIENT_SECRET: simulator.clientSecret,
      NYLAS_OTEL_API_URL: simulator.url,
      NYLAS_OTEL_STATUS_URL: simulator.url,
      DATABASE_URL: String(await postgres?.createDatabase()),
      NYLAS_OTEL_SOCKET: join(place.path, 'v2.sock'),
    };
    const [account] = simulator.accounts.list();
    simulator.accounts.setState(String(account?.id), 'stopped');
    running = await exporter(env);
    await running.logged('all accounts have been read');
  });
  afterAll(() => running?.stop());

  it('restart takes one down and up, once a day, and its history says so', async () => {
    const id = String(simulator.accounts.list()[0]?.id);
    expect((await cli(['accounts', 'list', '--state', 'stopped', '--json'], { env })).stdout).toContain(id);
    const restart = await cli(['accounts', 'restart', id], { env });
    expect(restart.stderr).toBe('');
    expect(restart).toMatchObject({ code: 0, stdout: expect.stringContaining(`${id} was restarted`) });
    const asked = simulator.requests.list().map(({ template }) => String(template));
    const steps = asked
      .filter((template) => /(down|up)grade$/.test(template))
      .map((of) => of.split('/').at(-1));
    expect(steps).toEqual(['downgrade', 'upgrade']);
    const again = await cli(['accounts', 'restart', id], { env });
    expect(again.code).toBe(2);
    expect(again.stderr).toMatch(/--force|day/);
    const history = await cli(['accounts', 'history', id, '--since', '1h', '--json'], { env });
    expect(history.code).toBe(0);
    expect(history.stdout).toMatch(/downgrade/);
    expect(history.stdout).toMatch(/upgrade/);
    expect((await cli(['accounts', 'history', id, '--since', '1h'], { env })).stdout).toMatch(
      /TIME \(LOCAL\) +TIME \(UTC\)/,
    );
  });
});

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
