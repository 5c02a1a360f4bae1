import { act, enter, notBegun, type Rules, rest } from './moves.ts';
import { DAY_MS, failurePause, LOOK_AGAIN } from './repair-policy.ts';
import type { Move, Note, RepairState, Told } from './repair-state.ts';

/** Asks the user to authenticate again: never twice within 24 h, and not for ever. */
export function askUser(state: RepairState, rules: Rules, notes: readonly Note[] = []): Move {
  const { now, policy } = rules;
  const { state: waiting, notes: entered } = enter({ ...state, failures: 0 }, 'awaiting_reauth');
  if (now < remindAt(state, rules)) return rest(waiting, nextLook(waiting, rules), [...notes, ...entered]);
  if (state.prompts >= policy.mostPrompts) return escalate(state, rules, notes, 'nobody answers');
  // What an operator asked for is done: nobody is written to in a dry run.
  const move = act({ ...waiting, asked: undefined }, 'prompt', rules, notes);
  if (move.effect === undefined || move.next === undefined) return notBegun(move, 'confirming');
  const prompt: Told = { at: now, sure: false };
  return {
    ...move,
    next: {
      ...move.next,
      prompt,
      promptBefore: state.prompt,
      prompts: state.prompts + 1,
      tokenMark: rules.tokenMark,
      reauthenticatedAt: undefined,
    },
    notes: [...entered, ...move.notes],
  };
}

/** The prompt was sent. */
export function prompted(state: RepairState, rules: Rules, notes: readonly Note[]): Move {
  const sent = { ...state, refusals: 0, prompt: state.prompt && { ...state.prompt, sure: true } };
  return rest(sent, nextLook(sent, rules), notes);
}

/** The prompt failed. Only when it certainly was not sent is it tried again before a day has passed. */
export function promptFailed(state: RepairState, sure: boolean, rules: Rules, notes: readonly Note[]): Move {
  if (!sure) return rest(state, nextLook(state, rules), notes);
  const refusals = state.refusals + 1;
  const resumeAt = rules.now + failurePause(refusals);
  return rest(
    {
      ...state,
      step: 'confirming',
      refusals,
      resumeAt,
      prompt: state.promptBefore,
      promptBefore: undefined,
      prompts: state.prompts - 1,
    },
    resumeAt,
    notes,
  );
}

/**
 * When the user may be asked: at once, a day after an earlier repair did, or when a reminder is due. A prompt of which
 * nobody knows whether it was sent is repeated as soon as that is allowed.
 */
function remindAt({ prompt, prompts }: RepairState, { policy }: Rules): number {
  if (prompt === undefined) return 0;
  return prompt.at + (prompts > 0 && prompt.sure ? policy.remindEveryMs : DAY_MS);
}

function nextLook(state: RepairState, rules: Rules): number {
  const reminder = remindAt(state, rules);
  // A new token is found by looking; everything else comes by itself.
  return state.tokenMark === undefined ? reminder : Math.min(reminder, rules.now + LOOK_AGAIN.token);
}

/** Waits for the user, or reminds. */
export function awaitReauthentication(state: RepairState, rules: Rules): Move {
  if (state.tokenMark !== undefined && rules.tokenMark !== undefined && rules.tokenMark !== state.tokenMark)
    return reauthenticated(state, rules, 'there is a new access token');
  if (rules.now < remindAt(state, rules)) return rest(state, nextLook(state, rules));
  const { state: confirming, notes } = enter(state, 'confirming', 'no answer');
  return act(confirming, 'read', rules, notes);
}

/** The user has authenticated again: the old tokens are revoked if that is wanted, then the account is checked. */
export function reauthenticated(
  state: RepairState,
  rules: Rules,
  why: string,
  notes: readonly Note[] = [],
): Move {
  const seen = { ...state, reauthenticatedAt: rules.now, failures: 0 };
  if (!rules.policy.revokeTokens || rules.policy.version !== 'v2') return check(seen, rules, notes, why);
  const { state: revoking, notes: entered } = enter(seen, 'revoking', why);
  return act(revoking, 'revoke', rules, [...notes, ...entered]);
}

/** Revoking can be repeated; it must not keep an account from its check. */
export function revokeFailed(state: RepairState, rules: Rules, notes: readonly Note[]): Move {
  const failures = state.failures + 1;
  if (failures >= 3)
    return check({ ...state, failures: 0 }, rules, notes, 'the old tokens could not be revoked');
  const resumeAt = rules.now + failurePause(failures);
  return rest({ ...state, failures, resumeAt }, resumeAt, notes);
}

/** Reads the account to see whether it is well. */
export function check(state: RepairState, rules: Rules, notes: readonly Note[] = [], why?: string): Move {
  const { state: checking, notes: entered } = enter(state, 'checking', why);
  return act(checking, 'read', rules, [...notes, ...entered]);
}

/** Hands the account to a person, with all that is known; not twice within 24 h. */
export function escalate(state: RepairState, rules: Rules, notes: readonly Note[], why: string): Move {
  const { state: escalated, notes: entered } = enter(state, 'escalated', why);
  const base = { ...escalated, failures: 0, asked: undefined };
  if (state.escalation !== undefined && rules.now < state.escalation.at + DAY_MS)
    return rest(base, unsureAgain(state.escalation), [...notes, ...entered]);
  const move = act(base, 'escalate', rules, notes);
  if (move.effect === undefined || move.next === undefined) return notBegun(move, 'confirming');
  const next = { ...move.next, escalation: { at: rules.now, sure: false } };
  return { ...move, next, notes: [...entered, ...move.notes] };
}

/** The escalation has arrived, or nobody knows. */
export function escalatedTo(state: RepairState, sure: boolean, notes: readonly Note[]): Move {
  const escalation = state.escalation && { ...state.escalation, sure };
  return rest({ ...state, escalation }, escalation && unsureAgain(escalation), notes);
}

/** Nobody was told: tried again soon. */
export function escalationFailed(state: RepairState, rules: Rules, notes: readonly Note[]): Move {
  const failures = state.failures + 1;
  const resumeAt = rules.now + failurePause(failures);
  return rest({ ...state, failures, resumeAt, escalation: undefined }, resumeAt, notes);
}

function unsureAgain({ at, sure }: Told): number | undefined {
  return sure ? undefined : at + DAY_MS;
}
