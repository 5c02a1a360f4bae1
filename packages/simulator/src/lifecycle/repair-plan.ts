import { type Check, integer, listOf, oneOf, record } from '../option-checks.ts';
import { SYNC_STATES, type SyncState } from '../stores/account-store.ts';

/** What an attempt to repair an account comes to. */
export interface RepairOutcome {
  readonly state: SyncState;
  /** Simulated milliseconds until it is so. Default: up to a minute after an upgrade, at once after a login. */
  readonly afterMs?: number;
  /** What comes after that, as `partial` that becomes `running`. */
  readonly next?: RepairOutcome;
}

/** What restarts and re-authentications come to: one outcome for all, or one each time; the last one stays. */
export interface RepairPlan {
  readonly upgrade?: RepairOutcome | readonly RepairOutcome[];
  readonly reauthenticate?: RepairOutcome | readonly RepairOutcome[];
}

const DEEPEST = 20;

function checkOutcome(depth: number): Check {
  return (name, value) =>
    record({
      state: oneOf(...SYNC_STATES),
      afterMs: integer(0, 10_000_000_000),
      next: depth < DEEPEST ? checkOutcome(depth + 1) : oneOf(),
    })(name, value);
}

/** Checks a plan, and puts single outcomes into lists. */
export function checkPlan(plan: RepairPlan): {
  readonly upgrade?: readonly RepairOutcome[];
  readonly reauthenticate?: readonly RepairOutcome[];
} {
  const lists = Object.fromEntries(
    Object.entries(plan ?? {}).map(([name, value]) => [name, Array.isArray(value) ? value : [value]]),
  );
  record({ upgrade: listOf(checkOutcome(0)), reauthenticate: listOf(checkOutcome(0)) })('', lists);
  return lists;
}
