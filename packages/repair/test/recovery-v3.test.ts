import { type Change, startSimulator } from '@nylas-otel/simulator';
import { afterAll, describe, expect, it } from 'vitest';
import { recoverWith } from '../src/recovery/recover.ts';
import { startRecoveryWith } from '../src/recovery/start-recovery.ts';
import { Readout } from './readout.ts';
import { handledCounts, peakRates, recoveryWorld } from './recovery-world.ts';

const readout = new Readout();
// The whole size takes minutes: npm run test:recovery.
const FULL = process.env.NYLAS_OTEL_RECOVERY === 'full';
const GRANTS = FULL ? 200 : 20;
const CHANGES = FULL ? 10_000 : 800;
const HOUR = 3_600_000;
void startSimulator;
void afterAll;

const UNFILTERED: ReadonlySet<string> = new Set(['message.updated', 'message.deleted', 'event.deleted']);
const RESOURCES: Readonly<Record<string, string>> = {
  message: 'messages',
  event: 'events',
  contact: 'contacts',
  folder: 'folders',
  calendar: 'calendars',
};

function countByResource(changes: readonly Change[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { object } of changes) {
    const resource = RESOURCES[object] ?? object;
    counts[resource] = (counts[resource] ?? 0) + 1;
  }
  return counts;
}

describe(`a six hour outage over ${GRANTS} grants and ${CHANGES} objects`, () => {
  it('is made up for: what can be is handled once, what cannot is counted, at half of the limits', async () => {
    await using world = await recoveryWorld({
      grants: GRANTS,
      objects: { messages: 60, events: 20, contacts: 20 },
    });
    const { simulator, store, runtime, handled } = world;
    const { clock, traffic, webhooks, requests } = simulator;
    const settings = {
      store,
      apiKey: simulator.apiKey,
      baseUrl: simulator.url,
      unfiltered: 'count',
      requestsPerSecond: 1_000,
    } as const;
    clock.setScale(1);
    await (await import('../src/recovery/account-events.ts')).refreshAccounts;
    const recovery = startRecoveryWith({ ...settings, silence: false }, runtime);
    await recover1();
    await recovery.keepNow();
    clock.setScale(0);

    async function recover1() {
      // The table of accounts is filled by the monitor; here by a run over nothing.
      await recoverWith(
        {
          ...settings,
          since: new Date(clock.now() - 1_000),
          until: new Date(clock.now()),
          resources: ['grants'],
        },
        runtime,
      );
    }

    const mix = { 'calendar.created': 2, 'calendar.updated': 1, ...DEFAULT_MIX };
    const pass = async (changes: number, overMs: number) => {
      const run = traffic.run({ changes, overMs, mix });
      await clock.advance(overMs);
      await run.done;
      await clock.settled();
    };
    await pass(Math.ceil(CHANGES / 6), HOUR);
    const since = new Date(clock.now());
    webhooks.startOutage();
    await pass(CHANGES, 6 * HOUR);
    webhooks.endOutage();
    const until = new Date(clock.now());
    await pass(Math.ceil(CHANGES / 36), HOUR / 6);
    await world.drained();

    const missed = webhooks.missed();
    const heard = handled.length;
    expect(missed.length).toBeGreaterThan(CHANGES * 0.9);
    expect(heard).toBeGreaterThan(0);

    requests.clear();
    clock.setScale(1);
    const report = await recoverWith({ ...settings, since, until }, runtime);
    await world.drained();
    clock.setScale(0);

    const recoverable = missed.filter((change) => !UNFILTERED.has(change.class));
    const lost = missed.filter((change) => UNFILTERED.has(change.class));
    expect(report.complete).toBe(true);
    expect(report.recovered).toEqual(countByResource(recoverable));
    expect(report.unrecoverable).toEqual(countByResource(lost));
    expect(handled.length - heard).toBe(recoverable.length);
    const counts = handledCounts(handled);
    expect([...counts.values()].filter((count) => count !== 1)).toEqual([]);
    for (const { accountId, object, id } of recoverable)
      expect(counts.get(`${accountId}/${object}/${id}`)).toBe(1);

    const { account } = peakRates(requests.list());
    expect(account).toBeLessThanOrEqual(100);
    expect(requests.list().filter(({ status }) => status === 429)).toEqual([]);
    const metric = async (name: string) =>
      Object.fromEntries(
        (await readout.values(name))
          .filter(({ value }) => value > 0)
          .map(({ value, attributes }) => [attributes['nylas.resource'], value]),
      );
    expect(await metric('nylas.webhook.recovered')).toEqual(report.recovered);
    expect(await metric('nylas.webhook.unrecoverable')).toEqual(report.unrecoverable);
    await recovery.close();
  }, 900_000);
});

const DEFAULT_MIX = {
  'message.created': 40,
  'message.updated': 15,
  'message.deleted': 3,
  'event.created': 12,
  'event.updated': 10,
  'event.cancelled': 5,
  'event.deleted': 2,
  'contact.created': 5,
  'contact.updated': 4,
  'contact.deleted': 1,
  'folder.created': 1,
  'folder.updated': 1,
  'folder.deleted': 1,
} as const;
