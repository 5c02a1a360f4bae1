// Debian: apt install postgresql
import { hasPostgres, type PostgresServer, startPostgres } from '@nylas-otel/store/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { noteGap } from '../src/recovery/gap-ledger.ts';
import { recoverWith } from '../src/recovery/recover.ts';
import { startRecoveryWith } from '../src/recovery/start-recovery.ts';
import { Readout } from './readout.ts';
import { peakRates, type RecoveryWorld, recoveryWorld } from './recovery-world.ts';

const HOUR = 3_600_000;
const readout = new Readout();

describe.skipIf(!hasPostgres())('what recovery keeps from before a gap', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.stop());

  const worldOf = async (grants: number): Promise<RecoveryWorld> => {
    const world = await recoveryWorld({
      databaseUrl: await server.createDatabase(),
      grants: Array.from({ length: grants }, () => ({ provider: 'imap' as const })),
      objects: { messages: 5, events: 3, contacts: 3 },
    });
    onTestFinished(() => world[Symbol.asyncDispose]());
    return world;
  };
  const access = ({ store, simulator }: RecoveryWorld) => ({
    store,
    apiKey: simulator.apiKey,
    baseUrl: simulator.url,
  });
  /** Time passes by itself while `work` is done. */
  const running = async <T>({ simulator, drained }: RecoveryWorld, work: () => Promise<T>): Promise<T> => {
    simulator.clock.setScale(1);
    try {
      return await work();
    } finally {
      simulator.clock.setScale(0);
      await drained();
    }
  };
  const keeper = async (world: RecoveryWorld, more: object = {}) => {
    const recovery = startRecoveryWith({ ...access(world), silence: false, ...more }, world.runtime);
    onTestFinished(() => recovery.close());
    await running(world, () =>
      recoverWith(
        { ...access(world), since: new Date(world.simulator.clock.now() - 1_000), resources: ['grants'] },
        world.runtime,
      ),
    );
    await running(world, () => recovery.keepNow());
    return recovery;
  };
  const contactOf = async ({ simulator }: RecoveryWorld): Promise<{ grant: string; contact: string }> => {
    const grant = simulator.grants.list()[0]?.id ?? '';
    const answer = await fetch(`${simulator.url}/v3/grants/${grant}/contacts`, {
      headers: { authorization: `Bearer ${simulator.apiKey}` },
    });
    const { data } = (await answer.json()) as { data: { id: string }[] };
    return { grant, contact: data[0]?.id ?? '' };
  };
  /** A contact changes, and nobody hears of it. */
  const missedChange = async (world: RecoveryWorld): Promise<{ since: Date; until: Date }> => {
    const { clock, webhooks, traffic } = world.simulator;
    const { grant, contact } = await contactOf(world);
    await clock.advance(HOUR);
    const since = new Date(clock.now());
    webhooks.startOutage();
    await clock.advance(HOUR);
    traffic.update(grant, 'contact', contact, { given_name: 'Changed' });
    await clock.advance(HOUR);
    webhooks.endOutage();
    return { since, until: new Date(clock.now()) };
  };

  it('is taken within the same half of the limits that recovery has, never beside it', async () => {
    const world = await worldOf(40);
    const rate = { requestsPerSecond: 30 };
    const begin = new Date(world.simulator.clock.now() - 1_000);
    await running(world, () =>
      recoverWith({ ...access(world), since: begin, resources: ['grants'] }, world.runtime),
    );
    world.simulator.requests.clear();
    const recovery = startRecoveryWith({ ...access(world), silence: false, ...rate }, world.runtime);
    onTestFinished(() => recovery.close());
    const since = new Date(world.simulator.clock.now() - HOUR);
    const [report] = await running(world, () =>
      Promise.all([
        recoverWith({ ...access(world), ...rate, since, resources: ['messages', 'events'] }, world.runtime),
        recovery.keepNow(),
      ]),
    );
    await running(world, () => recovery.keepNow());
    expect(report.complete).toBe(true);
    const requests = world.simulator.requests.list();
    const kept = requests.filter(({ template }) => template?.endsWith('/contacts'));
    expect(kept.length).toBeGreaterThanOrEqual(40);
    expect(requests.length).toBeGreaterThan(160);
    // One more where a window of a second begins between two.
    expect(peakRates(requests).all).toBeLessThanOrEqual(31);
  }, 60_000);

  it('is not overwritten while a gap is open, nor after it before it is made up for', async () => {
    const world = await worldOf(1);
    const { clock, requests } = world.simulator;
    const recovery = await keeper(world);
    await clock.advance(25 * HOUR);
    const gap = { from: clock.now() - HOUR, cause: 'destination', version: 'v3' } as const;
    requests.clear();
    await noteGap(world.store, 'gap', { ...gap, to: undefined });
    await running(world, () => recovery.keepNow());
    await noteGap(world.store, 'gap', { ...gap, to: clock.now() });
    await running(world, () => recovery.keepNow());
    expect(requests.total).toBe(0);
    await clock.advance(HOUR);
    await running(world, () => recovery.recoverNow());
    requests.clear();
    await clock.advance(25 * HOUR);
    await running(world, () => recovery.keepNow());
    expect(requests.total).toBeGreaterThan(0);
  });

  it('still shows a change when it was taken anew before anybody knew of the gap', async () => {
    const world = await worldOf(1);
    const recovery = await keeper(world);
    await world.simulator.clock.advance(23 * HOUR);
    const gap = await missedChange(world);
    await running(world, () => recovery.keepNow());
    const heard = world.handled.length;
    const report = await running(world, () =>
      recoverWith({ ...access(world), ...gap, resources: ['contacts'] }, world.runtime),
    );
    expect(report).toMatchObject({ recovered: { contacts: 1 }, unknowable: [] });
    expect(world.handled.slice(heard).map(({ trigger }) => trigger)).toEqual(['contact.updated']);
    const again = await running(world, () =>
      recoverWith({ ...access(world), ...gap, resources: ['contacts'] }, world.runtime),
    );
    expect(again).toMatchObject({ recovered: {}, unknowable: [] });
  });

  it('is said to be missing, not taken for "nothing happened", where every list is from after the gap', async () => {
    const world = await worldOf(1);
    const recovery = await keeper(world);
    const gap = await missedChange(world);
    for (let day = 0; day < 2; day++) {
      await world.simulator.clock.advance(25 * HOUR);
      await running(world, () => recovery.keepNow());
    }
    const report = await running(world, () =>
      recoverWith({ ...access(world), ...gap, resources: ['contacts'] }, world.runtime),
    );
    expect(report).toMatchObject({ recovered: {}, unknowable: ['contacts'] });
    expect(report.blind).toContain('contacts (no list from before)');
  });

  it('leaves the losses that nobody can see without a number: neither the report nor the metric says 0', async () => {
    const world = await worldOf(1);
    const { clock, traffic, webhooks } = world.simulator;
    await keeper(world);
    const grant = world.simulator.grants.list()[0]?.id ?? '';
    await clock.advance(HOUR);
    const since = new Date(clock.now());
    const { id } = traffic.arrive(grant, { subject: 'told, then deleted' }) as { id: string };
    await clock.advance(HOUR);
    webhooks.startOutage();
    traffic.delete(grant, 'message', id);
    await clock.advance(HOUR);
    webhooks.endOutage();
    const report = await running(world, () => recoverWith({ ...access(world), since }, world.runtime));
    expect(report.unrecoverable).toEqual({});
    expect(report.unknowable).toEqual(['messages', 'events']);
    expect(report.blind).toEqual(
      expect.arrayContaining(['message.updated', 'message.deleted', 'event.deleted']),
    );
    const [line] = await world.store.journal.read({ kind: 'recovery' });
    expect(line?.data.unknowable).toEqual(['messages', 'events']);
    const shown = (await readout.values('nylas.webhook.unrecoverable')).map(
      ({ attributes }) => attributes['nylas.resource'],
    );
    expect(shown).toContain('contacts');
    expect(shown).not.toContain('messages');
    expect(shown).not.toContain('events');
  });
});
