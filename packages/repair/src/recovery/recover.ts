import { NylasAccountsConfigError, processRuntime, type Runtime } from '@nylas-otel/accounts/tracking';
import { waitForLease } from './lease.ts';
import {
  type OperatorSettings,
  type RecoverOptions,
  type RecoverySettings,
  readOperatorSettings,
  readRecoverySettings,
} from './options.ts';
import { reachOf } from './reach.ts';
import { carryOn, type RecoveryReport } from './recovery-run.ts';
import { addRun, getRun, type RunPlan, type StoredRun } from './run-ledger.ts';
import { windowsOf } from './windows.ts';

/** Another process recovers for the same application: half of the limits can be given out once. */
export class RecoveryBusyError extends Error {
  override readonly name = 'RecoveryBusyError';

  constructor() {
    super(
      'recover: another process recovers for this application. Wait until it is done (its lease ends 15 seconds after its ' +
        'process), or stop it.',
    );
  }
}

// `startRecovery` looks for work now and then, and keeps lists and cursors some seconds at a time.
const BUSY_MS = 15_000;

/**
 * Reads again what webhooks would have told between two times, and hands it to the inbox of the store: to the same handlers,
 * and what they know already is passed over. The same call goes on where a former one was killed.
 *
 * @throws {NylasAccountsConfigError} for options that cannot be used
 * @throws {RecoveryBusyError} while another process recovers for the application
 * @throws {ReadError} when Nylas refuses the application as a whole
 */
export async function recover(options: RecoverOptions): Promise<RecoveryReport> {
  return await recoverWith(options, processRuntime);
}

/** {@link recover} with time and chance passed in. */
export async function recoverWith(options: RecoverOptions, runtime: Runtime): Promise<RecoveryReport> {
  const settings = readRecoverySettings('recover', options, runtime);
  const { store } = settings;
  const { version } = settings.connection.profile;
  const plan = planOf(readOperatorSettings(options), settings);
  const lease = await waitForLease(store, version, BUSY_MS);
  if (lease === undefined) throw new RecoveryBusyError();
  try {
    const run = await findRun(settings, plan);
    const signals = [lease.signal, ...(options.signal === undefined ? [] : [options.signal])];
    const report = await carryOn(settings, run, {
      lease,
      signal: AbortSignal.any(signals),
      onProgress: options.onProgress,
    });
    if (report.complete && !report.dryRun) {
      const data = {
        run: run.id,
        recovered: report.recovered,
        known: report.known,
        unrecoverable: report.unrecoverable,
        unknowable: report.unknowable,
      };
      await store.journal.append([{ kind: 'recovery', accountId: undefined, data }]);
    }
    return report;
  } finally {
    await lease.release();
  }
}

function planOf({ since, until, accounts, dryRun }: OperatorSettings, settings: RecoverySettings): RunPlan {
  const { runtime, resources, unfiltered, connection } = settings;
  const now = runtime.now();
  const from = since.getTime();
  const to = until === undefined ? now : Math.min(until.getTime(), now);
  if (from >= to)
    throw new NylasAccountsConfigError(
      'since',
      'since is not before until.',
      'Give the begin and the end of the gap.',
      'recover',
    );
  const { version } = connection.profile;
  return {
    version,
    createdAt: now,
    windows: windowsOf([{ from, to }], now, reachOf(version)),
    gaps: [],
    ...(accounts === undefined ? {} : { accounts }),
    resources: [...resources],
    unfiltered,
    dryRun,
  };
}

/** The run of the same plan that was not finished, else a new one. */
async function findRun({ store }: RecoverySettings, plan: RunPlan): Promise<StoredRun> {
  const { version, dryRun, accounts } = plan;
  const from = plan.windows[0]?.from ?? plan.createdAt;
  const whose = accounts === undefined ? 'all' : `${accounts.length}-${accounts[0]}`;
  const name = `${dryRun ? 'dry' : 'operator'}:${version}:${from}:${whose}`;
  for (let n = 1; ; n++) {
    const id = `${name}:${n}`;
    if (await addRun(store, id, plan)) return { id, plan, state: 'running' };
    const known = await getRun(store, id);
    if (known !== undefined && known.state === 'running') return known;
  }
}
