import type { AccountState } from '@nylas-otel/nylas-api';
import type { StoreTransaction } from '@nylas-otel/store';
import { newRepair, type RepairState } from '../machine/repair-state.ts';
import { needsRepair } from '../machine/verdicts.ts';
import { JOURNAL_KIND, REPAIRS } from '../runner/repair-records.ts';

/** Accounts have come to states; one query where none of them has, or needs, a repair: that is most of what happens. */
export async function nudgeRepairs(
  tx: StoreTransaction,
  states: ReadonlyMap<string, AccountState>,
  now: number,
): Promise<void> {
  if (states.size === 0) return;
  const known = await tx.records<RepairState>(REPAIRS).getMany([...states.keys()]);
  const concerned = new Set(known.map(({ key }) => key));
  for (const [id, state] of states) if (needsRepair(state)) concerned.add(id);
  // In one order everywhere: two commits that want the same repairs wait for each other, but never in a circle.
  for (const id of [...concerned].sort()) await nudgeRepair(tx, id, states.get(id) as AccountState, now);
}

/** The account has come to a state: its repair is begun, or looks at it at once. */
export async function nudgeRepair(
  tx: StoreTransaction,
  id: string,
  state: AccountState,
  now: number,
): Promise<void> {
  const repairs = tx.records<RepairState>(REPAIRS);
  for (;;) {
    const known = await repairs.get(id);
    if (known === undefined) {
      if (!needsRepair(state)) return;
      if (await repairs.add(id, newRepair(state, now), { tag: 'damping', due: now })) {
        await tx.journal.append([
          { kind: JOURNAL_KIND, accountId: id, data: { event: 'begun', step: 'damping', state } },
        ]);
        return;
      }
    } else {
      const { value, version } = known;
      // What is under way is not disturbed: its end looks at the account anyway.
      const due = value.intent?.until ?? now;
      if (await repairs.replace(id, version, value, { tag: value.step, due })) return;
    }
  }
}
