import type { AccountReading, AccountStatus, Transition } from '@nylas-otel/accounts/tracking';
import type { AccountState } from '@nylas-otel/nylas-api';
import type { AccountSignal } from '@nylas-otel/semantic-conventions';

/** One account as it is stored. */
export interface StoredAccount extends AccountStatus {
  readonly id: string;
  /** Lower case. */
  readonly email: string | undefined;
  /** A value of `nylas.provider`. */
  readonly provider: string;
}

/** News of one account: what a list, a re-read or a webhook said, when, and what made us see it. */
export interface AccountUpdate {
  readonly reading: AccountReading;
  /** Unix milliseconds, never in the future. */
  readonly time: number;
  readonly signal: AccountSignal;
  /** True when `time` is an event's, in the clock of Nylas. */
  readonly event?: boolean;
}

/** What became of an update; `contested`: the account should be read again. */
export interface UpdateResult {
  readonly verdict: 'first' | 'changed' | 'same' | 'stale' | 'contested';
  /** For `changed`; once over all processes, also when the same news reaches several. */
  readonly transition?: Transition;
}

/** Which accounts; every condition must hold. */
export interface StoredAccountFilter {
  readonly state?: AccountState;
  readonly provider?: string;
  /** True: `partial`, `stopped`, `invalid`, `sync_error`, `exception`. False: the others. */
  readonly unhealthy?: boolean;
  /** Ids after this one, in the order of ids: the last id of the page before. */
  readonly after?: string;
  /** Default 100, at most 10,000. */
  readonly limit?: number;
}

/** Numbers kept as accounts change, so that reading them costs the same with 1,000 and with 1,000,000 accounts. */
export interface AccountAggregates {
  readonly counts: readonly {
    readonly provider: string;
    readonly state: AccountState;
    readonly count: number;
    /** Unix milliseconds since when the account longest in this state is there; undefined for healthy states. */
    readonly oldestSince: number | undefined;
  }[];
}

/** The accounts of the application, with a monotonic guard: older news never undoes newer. */
export interface AccountTable {
  /**
   * Applies many updates in one commit, judged one by one with `judge` of `@nylas-otel/accounts/tracking`; every
   * transition is written to the account's history. Made for thousands a second.
   *
   * @returns one result an update, in their order
   */
  apply(updates: readonly AccountUpdate[]): Promise<readonly UpdateResult[]>;
  get(id: string): Promise<StoredAccount | undefined>;
  /** By id, `grant:` and an id, an address, or `email:` and an address: several only where an address has several. */
  resolve(name: string): Promise<readonly StoredAccount[]>;
  list(filter?: StoredAccountFilter): Promise<readonly StoredAccount[]>;
  aggregates(): Promise<AccountAggregates>;
  /** The accounts longest unhealthy, longest first. */
  longestUnhealthy(most: number): Promise<readonly StoredAccount[]>;
  /** Transitions of one account, newest first. */
  history(
    id: string,
    options?: { readonly since?: number; readonly limit?: number },
  ): Promise<readonly Transition[]>;
  /** Transitions of all accounts since a time, oldest first, for the mass-failure brake and rates. */
  transitions(since: number, limit?: number): Promise<readonly Transition[]>;
  /** Ids of accounts that no update has confirmed since a time: candidates for "gone" after a complete sweep. */
  unseenSince(
    time: number,
    options?: { readonly after?: string; readonly limit?: number },
  ): Promise<readonly string[]>;
}
