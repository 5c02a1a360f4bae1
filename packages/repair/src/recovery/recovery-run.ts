import type { Outcome } from '@nylas-otel/nylas-api';
import type { StoredAccount } from '@nylas-otel/store';
import { dropError } from '@nylas-otel/telemetry';
import { accountChanges, refreshAccounts } from './account-events.ts';
import { recoverAccount } from './account-recovery.ts';
import { addCounts, Handover, type RecoveryCounts } from './handover.ts';
import { inParallel } from './in-parallel.ts';
import type { Lease } from './lease.ts';
import type { RecoveryProgress, RecoverySettings } from './options.ts';
import { lossesCounted, unknowable } from './reach.ts';
import { ReadError, type RecoveryAccount, RecoveryApi } from './recovery-api.ts';
import { beginRun, countRecovered } from './recovery-telemetry.ts';
import { RequestBudget } from './request-budget.ts';
import { getAccountRun, moveRun, type StoredRun, setAccountRun, sumRun } from './run-ledger.ts';
import { blindTriggers } from './steps-v3.ts';

/** What a run came to. */
export interface RecoveryReport extends RecoveryCounts {
  readonly run: string;
  /** True when nothing is left to do but for accounts that must be re-authenticated. */
  readonly complete: boolean;
  readonly dryRun: boolean;
  readonly accounts: number;
  /** Accounts that cannot be read until they are re-authenticated; `startRecovery` goes on with them then. */
  readonly postponed: readonly string[];
  /** Accounts that could not be read although it was tried again and again. */
  readonly failed: readonly string[];
  /**
   * Resources of which more may be lost than `unrecoverable` says, or something where it says nothing: no filter shows it
   * (`unfiltered: 'off'`), or there was no list from before the gap to compare with.
   */
  readonly unknowable: readonly string[];
  /**
   * Notifications that cannot be seen by reading: they are in no count.
   */
  readonly blind: readonly string[];
  /** Resources that some account does not have, or that cannot be read. */
  readonly skipped: readonly string[];
  /** Requests of this call. */
  readonly requests: number;
}

/** How a run is carried on. */
export interface RunOptions {
  readonly lease: Pick<Lease, 'spendFrom'>;
  readonly signal: AbortSignal;
  readonly onProgress: ((progress: RecoveryProgress) => void) | undefined;
}

const PASSES = 3;
const APPLICATION = '#application';

/** Carries a run on until its end, or until the signal aborts. Rejects when the store fails or Nylas refuses us. */
export async function carryOn(
  settings: RecoverySettings,
  run: StoredRun,
  options: RunOptions,
): Promise<RecoveryReport> {
  const span = beginRun(lossesCounted(run.plan.version, run.plan));
  const { connection, runtime, share, requestsPerSecond } = settings;
  const { version } = connection.profile;
  const budget = new RequestBudget({ version, share, requestsPerSecond, runtime });
  options.lease.spendFrom(budget);
  const api = new RecoveryApi({
    connection,
    runtime,
    closing: options.signal,
    budget,
    around: (work) => span.request(work),
  });
  try {
    await applicationStep(settings, api, run);
    await allAccounts(settings, api, run, options);
    const sums = await sumRun(settings.store, run.id);
    const complete = !options.signal.aborted && sums.byState.failed === 0;
    if (complete) await moveRun(settings.store, run, sums.byState.postponed > 0 ? 'postponed' : 'done');
    span.end(outcomeOf(options.signal, sums.byState.failed));
    const { resources, unfiltered, dryRun } = run.plan;
    return {
      run: run.id,
      complete,
      dryRun,
      ...sums.counts,
      accounts: Object.values(sums.byState).reduce((a, b) => a + b, 0) - 1,
      unknowable: [...new Set([...unknowable(version, run.plan), ...sums.blind])],
      postponed: sums.postponed,
      failed: sums.failed,
      blind: [
        ...(version === 'v3' ? blindTriggers(new Set(resources), unfiltered) : []),
        ...[...sums.blind].map((resource) => `${resource} (no list from before)`),
      ],
      skipped: [...sums.skipped],
      requests: span.requests,
    };
  } catch (error) {
    const failure = error instanceof ReadError ? error.failure : undefined;
    span.end(options.signal.aborted ? 'cancelled' : (failure?.outcome ?? 'server_error'), failure?.errorType);
    throw error;
  }
}

function outcomeOf(signal: AbortSignal, failed: number): Outcome {
  return signal.aborted ? 'cancelled' : failed > 0 ? 'server_error' : 'success';
}

/** What the application as a whole missed: changes of its accounts' states. Refused here, nothing else can be read. */
async function applicationStep(settings: RecoverySettings, api: RecoveryApi, run: StoredRun): Promise<void> {
  const { store, runtime, connection, applicationId } = settings;
  const { version } = connection.profile;
  const { dryRun, windows, resources } = run.plan;
  const known = await getAccountRun(store, run.id, APPLICATION);
  if (known.state === 'done') return;
  await refreshAccounts(settings, api);
  let counts = known.done.counts;
  if (resources.includes('grants')) {
    for (const { accountId, provider, change } of await accountChanges(
      store,
      version,
      windows,
      runtime.now(),
    )) {
      const owner = { run: run.id, version, accountId, provider, applicationId };
      const handover = new Handover(store.inbox, owner, {
        now: () => runtime.now(),
        signal: api.closing,
        dryRun,
      });
      await handover.give([change]);
      counts = addCounts(counts, handover.takeCounts());
    }
  }
  if (api.closing.aborted) return;
  await setAccountRun(store, run.id, APPLICATION, { ...known.done, counts }, 'done');
  if (!dryRun) countRecovered(counts);
}

async function allAccounts(
  settings: RecoverySettings,
  api: RecoveryApi,
  run: StoredRun,
  { signal, onProgress }: RunOptions,
): Promise<void> {
  for (let pass = 1; pass <= PASSES && !signal.aborted; pass++) {
    const tally = { accounts: 0, working: 0, done: 0, postponed: 0, failed: 0, recovered: 0 };
    await inParallel(
      accountsOf(settings, run.plan.accounts),
      settings.concurrency,
      signal,
      async (account) => {
        const { state, recovered } = await recoverAccount({ settings, api, run }, account);
        api.forget(account);
        tally.accounts++;
        tally[state]++;
        tally.recovered += recovered;
        tell(onProgress, { run: run.id, ...tally });
      },
    );
    if (tally.failed === 0) return;
  }
}

function tell(onProgress: RunOptions['onProgress'], progress: RecoveryProgress): void {
  try {
    onProgress?.(progress);
  } catch (error) {
    dropError('subscriber', error);
  }
}

/** These accounts, else all, page by page; those that are gone have nothing to read. */
async function* accountsOf(
  { store }: RecoverySettings,
  ids: readonly string[] | undefined,
): AsyncGenerator<RecoveryAccount> {
  if (ids !== undefined) {
    for (const id of ids) yield { id, provider: (await store.accounts.get(id))?.provider ?? 'unknown' };
    return;
  }
  let after: string | undefined;
  for (;;) {
    const page: readonly StoredAccount[] = await store.accounts.list({
      limit: 500,
      ...(after === undefined ? {} : { after }),
    });
    for (const account of page) if (account.state !== 'deleted') yield account;
    after = page.at(-1)?.id;
    if (page.length < 500) return;
  }
}
