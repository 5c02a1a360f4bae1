// Debian: apt install postgresql
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Change } from '@nylas-otel/simulator';
import { hasPostgres, type PostgresServer, startPostgres } from '@nylas-otel/store/testing';
import type { ReceivedEvent } from '@nylas-otel/webhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RecoveryProgress, RecoveryReport } from '../src/index.ts';
import { recoverWith } from '../src/recovery/recover.ts';
import { startRecoveryWith } from '../src/recovery/start-recovery.ts';
import {
  acceptAll,
  handledCounts,
  lateNotifications,
  peakRates,
  type RecoveryWorld,
  recoveryWorld,
} from './recovery-world.ts';
import type { TimeScale } from './scaled-runtime.ts';
import { countingFetch, HALF, type SentRequest, type Spending, spendingOf } from './spending.ts';

// The size of the promise takes some minutes: npm run test:recovery.
const FULL = process.env.NYLAS_OTEL_RECOVERY === 'full';
const GRANTS = FULL ? 200 : 12;
const CHANGES = FULL ? 10_000 : 480;
const HOUR = 3_600_000;
/** Nylas's time, its limits and ours run this much faster than real time. */
const SCALE = 10;
const REQUESTS_PER_SECOND = 50;

const MIX = {
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
  'calendar.created': 1,
  'calendar.updated': 1,
} as const;
/** What no filter of v3 shows. */
const UNFILTERED: ReadonlySet<string> = new Set(['message.updated', 'message.deleted', 'event.deleted']);

describe.skipIf(!hasPostgres())(`an outage of six hours over ${GRANTS} grants and ${CHANGES} objects`, () => {
  let server: PostgresServer;
  let world: RecoveryWorld;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
    await server.stop();
  });

  it('is made up for by two processes, the first of which is killed half-way', async () => {
    const databaseUrl = await server.createDatabase();
    world = await recoveryWorld({
      databaseUrl,
      grants: GRANTS,
      objects: { messages: 60, events: 20, contacts: 20 },
    });
    const { simulator, store, runtime, handled } = world;
    const { clock, traffic, webhooks, requests } = simulator;
    const access = { apiKey: simulator.apiKey, baseUrl: simulator.url, unfiltered: 'count' } as const;
    const pass = async (changes: number, overMs: number): Promise<void> => {
      const run = traffic.run({ changes, overMs, mix: MIX });
      await clock.advance(overMs);
      await run.done;
      await clock.settled();
    };

    const isGoogle = (id: string): boolean => simulator.grants.get(id)?.provider === 'google';

    // Before: recovery knows the accounts and keeps inventories.
    clock.setScale(SCALE);
    const kept = new Map<number, SentRequest>();
    const settings = {
      ...access,
      store,
      fetch: countingFetch(clock.now.bind(clock), (n, request) => void kept.set(n, request)),
    };
    await recoverWith({ ...settings, since: new Date(clock.now() - 1_000), resources: ['grants'] }, runtime);
    const recovery = startRecoveryWith(settings, runtime);
    const keepFrom = clock.now();
    await recovery.keepNow();
    const keptSeconds = (clock.now() - keepFrom) / 1_000;
    await recovery.close();
    clock.setScale(0);
    const keeping = spendingOf([...kept.values()], isGoogle, REQUESTS_PER_SECOND);
    expectHalf(keeping);
    await pass(Math.ceil(CHANGES / 6), HOUR);

    const since = new Date(clock.now());
    webhooks.startOutage();
    await pass(CHANGES, 6 * HOUR);
    webhooks.endOutage();
    const until = new Date(clock.now());
    await pass(Math.ceil(CHANGES / 36), HOUR / 6);
    await world.drained();
    const heard = handled.length;
    const missed = webhooks.missed();
    expect(missed).toHaveLength(CHANGES);

    requests.clear();
    clock.setScale(SCALE);
    const time: TimeScale = { simulatedAt: clock.now(), realAt: Date.now(), scale: SCALE };
    const job = { ...access, databaseUrl, since, until, time };
    const killed = await recoverInChild(job, ({ done }) => done >= GRANTS / 2);
    expect(killed.report).toBeUndefined();
    const half = requests.total;
    const killedAt = clock.now();
    const resumed = await recoverInChild(job, () => false);
    const { report } = resumed;
    const begin = ({ sent }: typeof killed): number => sent[0]?.time ?? 0;
    const took = (killedAt - begin(killed) + clock.now() - begin(resumed)) / 1_000;
    await world.drained();

    const recoverable = missed.filter((change) => !UNFILTERED.has(change.class));
    const lost = missed.filter((change) => UNFILTERED.has(change.class));
    expect(report).toMatchObject({ complete: true, accounts: GRANTS, postponed: [], failed: [] });
    // 100 % of what can be recovered, once, and nothing twice: not from before, not from after, not from the first process.
    expect(report?.recovered).toEqual(byResource(recoverable));
    const counts = handledCounts(handled);
    for (const { accountId, object, id } of recoverable)
      expect(counts.get(`${accountId}/${object}/${id}`)).toBe(1);
    expect([...counts].filter(([, count]) => count !== 1)).toEqual([]);
    expect(handled.length - heard).toBe(recoverable.length);
    // The rest is counted to the object.
    expect(report?.unrecoverable).toEqual(byResource(lost));
    // The second process did not begin from the start, and both kept to half of the limits, together too.
    expect(report?.requests).toBeLessThan(half * 1.5);
    const recovering = spendingOf([...killed.sent, ...resumed.sent], isGoogle, REQUESTS_PER_SECOND);
    expectHalf(recovering);
    expect(peakRates(requests.list()).account).toBeLessThanOrEqual(100);
    expect(requests.list().filter(({ status }) => status === 429)).toEqual([]);
    // Nylas sends all that was missed after all: the handlers get what could not be recovered, and nothing twice.
    const late = lateNotifications(simulator, missed);
    expect(late).toHaveLength(missed.length);
    const told = await acceptAll(world, late);
    await world.drained();
    expect(told.map(changeOf).sort()).toEqual(lost.map((change) => `${change.trigger} ${change.id}`).sort());
    expect([...handledCounts(handled)].filter(([, count]) => count !== 1)).toEqual([]);
    expect(handled.length - heard).toBe(missed.length);
    console.info(
      `recovered ${recoverable.length} of ${recoverable.length}, unrecoverable ${lost.length}, handled twice 0, of ${late.length} late notifications ${told.length} handled; ` +
        `${requests.total} requests in ${took.toFixed(0)} s of Nylas's time, of which half of the limits forces ` +
        `${recovering.forcedSeconds.toFixed(0)} s (lists before: ${keptSeconds.toFixed(0)} of ` +
        `${keeping.forcedSeconds.toFixed(0)} s); at most ${recovering.requestsPerSecond} requests a second, ` +
        `${recovering.mailboxPerMinute} calls a minute to Google for a mailbox (limit ${2 * HALF.mailbox}) and ` +
        `${recovering.projectPerMinute} for all (limit ${2 * HALF.project})`,
    );
  }, 600_000);
});

