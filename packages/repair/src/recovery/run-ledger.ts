import type { ApiVersion } from '@nylas-otel/nylas-api';
import type { Records, StoreTransaction } from '@nylas-otel/store';
import { addCounts, NO_COUNTS, type RecoveryCounts } from './handover.ts';
import type { Unfiltered } from './step.ts';
import type { TimeWindow } from './windows.ts';

/** What a run is to do. Survives JSON. */
export interface RunPlan {
  readonly version: ApiVersion;
  /** Unix milliseconds. */
  readonly createdAt: number;
  readonly windows: readonly TimeWindow[];
  /** Gaps in the ledger that it makes up for. */
  readonly gaps: readonly string[];
  /** Undefined: all. */
  readonly accounts?: readonly string[];
  readonly resources: readonly string[];
  readonly unfiltered: Unfiltered;
  readonly dryRun: boolean;
}

/** `running`; `postponed`: done but for accounts that must be re-authenticated; `done`. */
export type RunState = 'running' | 'postponed' | 'done';

/** Where an account stands in a run. */
export type AccountRunState = 'working' | 'done' | 'postponed' | 'failed';

/** What is done of an account. Survives JSON. */
export interface AccountRun {
  readonly steps: readonly string[];
  readonly counts: RecoveryCounts;
  /** Resources of which nothing was known before, so that changes could not be seen. */
  readonly blind: readonly string[];
  /** Resources that the account does not have, or that cannot be read. */
  readonly skipped: readonly string[];
  /** Why it is postponed or failed. */
  readonly problem?: string;
}

/** A run as it is stored. */
export interface StoredRun {
  readonly id: string;
  readonly plan: RunPlan;
  readonly state: RunState;
}

type Tx = Pick<StoreTransaction, 'records'>;

const RUNS = 'recovery-runs';
const ACCOUNTS = 'recovery-accounts';
const NOTHING: AccountRun = { steps: [], counts: NO_COUNTS, blind: [], skipped: [] };

/** Writes a run down; false when there is one with this id. */
export async function addRun(tx: Tx, id: string, plan: RunPlan): Promise<boolean> {
  return await runs(tx).add(id, plan, { tag: 'running' });
}

/** A run by its id. */
export async function getRun(tx: Tx, id: string): Promise<StoredRun | undefined> {
  const known = await runs(tx).get(id);
  return known === undefined ? undefined : { id, plan: known.value, state: known.tag as RunState };
}

/** All runs in a state, in the order of their ids. */
export async function runsIn(tx: Tx, state: RunState): Promise<readonly StoredRun[]> {
  const found = await runs(tx).list({ tag: state, limit: 1_000 });
  return found.map(({ key, value }) => ({ id: key, plan: value, state }));
}

/** Moves a run to another state. */
export async function moveRun(tx: Tx, { id, plan }: StoredRun, state: RunState): Promise<void> {
  await runs(tx).set(id, plan, { tag: state });
}

/** Takes runs that are done, and what is known of their accounts, out of the ledger. */
export async function forgetRuns(tx: Tx, before: number): Promise<void> {
  for (const { id, plan } of await runsIn(tx, 'done')) {
    if (plan.createdAt >= before) continue;
    for await (const { key } of accountRecords(tx, id)) await accounts(tx).remove(key);
    await runs(tx).remove(id);
  }
}

/** What is done of an account, and where it stands; nothing at first. */
export async function getAccountRun(
  tx: Tx,
  run: string,
  accountId: string,
): Promise<{ readonly done: AccountRun; readonly state: AccountRunState }> {
  const known = await accounts(tx).get(`${run}/${accountId}`);
  return { done: known?.value ?? NOTHING, state: (known?.tag as AccountRunState | undefined) ?? 'working' };
}

/** Notes what is done of an account. */
export async function setAccountRun(
  tx: Tx,
  run: string,
  accountId: string,
  done: AccountRun,
  state: AccountRunState,
): Promise<void> {
  await accounts(tx).set(`${run}/${accountId}`, done, { tag: state });
}

/** Sums over the accounts of a run. */
export interface RunSums {
  readonly counts: RecoveryCounts;
  readonly byState: Readonly<Record<AccountRunState, number>>;
  readonly blind: ReadonlySet<string>;
  readonly skipped: ReadonlySet<string>;
  readonly postponed: readonly string[];
  readonly failed: readonly string[];
}

/** Adds up what is known of a run's accounts. */
export async function sumRun(tx: Tx, run: string): Promise<RunSums> {
  let counts = NO_COUNTS;
  const byState: Record<AccountRunState, number> = { working: 0, done: 0, postponed: 0, failed: 0 };
  const blind = new Set<string>();
  const skipped = new Set<string>();
  const byProblem: { postponed: string[]; failed: string[] } = { postponed: [], failed: [] };
  for await (const { key, value, tag } of accountRecords(tx, run)) {
    const state = tag as AccountRunState;
    counts = addCounts(counts, value.counts);
    byState[state]++;
    for (const resource of value.blind) blind.add(resource);
    for (const resource of value.skipped) skipped.add(resource);
    if (state === 'postponed' || state === 'failed') byProblem[state].push(key.slice(run.length + 1));
  }
  return { counts, byState, blind, skipped, ...byProblem };
}

async function* accountRecords(
  tx: Tx,
  run: string,
): AsyncGenerator<{ readonly key: string; readonly value: AccountRun; readonly tag: string | undefined }> {
  const prefix = `${run}/`;
  let after = prefix;
  for (;;) {
    const page = await accounts(tx).list({ after, limit: 1_000 });
    for (const record of page) {
      if (!record.key.startsWith(prefix)) return;
      yield record;
      after = record.key;
    }
    if (page.length < 1_000) return;
  }
}

function runs(tx: Tx): Records<RunPlan> {
  return tx.records<RunPlan>(RUNS);
}

function accounts(tx: Tx): Records<AccountRun> {
  return tx.records<AccountRun>(ACCOUNTS);
}
