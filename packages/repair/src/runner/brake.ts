import { isUnhealthy, type Transition } from '@nylas-otel/accounts/tracking';

/** When many accounts fail at once it is not the accounts: repair holds still. */
export interface BrakeSettings {
  /** Accounts that must have become unhealthy within the window. */
  readonly accounts: number;
  /** Share of all accounts (0 to 1) that they must be, too. */
  readonly share: number;
  readonly windowMs: number;
}

/** What is remembered of the brake. Unix milliseconds; survives JSON. */
export interface BrakeState {
  /** Since when repair holds still; undefined while it works. */
  readonly engagedAt?: number | undefined;
  /** Accounts that had failed when it was last looked. */
  readonly failures?: number | undefined;
  /** Failures up to here count no more: an operator has released the brake. */
  readonly forgivenUntil?: number | undefined;
}

/** What became of the brake. */
export interface BrakeVerdict {
  readonly next: BrakeState;
  readonly change: 'engaged' | 'released' | undefined;
}

/** Twenty accounts, and one in twenty, within ten minutes. */
export const DEFAULT_BRAKE: BrakeSettings = { accounts: 20, share: 0.05, windowMs: 600_000 };

/**
 * Judges whether repair may go on. Engaged while as many accounts as the settings say became unhealthy within the window;
 * released by itself when fewer than half of that did.
 *
 * @param recent transitions of the window
 * @param total number of all accounts
 */
export function judgeBrake(
  brake: BrakeState,
  recent: readonly Pick<Transition, 'id' | 'from' | 'to' | 'time'>[],
  total: number,
  now: number,
  { accounts, share, windowMs }: BrakeSettings,
): BrakeVerdict {
  const since = Math.max(now - windowMs, brake.forgivenUntil ?? 0);
  const failed = new Set<string>();
  for (const { id, from, to, time } of recent)
    if (time > since && isUnhealthy(to) && !isUnhealthy(from)) failed.add(id);
  const failures = failed.size;
  const threshold = Math.max(accounts, share * total);
  if (brake.engagedAt === undefined) {
    if (failures < threshold) return { next: { ...brake, failures }, change: undefined };
    return { next: { ...brake, engagedAt: now, failures }, change: 'engaged' };
  }
  if (failures >= threshold / 2) return { next: { ...brake, failures }, change: undefined };
  return { next: { forgivenUntil: brake.forgivenUntil, failures }, change: 'released' };
}
