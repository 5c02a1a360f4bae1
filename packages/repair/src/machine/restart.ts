import { act, enter, notBegun, type Rules, rest } from './moves.ts';
import { failurePause } from './repair-policy.ts';
import type { Billing, Move, Note, RepairState } from './repair-state.ts';

const MOST_DOWNGRADES = 3;
// A downgraded account does not work: its upgrade is tried often.
const MOST_UPGRADE_PAUSE_MS = 300_000;

/** True while the account is downgraded by us, or may be: nothing comes before its upgrade. */
export function owesUpgrade({ restart }: RepairState): boolean {
  return restart !== undefined && restart.phase !== 'done';
}

/** True when the account may be restarted again. */
export function mayRestart({ restart }: RepairState, { now, policy }: Rules): boolean {
  return restart === undefined || now >= restart.at + policy.restartEveryMs;
}

/** Restarts the account: a downgrade, of which an upgrade follows in any case. */
export function beginRestart(state: RepairState, rules: Rules, notes: readonly Note[] = []): Move {
  const { state: restarting, notes: entered } = enter(state, 'restarting');
  const move = act(restarting, 'downgrade', rules, notes);
  // Held or planned: nothing was begun.
  if (move.effect === undefined || move.next === undefined) return notBegun(move, 'confirming');
  const restart = { at: rules.now, phase: 'down' as const, doubt: true };
  return { ...move, next: { ...move.next, restart }, notes: [...entered, ...move.notes] };
}

/** Goes on with a restart that is not finished. */
export function goOnRestarting(state: RepairState, rules: Rules): Move {
  const { restart, resumeAt } = state;
  if (resumeAt !== undefined && rules.now < resumeAt) return rest(state, resumeAt);
  const certain = restart?.phase === 'up' && !restart.doubt;
  return act({ ...state, resumeAt: undefined }, certain ? 'upgrade' : 'read', rules);
}

/** The downgrade worked: the upgrade follows at once. */
export function downgraded(state: RepairState, rules: Rules, notes: readonly Note[]): Move {
  return act(inPhase(state, 'up', false), 'upgrade', rules, notes);
}

/** The restart is over: the account is given time, then checked. */
export function upgraded(state: RepairState, rules: Rules, notes: readonly Note[]): Move {
  const { state: settling, notes: entered } = enter(
    { ...inPhase(state, 'done', false), failures: 0 },
    'settling',
  );
  const resumeAt = rules.now + rules.policy.settleMs;
  return rest({ ...settling, resumeAt, asked: undefined }, resumeAt, [...notes, ...entered]);
}

/**
 * A downgrade or an upgrade failed, or its process died. Unless it is sure that it had no effect, what became of it is read.
 */
export function restartFailed(state: RepairState, sure: boolean, rules: Rules, notes: readonly Note[]): Move {
  const phase = state.restart?.phase ?? 'done';
  if (phase === 'down' && sure) return tryAgain(state, rules, notes);
  const failures = state.failures + 1;
  const resumeAt = rules.now + Math.min(failurePause(failures), MOST_UPGRADE_PAUSE_MS);
  return rest({ ...inPhase(state, phase, true), failures, resumeAt }, resumeAt, notes);
}

/** A read says what became of a downgrade or an upgrade. */
export function restartRead(
  state: RepairState,
  billing: Billing,
  rules: Rules,
  notes: readonly Note[],
): Move {
  // Where Nylas does not say, an upgrade too many does no harm.
  if (billing !== 'paid') return act(inPhase(state, 'up', false), 'upgrade', rules, notes);
  if (state.restart?.phase === 'up') return upgraded(state, rules, notes);
  return tryAgain(state, rules, notes);
}

/** The downgrade never arrived. */
function tryAgain(state: RepairState, rules: Rules, notes: readonly Note[]): Move {
  const refusals = state.refusals + 1;
  if (refusals >= MOST_DOWNGRADES) return upgraded({ ...state, refusals: 0 }, rules, notes);
  const { state: confirming, notes: entered } = enter(state, 'confirming', 'the restart did not begin');
  const resumeAt = rules.now + failurePause(refusals);
  const next = { ...confirming, failures: 0, refusals, resumeAt, restart: undefined };
  return rest(next, resumeAt, [...notes, ...entered]);
}

/** The check after a restart found the account downgraded: the downgrade arrived after all, late. */
export function downgradedLate(state: RepairState, rules: Rules, notes: readonly Note[]): Move {
  const { state: restarting, notes: entered } = enter(
    inPhase(state, 'up', false),
    'restarting',
    'downgraded late',
  );
  return act(restarting, 'upgrade', rules, [...notes, ...entered]);
}

function inPhase(state: RepairState, phase: 'down' | 'up' | 'done', doubt: boolean): RepairState {
  const at = state.restart?.at ?? 0;
  return { ...state, restart: { at, phase, doubt }, resumeAt: undefined };
}
