import type { AccountState } from '@nylas-otel/nylas-api';

/**
 * Where an account's repair stands; the values of `nylas.repair.step`.
 * - `damping`: seen unhealthy; may pass by itself
 * - `confirming`: read again before anything is done
 * - `planned`: dry run: what would be done is in the journal
 * - `restarting`: between the downgrade and the upgrade (v2)
 * - `settling`: restarted, to be checked
 * - `awaiting_reauth`: its user was asked to authenticate again
 * - `revoking`: its old tokens are being revoked (v2)
 * - `checking`: authenticated again, or partly running: to be checked
 * - `escalated`: a person has to look
 * - `recovered`: kept for a while, so that limits over time hold
 */
export const REPAIR_STEPS = [
  'damping',
  'confirming',
  'planned',
  'restarting',
  'settling',
  'awaiting_reauth',
  'revoking',
  'checking',
  'escalated',
  'recovered',
] as const;
/** Where a repair stands; the value of `nylas.repair.step`. */
export type RepairStep = (typeof REPAIR_STEPS)[number];

/** What repair does outside of the store. Each is written down as intent before, and as result after. */
export type EffectKind = 'read' | 'downgrade' | 'upgrade' | 'prompt' | 'revoke' | 'escalate';

/** An effect that was begun. Without a result at `until` its process is believed dead. */
export interface Intent {
  /** Unique among the intents of one account. */
  readonly id: number;
  readonly effect: EffectKind;
  /** Unix milliseconds. */
  readonly at: number;
  readonly until: number;
}

/**
 * A restart of a v2 account. From `down` on the account may be downgraded, so an upgrade is owed, whatever happens.
 * - `down`: a downgrade was begun; `doubt`: nobody knows whether it arrived
 * - `up`: the account is downgraded, or may be
 * - `done`: it was upgraded
 */
export interface Restart {
  readonly at: number;
  readonly phase: 'down' | 'up' | 'done';
  readonly doubt: boolean;
}

/** What a person was told, and when. `sure`: it is known to have been sent. */
export interface Told {
  readonly at: number;
  readonly sure: boolean;
}

/** The repair of one account: plain data, survives JSON. Times are Unix milliseconds. */
export interface RepairState {
  readonly step: RepairStep;
  /** The unhealthy state it is about. */
  readonly reason: AccountState;
  /** When this repair began. */
  readonly since: number;
  /** Damping: since when it is in one state or another that needs repair. */
  readonly brokenSince?: number | undefined;
  /** Intents so far. */
  readonly intents: number;
  readonly intent?: Intent | undefined;
  /** Failures in a row of what it does at present. */
  readonly failures: number;
  /** How often a restart or a prompt of this repair was refused. */
  readonly refusals: number;
  /** When it is to go on with the step, where the step waits. */
  readonly resumeAt?: number | undefined;
  /** The last restart, also of an earlier repair. */
  readonly restart?: Restart | undefined;
  /** The last prompt, also of an earlier repair. */
  readonly prompt?: Told | undefined;
  /** The prompt before, in case the last one turns out not to have been sent. */
  readonly promptBefore?: Told | undefined;
  /** Prompts of this repair. */
  readonly prompts: number;
  /** A mark of the access token at the time of the prompt, to see that there is a new one. No token can be read off it. */
  readonly tokenMark?: string | undefined;
  /** When a re-authentication was seen or said, in this repair. */
  readonly reauthenticatedAt?: number | undefined;
  readonly escalation?: Told | undefined;
  /** Since when it is running partly. */
  readonly partialSince?: number | undefined;
  /** Dry run: what would be done. */
  readonly plan?: EffectKind | undefined;
  /** What an operator asked for: done also in a dry run and during a pause. */
  readonly asked?: 'restart' | 'reauthenticated' | undefined;
}

/** What the tracker knows of the account. */
export interface AccountView {
  readonly state: AccountState;
  /** When it entered the state. */
  readonly since: number;
}

/** Whether Nylas bills a v2 account; `cancelled` after a downgrade. */
export type Billing = 'paid' | 'cancelled' | 'deleted' | 'unknown';

/** What is told to the machine. */
export type Fact =
  /** The account is due, or something about it changed. Undefined: there is no such account any more. */
  | { readonly kind: 'look'; readonly account: AccountView | undefined }
  /** A read worked. Undefined: Nylas does not have the account. */
  | {
      readonly kind: 'read';
      readonly reading: { readonly state: AccountState; readonly billing: Billing } | undefined;
    }
  /** Another effect worked. */
  | { readonly kind: 'done' }
  /** An effect failed. `sure`: it certainly had no effect. */
  | { readonly kind: 'failed'; readonly sure: boolean }
  /** An operator, or the host, says that the account was authenticated again. */
  | { readonly kind: 'reauthenticated' }
  /** An operator asks for a restart. */
  | { readonly kind: 'restart' };

/** Why nothing is done at present. */
export type Hold = 'mass_failure' | 'operator' | 'pace';

/** What the machine is told of the world beside the fact. */
export interface Setting {
  /** Unix milliseconds. */
  readonly now: number;
  readonly hold: Hold | undefined;
  /** Mark of the account's access token now; undefined where nobody can say. */
  readonly tokenMark: string | undefined;
}

/** One line for the journal. */
export interface Note {
  readonly event:
    | 'begun'
    | 'step'
    | 'intent'
    | 'result'
    | 'lost'
    | 'would'
    | 'asked'
    | 'recovered'
    | 'gone'
    | 'left_alone';
  readonly step: RepairStep;
  readonly effect?: EffectKind;
  readonly outcome?: 'success' | 'failed' | 'unsure';
  /** The account's state, where it was read or seen. */
  readonly state?: AccountState;
  readonly why?: string;
}

/** What the machine decides. */
export interface Move {
  /** Undefined: the repair is over and nothing of it is to be remembered. */
  readonly next: RepairState | undefined;
  /** When to look again, Unix milliseconds; undefined: when something changes. */
  readonly due: number | undefined;
  /** To be carried out once `next`, which holds its intent, is committed. */
  readonly effect: EffectKind | undefined;
  readonly notes: readonly Note[];
}

/** The state of a repair that begins. */
export function newRepair(reason: AccountState, now: number): RepairState {
  return { step: 'damping', reason, since: now, intents: 0, failures: 0, refusals: 0, prompts: 0 };
}
