import type { StoreEngine } from '../store.ts';

/** A row as both engines give it: `bigint` columns as numbers. */
export type Row = { readonly [column: string]: unknown };

/** Runs statements, one at a time. */
export interface Session {
  query<Result extends Row = Row>(text: string, values?: readonly unknown[]): Promise<Result[]>;
}

/** How a transaction is to be. */
export interface TransactionOptions {
  /** Statements are planned without looking at their parameters. */
  readonly genericPlans?: boolean;
}

/** A session that may open a transaction; inside of one, that same transaction. */
export interface Runner extends Session {
  transaction<Result>(
    work: (session: Session) => Promise<Result>,
    options?: TransactionOptions,
  ): Promise<Result>;
}

/** A database of either engine. */
export interface Database extends Runner {
  readonly engine: StoreEngine;
  /**
   * For what waits before it runs a statement.
   *
   * @throws {NylasStoreError} `NYLAS_STORE_OUTSIDE_TRANSACTION` inside of a transaction
   */
  assertOutside(): void;
  close(): Promise<void>;
}

/** For {@link TransactionOptions.genericPlans}. */
export const GENERIC_PLANS = 'SET LOCAL plan_cache_mode = force_generic_plan';

/** A runner that does everything in the transaction of `session`. */
export function within(session: Session): Runner {
  return { query: session.query.bind(session), transaction: (work) => work(session) };
}
