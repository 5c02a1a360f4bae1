import { act, enter, gone, held, type Rules, recovered, remember, rest } from './moves.ts';
import {
  awaitReauthentication,
  check,
  escalate,
  escalatedTo,
  escalationFailed,
  prompted,
  promptFailed,
  reauthenticated,
  revokeFailed,
} from './reauthentication.ts';
import { LOOK_AGAIN, type RepairPolicy } from './repair-policy.ts';
import {
  type AccountView,
  type EffectKind,
  type Fact,
  type Move,
  type Note,
  newRepair,
  type RepairState,
  type Setting,
} from './repair-state.ts';
import { beginRestart, downgraded, goOnRestarting, owesUpgrade, restartFailed, upgraded } from './restart.ts';
import { needsRepair, onReadFailed, onReading } from './verdicts.ts';

/**
 * One step of an account's repair: from its state and what happened to the next state and at most one effect. Pure. The
 * caller commits the next state, which holds the effect's intent, carries the effect out and comes back with what became
 * of it; whoever finds an intent without a result after its time goes on from there.
 */
export function advance(state: RepairState, fact: Fact, setting: Setting, policy: RepairPolicy): Move {
  const rules: Rules = { ...setting, policy };
  switch (fact.kind) {
    case 'look':
      return look(state, fact.account, rules);
    case 'reauthenticated':
      return said({ ...state, asked: 'reauthenticated' }, rules);
    case 'restart':
      return said({ ...state, asked: 'restart' }, rules);
    default:
      return settle(state, fact, rules);
  }
}

/** What an operator says is written down; it is acted on at the next look, which is at once. */
function said(state: RepairState, { now }: Rules): Move {
  const why = state.asked === 'restart' ? 'restart' : 're-authenticated';
  return rest({ ...state, resumeAt: undefined }, Math.max(now, state.intent?.until ?? 0), [
    { event: 'asked', step: state.step, why },
  ]);
}

function look(state: RepairState, account: AccountView | undefined, rules: Rules): Move {
  const { intent } = state;
  if (intent !== undefined) return rules.now < intent.until ? rest(state, intent.until) : lost(state, rules);
  if (owesUpgrade(state)) return goOnRestarting(state, rules);
  if (account === undefined || account.state === 'deleted') return gone();
  if (state.asked === 'restart') return askedRestart(state, rules);
  if (state.asked === 'reauthenticated' && state.step !== 'checking' && state.step !== 'revoking')
    return reauthenticated(state, rules, 'said by an operator');
  if (account.state === 'running') return running(state, rules);
  if (rules.hold !== undefined && state.asked === undefined) return held(state, rules.hold, rules.now);
  return unhealthy(state, account, rules);
}

function askedRestart(state: RepairState, rules: Rules): Move {
  const { resumeAt } = state;
  return resumeAt !== undefined && rules.now < resumeAt ? rest(state, resumeAt) : beginRestart(state, rules);
}

/** The process that began an effect died, or was cut off: what became of it is found out, each in its own way. */
function lost(state: RepairState, rules: Rules): Move {
  const { effect = 'read' } = state.intent ?? {};
  const open = { ...state, intent: undefined };
  const notes: Note[] = [{ event: 'lost', step: state.step, effect, outcome: 'unsure' }];
  switch (effect) {
    case 'read':
      return rest(open, rules.now, notes);
    case 'downgrade':
    case 'upgrade':
      // Read at once: the lease was long enough for a request under way to arrive.
      return withoutPause(restartFailed(open, false, rules, notes), rules);
    default:
      return failed(open, effect, false, rules, notes);
  }
}

function withoutPause(move: Move, rules: Rules): Move {
  return { ...move, next: move.next && { ...move.next, resumeAt: undefined }, due: rules.now };
}

/** The tracker says that it runs again. */
function running(state: RepairState, rules: Rules): Move {
  switch (state.step) {
    case 'recovered':
      return remember(state, rules);
    case 'awaiting_reauth':
      return state.tokenMark !== undefined && rules.tokenMark === state.tokenMark
        ? check(state, rules, [], 'it runs again, with the old token')
        : seenAgain(state, rules);
    case 'checking':
      return waitOrGoOn(state.failures === 0 ? { ...state, resumeAt: undefined } : state, rules);
    // Not before its time: the account may still be downgraded by a request that arrives late.
    case 'settling':
    case 'revoking':
      return waitOrGoOn(state, rules);
    default:
      return recovered(state, rules);
  }
}

// Without a token to compare, tokens are revoked only when somebody says that there was a re-authentication.
function seenAgain(state: RepairState, rules: Rules): Move {
  if (state.tokenMark === undefined || rules.tokenMark === undefined)
    return check({ ...state, reauthenticatedAt: rules.now }, rules, [], 'it runs again');
  return reauthenticated(state, rules, 'it runs again, with a new token');
}

