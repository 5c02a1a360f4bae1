import type { NylasStore, StoreTransaction } from '@nylas-otel/store';
import type { Handover } from './handover.ts';
import type { RecoveryAccount, RecoveryApi } from './recovery-api.ts';
import type { TimeWindow } from './windows.ts';

/** What to do about changes that no filter of v3 shows; see `RecoveryOptions`. */
export type Unfiltered = 'off' | 'count' | 'deliver';

/** One account's part of a run. */
export interface AccountTask {
  /** Names the run: the same after a crash. */
  readonly run: string;
  readonly api: RecoveryApi;
  readonly account: RecoveryAccount;
  readonly store: Pick<NylasStore, 'records' | 'inbox'>;
  readonly handover: Handover;
  /** What to read, margins included. */
  readonly windows: readonly TimeWindow[];
  readonly resources: ReadonlySet<string>;
  readonly unfiltered: Unfiltered;
  readonly dryRun: boolean;
  readonly now: () => number;
  /** v2: value of the `Authorization` header for the account's own data. */
  readonly authorization: string | undefined;
}

/** What is written in one commit with the note that a step is done. */
export type StepCommit = (tx: Pick<StoreTransaction, 'records'>) => Promise<void>;

/** What a step came to. */
export interface StepResult {
  readonly commit?: StepCommit;
  /** Nothing was known of before, so changes could not be seen. */
  readonly blind?: boolean;
}

/** A part of an account's recovery that is done again as a whole after a crash. */
export interface RecoveryStep {
  readonly name: string;
  /** A value of `nylas.resource`. */
  readonly resource: string;
  run(): Promise<StepResult>;
}
