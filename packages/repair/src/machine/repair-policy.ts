import type { ApiVersion } from '@nylas-otel/nylas-api';

/** What repair may do, and how long it waits. All times are milliseconds. */
export interface RepairPolicy {
  readonly version: ApiVersion;
  /** Nothing is done but reading; what would be done is journaled. */
  readonly dryRun: boolean;
  /** v2: revoke the old tokens once a new one was seen. */
  readonly revokeTokens: boolean;
  /** How long an account must be stopped, or in sync_error, before anything is done. */
  readonly flapMs: number;
  /** Shortest time between two restarts of one account. */
  readonly restartEveryMs: number;
  /** From a restart to the check. */
  readonly settleMs: number;
  /** From a prompt to the reminder, at least 24 h. */
  readonly remindEveryMs: number;
  /** Prompts of one repair, reminders included, before it is escalated. */
  readonly mostPrompts: number;
  /** Between the checks of a partly running account. */
  readonly checkEveryMs: number;
  /** How long it may be running partly before it is escalated. */
  readonly partialForMs: number;
  /** How long an effect may take before its process is believed dead. */
  readonly leaseMs: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Between two messages to one person about one account there is at least this. */
export const DAY_MS: number = 24 * HOUR;

/** How often a dry run, a pause or a wait for a new token is looked at again. */
export const LOOK_AGAIN: Readonly<Record<'dryRun' | 'hold' | 'pace' | 'token', number>> = {
  dryRun: HOUR,
  hold: MINUTE,
  pace: 15_000,
  token: 15 * MINUTE,
};

/** The policy without any options. */
export const DEFAULT_POLICY: Omit<RepairPolicy, 'version'> = {
  dryRun: true,
  revokeTokens: false,
  flapMs: 15 * MINUTE,
  restartEveryMs: DAY_MS,
  settleMs: 5 * MINUTE,
  remindEveryMs: 3 * DAY_MS,
  mostPrompts: 3,
  checkEveryMs: 30 * MINUTE,
  partialForMs: DAY_MS,
  leaseMs: 3 * MINUTE,
};

/** The pause after `failures` failures in a row of one account's step. */
export function failurePause(failures: number): number {
  return Math.min(HOUR, MINUTE * 2 ** (Math.min(failures, 10) - 1));
}
