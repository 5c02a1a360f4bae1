// Debian: apt install postgresql
import { accountSeriesProducer, readAccountSeries } from '@nylas-otel/accounts';
import { hasPostgres, type PostgresServer, startPostgres } from '@nylas-otel/store/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { accountEvent } from './account-event.ts';
import { type MonitorWorld, monitorWorld } from './monitor-world.ts';
import { Readout } from './readout.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const readout = new Readout();

/** A monitor whose gauges are up, after its first sweep. */
async function watching(
  databaseUrl: string,
  version: 'v2' | 'v3',
  options: Parameters<typeof monitorWorld>[2],
): Promise<MonitorWorld & { look(): Promise<void> }> {
  const world = await monitorWorld(databaseUrl, version, options);
  const { gauges } = world.parts;
  await world.work();
  await gauges.start();
  onTestFinished(() => gauges.close());
  return { ...world, look: () => gauges.refresh() };
}

async function total(name: string, having: Record<string, string>): Promise<number> {
  return (await readout.values(name, having)).reduce((sum, { value }) => sum + value, 0);
}

function series(): string[] {
  return readAccountSeries().map(
    ({ value, attributes }) =>
      `${attributes['nylas.account.id']} ${attributes['nylas.account.state']} ${value}`,
  );
}

describe.skipIf(!hasPostgres())('a monitor shows', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  it('the accounts by state, how long the oldest is broken, each change, and the time to recovery', async () => {
    const { simulator, work, pass, look } = await watching(await server.createDatabase(), 'v3', {
      simulator: { grants: Array.from({ length: 5 }, () => ({ provider: 'zoom' as const })) },
    });
    const zoom = { 'nylas.provider': 'zoom' };
    const changes = (from: string, to: string) =>
      total('nylas.account.transitions', {
        'nylas.account.state.from': from,
        'nylas.account.state': to,
        'nylas.account.signal': 'poll',
      });
    const before = [await changes('running', 'invalid'), await changes('invalid', 'running')];
    expect(await total('nylas.accounts', { ...zoom, 'nylas.account.state': 'running' })).toBe(5);
    const { id = '' } = simulator.grants.list()[0] ?? {};
    simulator.grants.setStatus(id, 'invalid');
    await pass(2 * MINUTE);
    await pass(HOUR, 10 * MINUTE);
    await look();
    expect(await total('nylas.accounts', { ...zoom, 'nylas.account.state': 'running' })).toBe(4);
    expect(await total('nylas.accounts', { ...zoom, 'nylas.account.state': 'invalid' })).toBe(1);
    const age = await total('nylas.account.unhealthy.age', { ...zoom, 'nylas.account.state': 'invalid' });
    expect(age).toBeGreaterThanOrEqual(3_600);
    expect(age).toBeLessThan(3_600 + 180);
    simulator.grants.setStatus(id, 'valid');
    await pass(3 * MINUTE);
    await work();
    await look();
    expect(await total('nylas.account.unhealthy.age', { ...zoom, 'nylas.account.state': 'invalid' })).toBe(0);
    expect(await changes('running', 'invalid')).toBe((before[0] ?? 0) + 1);
    expect(await changes('invalid', 'running')).toBe((before[1] ?? 0) + 1);
    const [recovery] = await readout.values('nylas.account.recovery.duration', {
      ...zoom,
      'nylas.account.state': 'invalid',
    });
    expect(recovery?.value).toMatchObject({ count: 1, sum: expect.closeTo(age, -3) });
    expect(await total('nylas.account.polls', { 'nylas.outcome': 'success' })).toBeGreaterThan(0);
    expect(await total('nylas.account.poll.last_success.time', {})).toBeGreaterThan(0);
  });

  it('no series of single accounts, unless they are asked for', async () => {
    const { simulator, pass, look } = await watching(await server.createDatabase(), 'v3', {
      simulator: { grants: 3 },
    });
    simulator.grants.setStatus(simulator.grants.list()[0]?.id ?? '', 'invalid');
    await pass(2 * MINUTE);
    await look();
    expect(series()).toEqual([]);
  });

  it('as many single accounts as it is told, the longest broken first, and none that is gone', async () => {
    const { simulator, pass, look } = await watching(await server.createDatabase(), 'v3', {
      simulator: { grants: 10 },
      accountSeries: { max: 2 },
    });
    const [a = '', b = '', c = ''] = simulator.grants.list().map(({ id }) => id);
    for (const id of [b, a, c]) {
      simulator.grants.setStatus(id, 'invalid');
      await pass(2 * MINUTE);
    }
    await look();
    const broken = (): string[] => series().filter((line) => line.endsWith('invalid 1'));
    expect(broken()).toEqual([`${b} invalid 1`, `${a} invalid 1`]);
    expect(await total('nylas.account.series.dropped', {})).toBe(1);
    const producer = accountSeriesProducer(undefined);
    expect(JSON.stringify(await producer.collect())).toContain(b);
    simulator.grants.delete(b);
    await pass(70 * MINUTE, 5 * MINUTE);
    await look();
    expect(broken()).toEqual([`${a} invalid 1`, `${c} invalid 1`]);
    expect(JSON.stringify(await producer.collect())).not.toContain(b);
  });

  it('that repair is held by a mass failure, until it is over', async () => {
    const { simulator, monitor, pass, look } = await watching(await server.createDatabase(), 'v2', {
      simulator: { accounts: 60 },
      repair: { dryRun: false, massFailure: { accounts: 20 }, flapTime: 0 },
    });
    const paused = async (): Promise<number[]> => {
      await look();
      return (await readout.values('nylas.repair.paused')).map(({ value }) => value);
    };
    expect(await paused()).toEqual([0]);
    for (const { id } of simulator.accounts.list().slice(0, 25)) simulator.accounts.stop(id);
    await pass(6 * MINUTE);
    expect(await paused()).toEqual([1]);
    expect(await total('nylas.repair.pending', {})).toBe(25);
    expect((await monitor.status()).pause?.by).toBe('mass_failure');
    // Ten minutes after the last failure it is no mass failure any more.
    await pass(20 * MINUTE, 5 * MINUTE);
    expect(await paused()).toEqual([0]);
  });

  it('what webhooks of v2 tell, in the order of their events and not of their arrival', async () => {
    const { simulator, store, monitor } = await watching(await server.createDatabase(), 'v2', {
      simulator: { accounts: 2 },
    });
    const seen: string[] = [];
    monitor.on('transition', ({ from, to, signal }) => seen.push(`${from} ${to} ${signal}`));
    await store.inbox.work({ onEvent: monitor.webhookHandlers });
    const { id = '' } = simulator.accounts.list()[0] ?? {};
    const now = Date.now();
    const give = async (trigger: string, time: number): Promise<void> => {
      await store.inbox.accept([accountEvent(trigger, id, time)], { signal: new AbortController().signal });
      await expect
        .poll(async () => (await store.inbox.counts()).queued + (await store.inbox.counts()).active)
        .toBe(0);
    };
    await give('account.stopped', now + 60_000 - 60_000);
    expect((await monitor.account(id))?.state).toBe('stopped');
    await give('account.running', now - 600_000);
    // That was before.
    expect((await monitor.account(id))?.state).toBe('stopped');
    expect(seen).toEqual(['running stopped webhook']);
  });
});
