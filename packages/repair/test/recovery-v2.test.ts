// Debian: apt install postgresql
import type { Change } from '@nylas-otel/simulator';
import { hasPostgres, type PostgresServer, startPostgres } from '@nylas-otel/store/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recoverWith } from '../src/recovery/recover.ts';
import { startRecoveryWith } from '../src/recovery/start-recovery.ts';
import {
  acceptAll,
  handledCounts,
  lateNotifications,
  lateStates,
  type RecoveryWorld,
  recoveryWorld,
} from './recovery-world.ts';

const HOUR = 3_600_000;
const MIX = {
  'message.created': 8,
  'message.updated': 4,
  'message.deleted': 2,
  'event.created': 3,
  'event.updated': 2,
  'event.cancelled': 1,
  'event.deleted': 1,
  'contact.created': 2,
  'contact.updated': 2,
  'contact.deleted': 1,
  'calendar.updated': 1,
} as const;

describe.skipIf(!hasPostgres())('deltas of v2', () => {
  let server: PostgresServer;
  let world: RecoveryWorld;
  let recovery: ReturnType<typeof startRecoveryWith>;
  const settings = () => ({
    store: world.store,
    clientId: world.simulator.clientId,
    clientSecret: world.simulator.clientSecret,
    baseUrl: world.simulator.url,
    getAccessToken: (id: string) => world.simulator.accounts.get(id)?.accessToken,
  });
  const pass = async (changes: number, overMs: number): Promise<void> => {
    const run = world.simulator.traffic.run({ changes, overMs, mix: MIX, version: 'v2' });
    await world.simulator.clock.advance(overMs);
    await run.done;
    await world.simulator.clock.settled();
  };
  const outage = async (
    during: () => Promise<void>,
  ): Promise<{ since: Date; until: Date; missed: readonly Change[] }> => {
    const { clock, webhooks } = world.simulator;
    const before = webhooks.missed().length;
    const since = new Date(clock.now());
    webhooks.startOutage({ version: 'v2' });
    await during();
    webhooks.endOutage();
    const until = new Date(clock.now());
    return { since, until, missed: webhooks.missed().slice(before) };
  };

  beforeAll(async () => {
    server = await startPostgres();
    world = await recoveryWorld({
      databaseUrl: await server.createDatabase(),
      version: 'v2',
      accounts: 6,
      objects: { messages: 40, events: 20, contacts: 20 },
    });
    const { clock } = world.simulator;
    clock.setScale(1);
    await recoverWith({ ...settings(), since: new Date(clock.now() - 1_000) }, world.runtime);
    recovery = startRecoveryWith({ ...settings(), silence: false }, world.runtime);
    await recovery.keepNow();
    clock.setScale(0);
  });
  afterAll(async () => {
    await recovery?.close();
    await world?.[Symbol.asyncDispose]();
    await server?.stop();
  });

  it('give everything back that webhooks would have told, once', async () => {
    const { simulator, handled, drained } = world;
    await pass(60, HOUR);
    const { since, until, missed } = await outage(() => pass(300, 6 * HOUR));
    await pass(30, HOUR / 4);
    await drained();
    const heard = handled.length;
    simulator.clock.setScale(1);
    const report = await recoverWith({ ...settings(), since, until }, world.runtime);
    await drained();
    simulator.clock.setScale(0);
    expect(missed.length).toBeGreaterThan(200);
    expect(report.complete).toBe(true);
    expect(handled.length - heard).toBe(missed.length);
    const counts = handledCounts(handled);
    for (const { accountId, object, id } of missed)
      expect(counts.get(`${accountId}/${object}/${id}`)).toBe(1);
    expect([...counts].filter(([, count]) => count !== 1)).toEqual([]);
    // v2 never tells that a message was deleted, so nothing of that is missed.
    expect(report.unrecoverable).toEqual({});
    // Whatever kind they are of, webhooks that come after all tell nothing new.
    const late = lateNotifications(simulator, missed);
    expect(late).toHaveLength(missed.length);
    expect(new Set(late.map(({ trigger }) => trigger)).size).toBeGreaterThan(8);
    expect(await acceptAll(world, late)).toEqual([]);
    const created = handled.slice(heard).find(({ trigger }) => trigger === 'message.created');
    expect(created?.data).toMatchObject({
      object: 'message',
      id: created?.objectId,
      account_id: created?.accountId,
      attributes: { thread_id: expect.any(String), received_date: expect.any(Number) },
    });
  });

  it('are replayed from a kept cursor where the account is stopped, which refuses to say where it is', async () => {
    const { simulator, handled, drained } = world;
    const [account] = simulator.accounts.list();
    const id = account?.id ?? '';
    const { since, until } = await outage(async () => {
      simulator.traffic.arrive(id, { subject: 'missed' });
      simulator.accounts.stop(id);
      await simulator.clock.advance(HOUR);
    });
    const heard = handled.length;
    simulator.requests.clear();
    simulator.clock.setScale(1);
    const report = await recoverWith({ ...settings(), since, until, accounts: [id] }, world.runtime);
    await drained();
    simulator.clock.setScale(0);
    expect(
      simulator.requests.list().filter(({ path, status }) => path.startsWith('/delta/') && status === 403),
    ).not.toEqual([]);
    expect(report).toMatchObject({ complete: true, recovered: { messages: 1, accounts: 1 }, postponed: [] });
    expect(handled.slice(heard).map(({ trigger }) => trigger)).toEqual([
      'account.stopped',
      'message.created',
    ]);
    const late = lateStates(simulator, id, since);
    expect(late.map(({ trigger }) => trigger)).toEqual(['account.stopped']);
    expect(await acceptAll(world, late)).toEqual([]);
  });

  it('come to the same when they are replayed again: what recovery handed over is known, whatever else became of it', async () => {
    const { simulator, handled, drained } = world;
    const id = simulator.accounts.list()[3]?.id ?? '';
    const { since, until } = await outage(async () => {
      const message = simulator.traffic.arrive(id, {});
      await simulator.clock.advance(60_000);
      simulator.traffic.update(id, 'message', String(message?.id), { starred: true });
      await simulator.clock.advance(HOUR);
    });
    const heard = handled.length;
    const once = { ...settings(), since, until, accounts: [id] };
    simulator.clock.setScale(1);
    const first = await recoverWith(once, world.runtime);
    const again = await recoverWith(once, world.runtime);
    await drained();
    simulator.clock.setScale(0);
    expect(first).toMatchObject({ recovered: { messages: 1 }, known: {} });
    expect(again).toMatchObject({ recovered: {}, known: { messages: 1 } });
    expect(handled.slice(heard).map(({ trigger }) => trigger)).toEqual(['message.created']);
  });

  it('count messages that came and went in between as unrecoverable: there is nothing left to read', async () => {
    const { simulator, handled } = world;
    const id = simulator.accounts.list()[1]?.id ?? '';
    const { since, until } = await outage(async () => {
      const message = simulator.traffic.arrive(id, {});
      await simulator.clock.advance(60_000);
      simulator.traffic.delete(id, 'message', String(message?.id));
      await simulator.clock.advance(HOUR);
    });
    const heard = handled.length;
    simulator.clock.setScale(1);
    const report = await recoverWith({ ...settings(), since, until, accounts: [id] }, world.runtime);
    simulator.clock.setScale(0);
    expect(report.unrecoverable).toEqual({ messages: 1 });
    expect(handled.length).toBe(heard);
  });

  it('wait for the access token of an account, and come when it is there', async () => {
    const { simulator } = world;
    const id = simulator.accounts.list()[2]?.id ?? '';
    const { since, until } = await outage(async () => {
      simulator.traffic.arrive(id, {});
      await simulator.clock.advance(HOUR);
    });
    simulator.clock.setScale(1);
    const once = { ...settings(), since, until, accounts: [id] };
    const without = await recoverWith({ ...once, getAccessToken: () => undefined }, world.runtime);
    expect(without).toMatchObject({ postponed: [id], recovered: {} });
    const report = await recovery.recoverNow();
    simulator.clock.setScale(0);
    expect(report).toMatchObject({ postponed: [], recovered: { messages: 1 } });
  });

  it('need a way to the access tokens', async () => {
    const { getAccessToken: _, ...without } = settings();
    await expect(recoverWith({ ...without, since: new Date(0) }, world.runtime)).rejects.toThrow(
      /^recover: getAccessToken/,
    );
  });
});