function changeOf({ trigger, objectId }: ReceivedEvent): string {
  return `${trigger} ${objectId}`;
}

function expectHalf(spending: Spending): void {
  // One more where a window of a second begins between two.
  expect(spending.requestsPerSecond).toBeLessThanOrEqual(REQUESTS_PER_SECOND + 1);
  expect(spending.mailboxPerMinute).toBeLessThanOrEqual(HALF.mailbox);
  expect(spending.projectPerMinute).toBeLessThanOrEqual(HALF.project);
}

function byResource(changes: readonly Change[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { object } of changes) counts[`${object}s`] = (counts[`${object}s`] ?? 0) + 1;
  return counts;
}

/** Recovers in a process of its own, which is killed (SIGKILL) as soon as `killAt` says so. */
async function recoverInChild(
  job: object,
  killAt: (progress: RecoveryProgress) => boolean,
): Promise<{ readonly report: RecoveryReport | undefined; readonly sent: readonly SentRequest[] }> {
  const path = fileURLToPath(new URL('./fixtures/recover.ts', import.meta.url));
  const child = spawn(process.execPath, ['--conditions=nylas-otel-source', path, JSON.stringify(job)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let report: RecoveryReport | undefined;
  const sent = new Map<number, SentRequest>();
  const exit = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line) as {
      progress?: RecoveryProgress;
      report?: RecoveryReport;
      sent?: SentRequest & { n: number };
    };
    if (said.sent !== undefined) sent.set(said.sent.n, said.sent);
    report = said.report ?? report;
    if (said.progress !== undefined && killAt(said.progress)) child.kill('SIGKILL');
  }
  const [code, signal] = (await exit) as [number | null, string | null];
  expect(report === undefined ? signal : code).toBe(report === undefined ? 'SIGKILL' : 0);
  return { report, sent: [...sent.values()] };
}