function unhealthy(state: RepairState, account: AccountView, rules: Rules): Move {
  switch (state.step) {
    case 'recovered':
      return needsRepair(account.state) ? anew(state, account, rules) : remember(state, rules);
    case 'damping':
      return damp(state, account, rules);
    case 'planned':
      if (rules.policy.dryRun && account.state === state.reason)
        return rest(state, rules.now + LOOK_AGAIN.dryRun);
      return damp(enter(state, 'damping').state, account, rules);
    case 'awaiting_reauth':
      if (account.state === 'partial' && state.reason === 'invalid')
        return check({ ...state, reauthenticatedAt: rules.now }, rules, [], 'its credentials work again');
      return awaitReauthentication(state, rules);
    case 'escalated':
      return escalatedBefore(state, account, rules);
    default:
      return waitOrGoOn(state, rules);
  }
}

/** Broken again, while limits of an earlier repair are remembered. */
function anew(state: RepairState, account: AccountView, rules: Rules): Move {
  const { restart, prompt, escalation, intents } = state;
  const repair = { ...newRepair(account.state, rules.now), restart, prompt, escalation, intents };
  const move = damp(repair, account, rules);
  return { ...move, notes: [{ event: 'begun', step: 'damping', state: account.state }, ...move.notes] };
}

/** Invalid credentials do not pass by themselves; everything else may. */
function damp(state: RepairState, account: AccountView, rules: Rules): Move {
  const { now, policy } = rules;
  const { resumeAt = 0 } = state;
  if (!needsRepair(account.state)) {
    const until = Math.max(resumeAt, account.since + policy.flapMs);
    return rest({ ...state, brokenSince: undefined }, now < until ? until : now + policy.checkEveryMs);
  }
  // From stopped to sync_error and back it is broken all the while.
  const brokenSince = Math.min(account.since, state.brokenSince ?? account.since);
  const seen = { ...state, reason: account.state, brokenSince };
  const until = Math.max(resumeAt, brokenSince + policy.flapMs);
  if (account.state !== 'invalid' && now < until) return rest(seen, until);
  const { state: confirming, notes } = enter(seen, 'confirming');
  return act(confirming, 'read', rules, notes);
}

function escalatedBefore(state: RepairState, account: AccountView, rules: Rules): Move {
  const { resumeAt, escalation } = state;
  if (resumeAt !== undefined && rules.now < resumeAt) return rest(state, resumeAt);
  if (escalation === undefined || !escalation.sure)
    return escalate(state, rules, [], 'nobody may have been told');
  // What a user can mend has come to it since.
  if (account.state === 'invalid' && state.reason !== 'invalid') {
    const { state: confirming, notes } = enter({ ...state, reason: 'invalid' }, 'confirming');
    return act(confirming, 'read', rules, notes);
  }
  return rest(state, undefined);
}

/** Steps that wait for a time and then do one thing. */
function waitOrGoOn(state: RepairState, rules: Rules): Move {
  const { resumeAt } = state;
  if (resumeAt !== undefined && rules.now < resumeAt) return rest(state, resumeAt);
  return act(state, state.step === 'revoking' ? 'revoke' : 'read', rules);
}

/** What became of an effect. */
function settle(
  state: RepairState,
  fact: Extract<Fact, { kind: 'read' | 'done' | 'failed' }>,
  rules: Rules,
): Move {
  const { effect } = state.intent ?? {};
  if (effect === undefined) return rest(state, undefined);
  const open = { ...state, intent: undefined };
  if (fact.kind === 'failed') {
    const outcome = fact.sure ? 'failed' : 'unsure';
    return failed(open, effect, fact.sure, rules, [{ event: 'result', step: state.step, effect, outcome }]);
  }
  const note: Note = { event: 'result', step: state.step, effect, outcome: 'success' };
  if (fact.kind === 'read') {
    if (fact.reading === undefined) return gone();
    return onReading(open, fact.reading, rules, [{ ...note, state: fact.reading.state }]);
  }
  return worked(open, effect, rules, [note]);
}

function worked(state: RepairState, effect: EffectKind, rules: Rules, notes: readonly Note[]): Move {
  switch (effect) {
    case 'downgrade':
      return downgraded(state, rules, notes);
    case 'upgrade':
      return upgraded(state, rules, notes);
    case 'prompt':
      return prompted(state, rules, notes);
    case 'revoke':
      return check({ ...state, failures: 0 }, rules, notes);
    case 'escalate':
      return escalatedTo({ ...state, failures: 0 }, true, notes);
    case 'read':
      return rest(state, rules.now, notes);
  }
}

function failed(
  state: RepairState,
  effect: EffectKind,
  sure: boolean,
  rules: Rules,
  notes: readonly Note[],
): Move {
  switch (effect) {
    case 'downgrade':
    case 'upgrade':
      return restartFailed(state, sure, rules, notes);
    case 'prompt':
      return promptFailed(state, sure, rules, notes);
    case 'revoke':
      return revokeFailed(state, rules, notes);
    case 'escalate':
      return sure ? escalationFailed(state, rules, notes) : escalatedTo(state, false, notes);
    case 'read':
      return onReadFailed(state, rules, notes);
  }
}
