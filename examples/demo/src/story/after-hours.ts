import { setTimeout as sleep } from 'node:timers/promises';
import type { World } from '../world/world.ts';
import type { IdleMailboxes } from './broken-accounts.ts';
import type { Cast } from './cast.ts';
import { dayOfWork } from './everyday-work.ts';

const PAUSE_MS = 350;
const HEAL_EVERY_MS = 15_000;

/** Work that goes on, with a little trouble, so that there is something to watch. Ends with the signal. */
export async function workOn(
  { nylas, service }: World,
  cast: Cast,
  idle: IdleMailboxes,
  signal: AbortSignal,
): Promise<void> {
  const trouble = { method: 'GET', route: '/v3/grants/{grant_id}/messages' };
  nylas.faults.clear();
  nylas.faults.add({
    ...trouble,
    fault: 'rate_limit_provider',
    probability: 0.03,
    options: { retryAfter: 1 },
  });
  nylas.faults.add({ ...trouble, fault: 'bad_gateway_html', probability: 0.02 });
  nylas.faults.add({ ...trouble, fault: 'slow', probability: 0.05, options: { ms: 500 } });
  const healing = healAndBreak(nylas, idle, signal);
  while (!signal.aborted) await dayOfWork(service.url, cast, { atOnce: 2, pause: PAUSE_MS, signal });
  await healing;
}

/** One expired grant after the other is authenticated again, then they expire anew. */
async function healAndBreak(
  nylas: World['nylas'],
  { grants }: IdleMailboxes,
  signal: AbortSignal,
): Promise<void> {
  for (let turn = 0; ; turn++) {
    try {
      await sleep(HEAL_EVERY_MS, undefined, { signal });
    } catch {
      return;
    }
    const grant = grants[turn % grants.length];
    const heal = Math.floor(turn / grants.length) % 2 === 0;
    if (grant !== undefined) nylas.grants.setStatus(grant.id, heal ? 'valid' : 'invalid');
  }
}
