import { dropError } from '@nylas-otel/telemetry';
import { addCounts, type ByResource, Handover } from './handover.ts';
import type { RecoverySettings } from './options.ts';
import { ReadError, type RecoveryAccount, type RecoveryApi } from './recovery-api.ts';
import { countRecovered } from './recovery-telemetry.ts';
import {
  type AccountRun,
  type AccountRunState,
  getAccountRun,
  type StoredRun,
  setAccountRun,
} from './run-ledger.ts';
import type { AccountTask } from './step.ts';
import { stepsV2 } from './steps-v2.ts';
import { stepsV3 } from './steps-v3.ts';

/** Where an account stands after it was worked on. */
export interface AccountOutcome {
  readonly state: AccountRunState;
  /** Objects handed over in the whole run. */
  readonly recovered: number;
}

/** What is needed to recover accounts. */
export interface AccountContext {
  readonly settings: RecoverySettings;
  readonly api: RecoveryApi;
  readonly run: StoredRun;
}

/**
 * Recovers one account, step by step; steps that are done are passed over, so that it goes on after a crash. Rejects only
 * when the store fails, or the whole application is refused.
 */
export async function recoverAccount(
  context: AccountContext,
  account: RecoveryAccount,
): Promise<AccountOutcome> {
  const { settings, run, api } = context;
  const { store } = settings;
  const known = await getAccountRun(store, run.id, account.id);
  let done: AccountRun = { ...known.done };
  const outcome = (state: AccountRunState): AccountOutcome => ({
    state,
    recovered: sumOf(done.counts.recovered),
  });
  if (known.state === 'done') return outcome('done');
  const note = async (state: AccountRunState, problem?: string): Promise<AccountOutcome> => {
    const { problem: _former, ...rest } = done;
    await setAccountRun(
      store,
      run.id,
      account.id,
      problem === undefined ? rest : { ...rest, problem },
      state,
    );
    return outcome(state);
  };
  const authorization = await authorizationOf(settings, account);
  if (settings.connection.profile.version === 'v2' && authorization === undefined)
    return await note('postponed', 'no access token');
  const task = taskOf(context, account, authorization);
  for (const step of settings.connection.profile.version === 'v3' ? stepsV3(task) : stepsV2(task)) {
    if (done.steps.includes(step.name)) continue;
    if (api.closing.aborted) return outcome('working');
    try {
      const { commit, blind } = await step.run();
      const counts = task.handover.takeCounts();
      done = {
        ...done,
        steps: [...done.steps, step.name],
        counts: addCounts(done.counts, counts),
        blind: blind === true ? [...done.blind, step.resource] : done.blind,
      };
      await store.transaction(async (tx) => {
        if (!run.plan.dryRun) await commit?.(tx);
        await setAccountRun(tx, run.id, account.id, done, 'working');
      });
      if (!run.plan.dryRun) countRecovered(counts);
    } catch (error) {
      task.handover.takeCounts();
      if (!(error instanceof ReadError)) throw error;
      if (error.problem === 'closed') return outcome('working');
      const word =
        error.failure.status > 0 ? String(error.failure.status) : (error.failure.errorType ?? '_OTHER');
      if (error.problem === 'refused') return await note('postponed', word);
      if (error.problem === 'unavailable') return await note('failed', word);
      // Not every provider has every resource.
      done = { ...done, skipped: [...done.skipped, step.resource], steps: [...done.steps, step.name] };
    }
  }
  return await note('done');
}

function sumOf(counts: ByResource): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function taskOf(
  { settings, api, run }: AccountContext,
  account: RecoveryAccount,
  authorization: string | undefined,
): AccountTask {
  const { store, runtime, connection, applicationId } = settings;
  const now = (): number => runtime.now();
  const { dryRun, windows, resources, unfiltered } = run.plan;
  const owner = {
    run: run.id,
    version: connection.profile.version,
    accountId: account.id,
    provider: account.provider,
    applicationId,
  };
  return {
    run: run.id,
    api,
    account,
    store,
    handover: new Handover(store.inbox, owner, { now, signal: api.closing, dryRun }),
    windows,
    resources: new Set(resources),
    unfiltered,
    dryRun,
    now,
    authorization,
  };
}

/** v2: what an account's own data is read with; undefined when nobody has its token. */
export async function authorizationOf(
  { connection, getAccessToken }: RecoverySettings,
  account: RecoveryAccount,
): Promise<string | undefined> {
  if (connection.profile.version !== 'v2') return undefined;
  try {
    const token = await getAccessToken?.(account.id);
    return token === undefined || token === '' ? undefined : `Bearer ${token}`;
  } catch (error) {
    dropError('subscriber', error);
    return undefined;
  }
}
