import type { AccountState } from '@nylas-otel/nylas-api';
import type { AccountSignal } from '@nylas-otel/semantic-conventions';

/** What is known of one account's sync state. Times are Unix milliseconds. */
export interface AccountStatus {
  readonly state: AccountState;
  /** The state in Nylas's own word where it is a documented one, else `other`. */
  readonly raw: string;
  /** When the account entered the state; at first sight the time of that sight. */
  readonly since: number;
  /** The time up to which the state is known; nothing older changes it. */
  readonly time: number;
  /** When the account left `running`, until it is back there; undefined while it never was seen to leave. */
  readonly brokenSince: number | undefined;
  /** The last unhealthy state since `brokenSince`. */
  readonly brokenState: AccountState | undefined;
}

/** Something that says which state an account is in. */
export interface StateNews {
  readonly state: AccountState;
  readonly raw: string;
  /** The event's time, or when the reading was asked for; Unix milliseconds, never in the future. */
  readonly time: number;
  readonly signal: AccountSignal;
  /** True when `time` is an event's, in the clock of Nylas; not for an answer to a request of ours. */
  readonly event?: boolean;
}

/** An account that is back at `running`. */
export interface Recovery {
  /** The unhealthy state it left. */
  readonly state: AccountState;
  /** From leaving `running` to being back, in seconds. */
  readonly seconds: number;
}

/**
 * What news means for a status:
 * - `first`: nothing was known; no transition
 * - `changed`: the state is another now
 * - `same`: the state is confirmed, up to a later time
 * - `stale`: older than what is known; nothing changes
 * - `contested`: it contradicts what is known and the clocks cannot say which is newer: read the account again
 */
export type Judgement =
  | { readonly verdict: 'first' | 'same'; readonly next: AccountStatus }
  | { readonly verdict: 'changed'; readonly next: AccountStatus; readonly recovery: Recovery | undefined }
  | { readonly verdict: 'stale' | 'contested' };

/**
 * Event times of webhooks are whole seconds of Nylas's clock, readings are in ours. Contradictions closer than this
 * are settled by a re-read, not by comparing times.
 */
export const CLOCK_DOUBT_MS = 300_000;

const UNHEALTHY: ReadonlySet<AccountState> = new Set<AccountState>([
  'partial',
  'stopped',
  'invalid',
  'sync_error',
  'exception',
]);

/** True for states in which an account needs time or help to come back to `running`. */
export function isUnhealthy(state: AccountState): boolean {
  return UNHEALTHY.has(state);
}

const STALE: Judgement = { verdict: 'stale' };
const CONTESTED: Judgement = { verdict: 'contested' };

/**
 * Judges news against what is known. Monotonic: a status never goes back to an older one, whatever the order in which
 * webhooks, polls and re-reads come in.
 */
export function judge(known: AccountStatus | undefined, news: StateNews): Judgement {
  const { state, raw, time } = news;
  if (known === undefined) {
    const unhealthy = isUnhealthy(state);
    return {
      verdict: 'first',
      next: {
        state,
        raw,
        since: time,
        time,
        brokenSince: unhealthy ? time : undefined,
        brokenState: unhealthy ? state : undefined,
      },
    };
  }
  if (state === known.state)
    return { verdict: 'same', next: time < known.time ? known : confirmed(known, raw, time) };
  if (time < known.time) return known.time - time <= CLOCK_DOUBT_MS ? CONTESTED : STALE;
  // A reading at the very time of other news was answered after it; two events of one second may come in any order.
  if (time === known.time && news.event === true) return CONTESTED;
  return { verdict: 'changed', ...moved(known, news) };
}

function confirmed(
  { state, since, brokenSince, brokenState }: AccountStatus,
  raw: string,
  time: number,
): AccountStatus {
  return { state, raw, since, time, brokenSince, brokenState };
}

function moved(
  known: AccountStatus,
  { state, raw, time }: StateNews,
): { next: AccountStatus; recovery: Recovery | undefined } {
  const base = { state, raw, since: time, time };
  if (isUnhealthy(state)) {
    return {
      next: { ...base, brokenSince: known.brokenSince ?? time, brokenState: state },
      recovery: undefined,
    };
  }
  if (state !== 'running' && state !== 'deleted') {
    // `initializing` or `unknown` on the way back is still part of the outage.
    return {
      next: { ...base, brokenSince: known.brokenSince, brokenState: known.brokenState },
      recovery: undefined,
    };
  }
  const { brokenSince, brokenState } = known;
  const recovery =
    state === 'running' && brokenSince !== undefined && brokenState !== undefined
      ? { state: brokenState, seconds: (time - brokenSince) / 1_000 }
      : undefined;
  return { next: { ...base, brokenSince: undefined, brokenState: undefined }, recovery };
}
