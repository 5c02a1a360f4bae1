// Debian: apt install postgresql
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Runtime } from '@nylas-otel/accounts/tracking';
import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import { type NylasStore, openStore } from '@nylas-otel/store';
import { hasPostgres, type PostgresServer, startPostgres } from '@nylas-otel/store/testing';
import { nylasWebhooks, type ReceivedEvent } from '@nylas-otel/webhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { gapsIn } from '../src/recovery/gap-ledger.ts';
import { startRecoveryWith } from '../src/recovery/start-recovery.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SECRET = 'a webhook secret';

/** The clock of the process, of the store and of the simulator: whoever sleeps moves it on to when he wakes. */
const runtime: Runtime = {
  now: () => Date.now(),
  random: () => 0.5,
  async sleep(ms) {
    const until = Date.now() + ms;
    await new Promise((resolve) => setImmediate(resolve));
    if (Date.now() < until) vi.setSystemTime(until);
  },
};

function pass(ms: number): void {
  vi.setSystemTime(Date.now() + ms);
}

interface Service {
  readonly simulator: Simulator;
  readonly store: NylasStore;
  readonly handled: ReceivedEvent[];
  readonly recovery: ReturnType<typeof startRecoveryWith>;
  /** Something arrives, and its notification reaches the handler. */
  hear(subject: string): Promise<void>;
  /** Something arrives while Nylas sends nothing. */
  miss(subject: string): void;
  /** The gap is made up for, here or by the job that runs beside: one message. */
  madeUp(): Promise<void>;
}

async function service(databaseUrl: string): Promise<Service> {
  const simulator = await startSimulator({
    // Long waits for a mailbox would move the time on past leases that are renewed in real time.
    grants: [{ provider: 'imap' }, { provider: 'imap' }],
    limits: false,
    clock: () => Date.now(),
  });
  const store = await openStore({ databaseUrl });
  const server = createServer(nylasWebhooks({ secret: SECRET, inbox: store.inbox }));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await simulator.webhooks.subscribe({ url, secret: SECRET });
  const handled: ReceivedEvent[] = [];
  await store.inbox.work({ onEvent: (event) => void handled.push(event) });
  const recovery = startRecoveryWith({ store, apiKey: simulator.apiKey, baseUrl: simulator.url }, runtime);
  onTestFinished(async () => {
    await recovery.close();
    server.closeAllConnections();
    server.close();
    await store.close();
    await simulator.close();
  });
  const grant = simulator.grants.list()[0]?.id ?? '';
  const arrived = (subject: string): string => String(simulator.traffic.arrive(grant, { subject })?.id);
  return {
    simulator,
    store,
    handled,
    recovery,
    async hear(subject) {
      const id = arrived(subject);
      await vi.waitFor(
        () => {
          pass(200);
          expect(handled.map(({ objectId }) => objectId)).toContain(id);
        },
        { timeout: 20_000, interval: 20 },
      );
    },
    miss(subject) {
      simulator.webhooks.startOutage();
      arrived(subject);
      simulator.webhooks.endOutage();
    },
    async madeUp() {
      await vi.waitFor(
        async () => {
          await recovery.recoverNow();
          const [line] = await store.journal.read({ kind: 'recovery' });
          expect(line?.data).toMatchObject({ recovered: { messages: 1 }, unrecoverable: {} });
        },
        { timeout: 20_000, interval: 200 },
      );
      expect(await gapsIn(store, 'done')).toHaveLength(1);
    },
  };
}

/** Ten notifications an hour for three days: what silence is judged by. */
async function rhythm({ inbox }: NylasStore): Promise<void> {
  for (let hour = 0; hour < 72; hour++) {
    const events = Array.from({ length: 10 }, (_, index) => eventOf(`v3:${hour}-${index}`));
    await inbox.accept(events, { signal: new AbortController().signal });
    pass(HOUR);
  }
}

function eventOf(key: string): ReceivedEvent {
  return {
    key,
    version: 'v3',
    type: 'booking.created',
    trigger: 'booking.created',
    accountId: 'grant',
    provider: 'google',
    source: '/nylas',
    objectId: key,
    truncated: false,
    transformed: false,
    data: {},
    receivedAt: Date.now(),
  };
}

describe.skipIf(!hasPostgres())('recovery begins by itself', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.stop());
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 1) });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('after a silence that is too long for chance, once notifications come again', {
    timeout: 60_000,
  }, async () => {
    const { store, handled, recovery, hear, miss, madeUp } = await service(await server.createDatabase());
    await rhythm(store);
    await hear('before');
    expect(await recovery.recoverNow()).toBeUndefined();
    pass(HOUR);
    miss('in the silence');
    // One hour without the usual ten is no news yet.
    expect(await recovery.recoverNow()).toBeUndefined();
    expect(await gapsIn(store, 'open')).toEqual([]);
    pass(2 * HOUR);
    expect(await recovery.recoverNow()).toBeUndefined();
    expect(await gapsIn(store, 'open')).toMatchObject([{ cause: 'silence' }]);
    await hear('after');
    expect(await recovery.recoverNow()).toBeUndefined();
    expect(await gapsIn(store, 'open')).toEqual([]);
    const heard = handled.length;
    pass(25 * MINUTE);
    await madeUp();
    await expect.poll(() => handled.length).toBe(heard + 1);
    expect(handled.at(-1)?.data).toMatchObject({ object: { subject: 'in the silence' } });
  });

  it('after a downtime of our own, which the heartbeats of the receivers show', {
    timeout: 60_000,
  }, async () => {
    const { store, handled, recovery, hear, miss, madeUp } = await service(await server.createDatabase());
    await store.uptime.beat(true);
    await hear('before');
    pass(HOUR);
    miss('while nobody listened');
    pass(HOUR);
    // The process is back.
    await store.uptime.beat(true);
    pass(MINUTE);
    await store.uptime.beat(true);
    expect(await recovery.recoverNow()).toBeUndefined();
    expect(await gapsIn(store, 'waiting')).toMatchObject([{ cause: 'downtime' }]);
    const heard = handled.length;
    pass(25 * MINUTE);
    await madeUp();
    await expect.poll(() => handled.length).toBe(heard + 1);
    expect(handled.at(-1)?.data).toMatchObject({ object: { subject: 'while nobody listened' } });
  });
});
