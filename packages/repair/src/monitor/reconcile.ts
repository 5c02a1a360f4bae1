import type { NylasStore } from '@nylas-otel/store';
import type { RepairState } from '../machine/repair-state.ts';
import { needsRepair } from '../machine/verdicts.ts';
import { REPAIRS } from '../runner/repair-records.ts';
import { nudgeRepair } from '../tracking/nudge-repair.ts';

const BATCH = 500;

/**
 * Begins the repair of unhealthy accounts that have none: those that were in the store before repair was, for example.
 */
export async function reconcile(store: NylasStore, now: () => number, signal: AbortSignal): Promise<void> {
  let after: string | undefined;
  while (!signal.aborted) {
    const page = await store.accounts.list({
      unhealthy: true,
      limit: BATCH,
      ...(after === undefined ? {} : { after }),
    });
    const repairs = store.records<RepairState>(REPAIRS);
    for (const { id, state } of page) {
      if (!needsRepair(state) || (await repairs.get(id)) !== undefined) continue;
      await store.transaction((tx) => nudgeRepair(tx, id, state, now()));
    }
    after = page.at(-1)?.id;
    if (page.length < BATCH) return;
  }
}

/** Repair is no dry run any more: what was only planned is looked at now, instead of within the hour. */
export async function wakePlanned(store: NylasStore, now: number, signal: AbortSignal): Promise<void> {
  const repairs = store.records<RepairState>(REPAIRS);
  let after: string | undefined;
  while (!signal.aborted) {
    const page = await repairs.list({
      tag: 'planned',
      limit: BATCH,
      ...(after === undefined ? {} : { after }),
    });
    // Where another process was faster, that one has looked at it.
    for (const { key, value, version } of page)
      await repairs.replace(key, version, value, { tag: value.step, due: now });
    after = page.at(-1)?.key;
    if (page.length < BATCH) return;
  }
}
