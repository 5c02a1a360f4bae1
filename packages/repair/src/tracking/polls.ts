import type { AccountUpdate, NylasStore } from '@nylas-otel/store';
import { type PollParts, PollShard } from './poll-shard.ts';
import type { PollState } from './poll-state.ts';
import { deletedReading, type Rereads } from './rereads.ts';

/** Many accounts that are no longer listed as invalid are read by a sweep instead of one by one. */
const ONE_BY_ONE = { recovered: 50, vanished: 20 };
const BATCH = 1_000;
const MOST_INVALID_LOOKED_AT = 10_000;
const SECOND_LOOK_MS = 60_000;

/** The sweep over all accounts. */
export function sweepShard(parts: PollParts, rereads: Rereads, intervalMs: number): PollShard {
  return new PollShard(parts, {
    kind: 'sweep',
    intervalMs,
    finished: (from, before) => takeOutVanished(parts, rereads, from, before),
  });
}

/** The poll for invalid grants (v3). */
export function invalidShard(
  parts: PollParts,
  rereads: Rereads,
  intervalMs: number,
  sweep: Pick<PollShard, 'hurry'>,
): PollShard {
  return new PollShard(parts, {
    kind: 'invalid',
    intervalMs,
    finished: async (from) => {
      const back = await noLongerInvalid(parts.store, from);
      if (back.length > ONE_BY_ONE.recovered) await sweep.hurry();
      else for (const id of back) await rereads.want(id, 'poll');
      return {};
    },
  });
}

async function noLongerInvalid(store: NylasStore, from: number): Promise<string[]> {
  const back: string[] = [];
  let after: string | undefined;
  for (let seen = 0; seen < MOST_INVALID_LOOKED_AT; seen += BATCH) {
    const page = await store.accounts.list({
      state: 'invalid',
      limit: BATCH,
      ...(after === undefined ? {} : { after }),
    });
    for (const { id, time } of page) if (time < from) back.push(id);
    after = page.at(-1)?.id;
    if (page.length < BATCH || back.length > ONE_BY_ONE.recovered) break;
  }
  return back;
}

/**
 * Accounts that the list no longer has are gone, as soon as that is certain: a few are asked for one by one, many only when
 * two complete sweeps in a row did not find them.
 */
async function takeOutVanished(
  { store, tracker, runtime }: PollParts,
  rereads: Rereads,
  from: number,
  before: PollState,
): Promise<{ readonly nextAt?: number }> {
  const few = await store.accounts.unseenSince(from, { limit: ONE_BY_ONE.vanished + 1 });
  if (few.length <= ONE_BY_ONE.vanished) {
    for (const id of few) await rereads.want(id, 'poll');
    return {};
  }
  if (before.completeFrom !== undefined) {
    for (;;) {
      const gone = await store.accounts.unseenSince(before.completeFrom, { limit: BATCH });
      const updates = gone.map(
        (id): AccountUpdate => ({ reading: deletedReading(id), time: from, signal: 'poll' }),
      );
      const results = await tracker.apply(updates);
      if (gone.length < BATCH || results.every(({ verdict }) => verdict !== 'changed')) break;
    }
  }
  const left = await store.accounts.unseenSince(from, { limit: 1 });
  return left.length === 0 ? {} : { nextAt: runtime.now() + SECOND_LOOK_MS };
}
