// Debian: apt install postgresql
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startSimulator } from '@nylas-otel/simulator';
import { type NylasStore, openStore } from '@nylas-otel/store';
import { hasPostgres, type PostgresServer, startPostgres } from '@nylas-otel/store/testing';
import { bindLoggerProvider } from '@nylas-otel/telemetry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { supportBundle, watchPlatform } from '../src/index.ts';
import { gapsIn, moveGaps, noteGap } from '../src/recovery/gap-ledger.ts';
import { noteDowntime } from '../src/recovery/gap-sources.ts';
import { takeLease } from '../src/recovery/lease.ts';

const ID = 'e19f8e1a-eb1c-41c0-b6a6-d2e59daf7f47';

describe.skipIf(!hasPostgres())('on PostgreSQL', () => {
  let server: PostgresServer;
  let databaseUrl: string;
  const stores: NylasStore[] = [];
  const open = async (): Promise<NylasStore> => {
    const store = await openStore({ databaseUrl });
    stores.push(store);
    return store;
  };
  beforeAll(async () => {
    server = await startPostgres();
    databaseUrl = await server.createDatabase();
  });
  afterAll(async () => {
    for (const store of stores) await store.close();
    await server.stop();
  });

  it('two processes that watch the platform show the same, and one of them asks and tells', async () => {
    const told: unknown[] = [];
    bindLoggerProvider({}, { getLogger: () => ({ emit: (record) => void told.push(record.eventName) }) });
    let asked = 0;
    const page: Server = createServer((_, response) => {
      asked++;
      const incidents = [{ id: 'i', impact: 'major', status: 'identified' }];
      response.end(JSON.stringify({ components: [{ name: 'API', status: 'partial_outage' }], incidents }));
    });
    await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve));
    const options = { page: `http://127.0.0.1:${(page.address() as AddressInfo).port}`, interval: 10 };
    const watches = [
      watchPlatform({ ...options, store: await open() }),
      watchPlatform({ ...options, store: await open() }),
    ];
    await Promise.all(watches.map((watch) => watch.ready));
    const [one, two] = watches.map((watch) => watch.snapshot());
    expect(one?.components).toEqual([{ name: 'api', status: 'partial_outage' }]);
    expect(two).toEqual(one);
    expect(asked).toBe(1);
    expect(told).toEqual(['nylas.platform.incident']);
    for (const watch of watches) await watch.close();
    page.close();
  }, 60_000);

  it('the status page of the simulator is read', async () => {
    await using simulator = await startSimulator({ grants: 0, accounts: 0 });
    const watch = watchPlatform({ page: simulator.status.url, application: 'sim' });
    await watch.ready;
    expect(watch.snapshot()).toMatchObject({ problem: undefined, incidents: [] });
    expect(watch.snapshot().components.length).toBeGreaterThan(0);
    expect(watch.snapshot().components.every(({ status }) => status === 'operational')).toBe(true);
    await watch.close();
  });

  it('a support bundle tells the state, its history and what was tried from the store', async () => {
    const store = await open();
    const now = new Date();
    const reading = { id: ID, email: 'ben@example.com', provider: 'google' };
    await store.accounts.apply([
      {
        reading: { ...reading, state: 'running', raw: 'valid' },
        time: now.getTime() - 3_600_000,
        signal: 'poll',
      },
    ]);
    await store.accounts.apply([
      {
        reading: { ...reading, state: 'invalid', raw: 'invalid' },
        time: now.getTime() - 60_000,
        signal: 'webhook',
      },
    ]);
    await store.journal.append([
      { kind: 'repair', accountId: ID, data: { action: 'reauth_request', to: 'ben@example.com' } },
      {
        kind: 'request_error',
        accountId: ID,
        data: { status: 401, errorType: 'unauthorized', requestId: 'r-1' },
      },
    ]);
    const options = { store, account: 'ben@example.com', now: new Date(Date.now() + 1_000) };
    const { markdown, json } = await supportBundle(options);
    expect(json.account).toMatchObject({ id: ID, provider: 'google', state: 'invalid', rawState: 'invalid' });
    expect(json.history).toMatchObject([{ from: 'running', to: 'invalid', seenBy: 'webhook' }]);
    expect(json.tried).toMatchObject([{ kind: 'repair', text: 'action: reauth_request, to: [address 1]' }]);
    expect(json.errors).toMatchObject([{ status: 401, errorType: 'unauthorized', requestId: 'r-1' }]);
    expect(markdown).not.toContain('ben@example.com');
    expect(await supportBundle(options)).toEqual({ markdown, json });
  });

  it('gaps begin, end and are moved; an end that is known stays', async () => {
    const store = await open();
    await noteGap(store, 'k', { from: 10, to: undefined, cause: 'destination', version: 'v3' });
    await noteGap(store, 'k', { from: 10, to: 20, cause: 'destination', version: 'v3' });
    await noteGap(store, 'k', { from: 10, to: 30, cause: 'destination', version: 'v3' });
    expect(await gapsIn(store, 'waiting')).toMatchObject([{ key: 'k', from: 10, to: 20 }]);
    await moveGaps(store, ['k', 'nobody'], 'done');
    expect(await gapsIn(store, 'waiting')).toEqual([]);
    expect(await gapsIn(store, 'done')).toHaveLength(1);
  });

  it('downtimes become gaps when they last', async () => {
    const windows = [
      { from: 1_000, to: 2_000, cause: 'stopped' },
      { from: 10_000, to: 900_000, cause: 'crash' },
    ] as const;
    const store = await open();
    const uptime = { beat: async () => {}, downtime: async () => windows };
    await noteDowntime({ records: (name) => store.records(name), uptime }, 'v3', 1_000_000, 300_000);
    expect((await gapsIn(store, 'waiting')).map(({ key }) => key)).toEqual(['downtime:v3:10000']);
  });

  it('one process at a time has the right to recover', async () => {
    const [one, two] = [await open(), await open()];
    const lease = await takeLease(one, 'x');
    expect(lease).toBeDefined();
    expect(await takeLease(two, 'x')).toBeUndefined();
    await lease?.release();
    const next = await takeLease(two, 'x');
    expect(next).toBeDefined();
    await next?.release();
  });
});
