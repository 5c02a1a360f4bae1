import { DAY_MS, LOOK_AGAIN, type RepairPolicy } from './repair-policy.ts';
import type { EffectKind, Move, Note, RepairState, RepairStep, Setting } from './repair-state.ts';

/** What every rule of the machine is given. */
export interface Rules extends Setting {
  readonly policy: RepairPolicy;
}

/** Reads change nothing, and an upgrade that is owed is never withheld. */
const UNGATED: ReadonlySet<EffectKind> = new Set<EffectKind>(['read', 'upgrade']);

/** Waits in the step until a time, or until something changes. */
export function rest(state: RepairState, until: number | undefined, notes: readonly Note[] = []): Move {
  return { next: state, due: until, effect: undefined, notes };
}

/**
 * Begins an effect: its intent is part of the next state, so that it is committed before anything happens. In a dry run
 * what changes anything is planned only; during a pause it waits.
 */
export function act(state: RepairState, effect: EffectKind, rules: Rules, notes: readonly Note[] = []): Move {
  const { now, hold, policy } = rules;
  if (!UNGATED.has(effect) && state.asked === undefined) {
    if (hold !== undefined) return held(state, hold, now, notes);
    if (policy.dryRun) return plan(state, effect, now, notes);
  }
  const intents = state.intents + 1;
  const until = now + policy.leaseMs;
  return {
    next: { ...state, plan: undefined, intents, intent: { id: intents, effect, at: now, until } },
    due: until,
    effect,
    notes: [...notes, { event: 'intent', step: state.step, effect }],
  };
}

/** An effect that is held or only planned was not begun: the account does not stand at its step. */
export function notBegun(move: Move, step: RepairStep): Move {
  if (move.next === undefined || move.next.step === 'planned') return move;
  return { ...move, next: { ...move.next, step } };
}

/** Waits for the end of a pause. */
export function held(
  state: RepairState,
  hold: NonNullable<Setting['hold']>,
  now: number,
  notes: readonly Note[] = [],
): Move {
  return rest(state, now + (hold === 'pace' ? LOOK_AGAIN.pace : LOOK_AGAIN.hold), notes);
}

function plan(state: RepairState, effect: EffectKind, now: number, notes: readonly Note[]): Move {
  const news: Note[] =
    state.plan === effect ? [] : [{ event: 'would', step: 'planned', effect, state: state.reason }];
  return rest({ ...state, step: 'planned', plan: effect }, now + LOOK_AGAIN.dryRun, [...notes, ...news]);
}

/** The state at another step, with the line that says so. */
export function enter(
  state: RepairState,
  step: RepairStep,
  why?: string,
): { readonly state: RepairState; readonly notes: readonly Note[] } {
  const moved = { ...state, step, resumeAt: undefined };
  if (step === state.step) return { state: moved, notes: [] };
  return {
    state: moved,
    notes: [why === undefined ? { event: 'step', step } : { event: 'step', step, why }],
  };
}

/** The account runs again. Restarts and prompts are remembered for as long as they limit further ones. */
export function recovered(state: RepairState, rules: Rules, notes: readonly Note[] = []): Move {
  return remember(state, rules, [...notes, { event: 'recovered', step: 'recovered' }]);
}

/** There is nothing to repair. */
export function leaveAlone(state: RepairState, rules: Rules, why: string, notes: readonly Note[] = []): Move {
  return remember(state, rules, [...notes, { event: 'left_alone', step: 'recovered', why }]);
}

/** The account is no more. */
export function gone(): Move {
  return {
    next: undefined,
    due: undefined,
    effect: undefined,
    notes: [{ event: 'gone', step: 'recovered' }],
  };
}

/** Rests as a memory of limits, or ends. */
export function remember(state: RepairState, { now, policy }: Rules, notes: readonly Note[] = []): Move {
  const until = Math.max(
    state.restart === undefined ? 0 : state.restart.at + policy.restartEveryMs,
    state.prompt === undefined ? 0 : state.prompt.at + DAY_MS,
    state.escalation === undefined ? 0 : state.escalation.at + DAY_MS,
  );
  if (until <= now) return { next: undefined, due: undefined, effect: undefined, notes };
  const { reason, intents, restart, prompt, escalation } = state;
  return rest(
    {
      step: 'recovered',
      reason,
      since: now,
      intents,
      failures: 0,
      refusals: 0,
      prompts: 0,
      restart,
      prompt,
      escalation,
    },
    until,
    notes,
  );
}
