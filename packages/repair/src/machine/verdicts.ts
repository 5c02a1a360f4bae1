import type { AccountState } from '@nylas-otel/nylas-api';
import { enter, leaveAlone, type Rules, recovered, rest } from './moves.ts';
import { askUser, escalate } from './reauthentication.ts';
import { failurePause } from './repair-policy.ts';
import type { Billing, Move, Note, RepairState } from './repair-state.ts';
import { beginRestart, downgradedLate, mayRestart, owesUpgrade, restartRead } from './restart.ts';

/** What a fresh reading says. */
export interface Reading {
  readonly state: AccountState;
  readonly billing: Billing;
}

/** States in which a v2 account does not sync and that a restart may mend. */
const STUCK: ReadonlySet<AccountState> = new Set<AccountState>(['stopped', 'sync_error', 'exception']);

/** True for a state that repair begins with; `partial` passes by itself. */
export function needsRepair(state: AccountState): boolean {
  return state === 'invalid' || STUCK.has(state);
}

/** Decides on a fresh reading of the account. */
export function onReading(state: RepairState, reading: Reading, rules: Rules, notes: readonly Note[]): Move {
  if (owesUpgrade(state)) return restartRead(state, reading.billing, rules, notes);
  const fresh = { ...state, failures: 0 };
  switch (state.step) {
    case 'settling':
      return afterRestart(fresh, reading, rules, notes);
    case 'checking':
      return afterReauthentication(fresh, reading, rules, notes);
    default:
      return confirmed(fresh, reading, rules, notes);
  }
}

/** A read failed, which says nothing about the account: Nylas, the network or our own key. */
export function onReadFailed(state: RepairState, rules: Rules, notes: readonly Note[]): Move {
  const failures = state.failures + 1;
  const resumeAt = rules.now + failurePause(failures);
  return rest({ ...state, failures, resumeAt }, resumeAt, notes);
}

/** Before anything is done: is it as we believe? */
function confirmed(state: RepairState, reading: Reading, rules: Rules, notes: readonly Note[]): Move {
  const { billing } = reading;
  if (reading.state === 'running') return recovered(state, rules, notes);
  // Whoever cancelled it meant it; an upgrade would have it billed again.
  if (billing === 'cancelled' || billing === 'deleted')
    return leaveAlone(state, rules, 'the account is cancelled', notes);
  const seen = needsRepair(reading.state) ? { ...state, reason: reading.state } : state;
  if (reading.state === 'invalid') return askUser(seen, rules, notes);
  if (!STUCK.has(reading.state)) return passing(state, rules, notes);
  if (rules.policy.version === 'v2' && mayRestart(seen, rules)) return beginRestart(seen, rules, notes);
  return askUser(seen, rules, notes);
}

/** Neither well nor broken: `partial`, `initializing`, `unknown`. */
function passing(state: RepairState, rules: Rules, notes: readonly Note[]): Move {
  const { state: damping, notes: entered } = enter(state, 'damping', 'it may pass');
  const resumeAt = rules.now + rules.policy.checkEveryMs;
  return rest({ ...damping, resumeAt }, resumeAt, [...notes, ...entered]);
}

/** Some minutes after a restart. */
function afterRestart(state: RepairState, reading: Reading, rules: Rules, notes: readonly Note[]): Move {
  if (reading.billing === 'cancelled') return downgradedLate(state, rules, notes);
  if (reading.state === 'running') return recovered(state, rules, notes);
  if (needsRepair(reading.state)) return askUser({ ...state, reason: reading.state }, rules, notes);
  return checkLater(state, rules, notes);
}

/** After a re-authentication, or while it is running partly. */
function afterReauthentication(
  state: RepairState,
  reading: Reading,
  rules: Rules,
  notes: readonly Note[],
): Move {
  if (reading.state === 'running') return recovered(state, rules, notes);
  if (!needsRepair(reading.state)) return checkLater(state, rules, notes);
  const seen = { ...state, reason: reading.state };
  if (state.reauthenticatedAt === undefined || reading.state === 'invalid')
    return askUser(seen, rules, notes);
  return escalate(seen, rules, notes, `${reading.state} after a re-authentication`);
}

/** It is on its way, Nylas says; but not for ever. */
function checkLater(state: RepairState, rules: Rules, notes: readonly Note[]): Move {
  const { now, policy } = rules;
  const { state: checking, notes: entered } = enter(state, 'checking', 'partly running');
  const partialSince = state.step === 'checking' ? (state.partialSince ?? now) : now;
  if (now >= partialSince + policy.partialForMs)
    return escalate(state, rules, notes, 'running partly for too long');
  const resumeAt = now + policy.checkEveryMs;
  return rest({ ...checking, partialSince, resumeAt }, resumeAt, [...notes, ...entered]);
}
