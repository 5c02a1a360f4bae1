import type { AccountTable } from './accounts/account-table.ts';
import type { DurableInbox } from './inbox/durable-inbox.ts';
import type { Jobs } from './jobs/jobs.ts';
import type { Journal } from './journal/journal.ts';
import type { Records } from './records/records.ts';
import type { UptimeLedger } from './uptime/uptime-ledger.ts';

/** What can be written in one commit; see {@link NylasStore.transaction}. */
export interface StoreTransaction {
  /** Runs one statement of yours, with `$1`, `$2`, ... for values; `bigint` columns come as numbers. */
  query<Row extends object = { readonly [column: string]: unknown }>(
    text: string,
    values?: readonly unknown[],
  ): Promise<readonly Row[]>;
  readonly accounts: AccountTable;
  readonly journal: Journal;
  readonly jobs: Pick<Jobs, 'send'>;
  /** A named collection of small JSON values. */
  records<Value>(collection: string): Records<Value>;
}

/** Where the rows are. */
export type StoreEngine = 'postgresql' | 'pglite';

/** What an open store says of itself. */
export interface StoreHealth {
  readonly engine: StoreEngine;
  /** False for a store in memory, or where the server may lose what it has committed (`fsync` or `synchronous_commit` off). */
  readonly durable: boolean;
  /** Why it is not durable, in words that say what to change. */
  readonly why?: string;
  /** Seconds that a `select 1` took. */
  readonly roundTrip: number;
  /** Version of our tables. */
  readonly schemaVersion: number;
}

/**
 * Durable state of one Nylas application (`application`, an alias): many processes may open the same PostgreSQL
 * database, one process a PGlite folder.
 */
export interface NylasStore extends StoreTransaction {
  readonly engine: StoreEngine;
  readonly application: string;
  readonly inbox: DurableInbox;
  readonly jobs: Jobs;
  readonly uptime: UptimeLedger;
  /** Runs `work` in one transaction: all of it is committed, or nothing when it throws. May run it again on a conflict. */
  transaction<Result>(work: (tx: StoreTransaction) => Promise<Result>): Promise<Result>;
  /** Rejects when the engine cannot be asked. */
  health(): Promise<StoreHealth>;
  /**
   * Takes no more work, lets handlers and jobs in hand end for up to `graceMs` (default 30,000), then closes. What did
   * not end is run again by the next process.
   */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}
