import { setTimeout as sleep } from 'node:timers/promises';
import type { World } from '../world/world.ts';
import { differenceOf, gaugedAccounts, trueAccounts } from './account-counts.ts';
import { MetricsPage } from './metrics-page.ts';
import type { AccountComparison, Evidence } from './promises.ts';
import { isAttempt } from './trace.ts';

const LOOK_EVERY_MS = 150;
const SETTLES_WITHIN_MS = 8_000;

/** Waits until the account gauges say what is true, and gives what they said last. */
export async function awaitAccounts({ service, nylas }: World, withinMs: number): Promise<AccountComparison> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const gauged = gaugedAccounts(new MetricsPage(await service.nylasMetrics()));
    const real = trueAccounts(nylas);
    if (differenceOf(gauged, real) === undefined || performance.now() > deadline) return { gauged, real };
    await sleep(LOOK_EVERY_MS);
  }
}

/** Waits until what is under way has arrived, and puts everything together. */
export async function collectEvidence(
  world: World,
  story: Pick<Evidence, 'before' | 'after' | 'starMailbox' | 'sender'>,
): Promise<Evidence> {
  const { service, nylas, collector, prometheus } = world;
  const text = await settledPage(world);
  return {
    ...story,
    spans: [...collector.spans],
    text,
    page: new MetricsPage(text),
    ownPage: new MetricsPage(await service.ownMetrics()),
    log: [...service.log],
    truth: nylas,
    prometheus: prometheus && (await scraped(prometheus)),
  };
}

/** The page of Nylas metrics at a moment when every request is counted and every span has arrived. */
async function settledPage({ service, nylas, collector }: World): Promise<string> {
  const deadline = performance.now() + SETTLES_WITHIN_MS;
  for (;;) {
    const text = await service.nylasMetrics();
    const counted = new MetricsPage(text).sum('nylas_client_requests_total');
    const sent = nylas.requests.total;
    const traced = collector.spans.filter(isAttempt).length;
    if ((counted === sent && traced === sent) || performance.now() > deadline) return text;
    await sleep(LOOK_EVERY_MS);
  }
}

async function scraped(prometheus: NonNullable<World['prometheus']>): Promise<Evidence['prometheus']> {
  const deadline = performance.now() + SETTLES_WITHIN_MS;
  for (;;) {
    const targets = (await prometheus.query('sum(up)')) ?? 0;
    const requests = (await prometheus.query('sum(nylas_client_requests_total)')) ?? 0;
    if ((targets === 2 && requests > 0) || performance.now() > deadline) return { targets, requests };
    await sleep(LOOK_EVERY_MS);
  }
}
