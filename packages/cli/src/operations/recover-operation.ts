import type { RecoverableResource, RecoveryReport, Unfiltered } from '@nylas-otel/repair';
import type { Operation } from '../control/operation.ts';
import { NylasOtelError } from '../errors.ts';
import { recoveryOptions } from '../nylas/recovery-options.ts';
import { utcTime } from '../terminal/time.ts';

/** What to recover. Times are Unix milliseconds. */
export interface RecoverInput {
  readonly since: number;
  readonly until?: number;
  readonly accounts?: readonly string[];
  readonly resources?: readonly string[];
  readonly unfiltered?: string;
  readonly dryRun?: boolean;
}

export const recoverMissed: Operation<RecoverInput, RecoveryReport> = {
  name: 'recover',
  changes: false,
  async run(input, { settings, store, signal, progress }) {
    const { recover } = await import('@nylas-otel/repair');
    const total = (await store.accounts.aggregates()).counts.reduce((sum, { count }) => sum + count, 0);
    const { since, until, accounts, resources, unfiltered, dryRun = false } = input;
    let report: RecoveryReport;
    try {
      report = await recover({
        ...recoveryOptions(settings, store),
        since: new Date(since),
        ...(until === undefined ? {} : { until: new Date(until) }),
        ...(accounts === undefined ? {} : { accounts }),
        ...(resources === undefined ? {} : { resources: resources as readonly RecoverableResource[] }),
        ...(unfiltered === undefined ? {} : { unfiltered: unfiltered as Unfiltered }),
        dryRun,
        signal,
        onProgress: ({ accounts: looked, postponed, failed, recovered }) =>
          progress({
            title: 'accounts',
            done: looked,
            total: Math.max(accounts?.length ?? total, looked),
            words: `${recovered} recovered${postponed === 0 ? '' : `, ${postponed} postponed`}${failed === 0 ? '' : `, ${failed} failed`}`,
          }),
      });
    } catch (error) {
      throw signal.aborted ? unfinished(since) : told(error);
    }
    if (signal.aborted && !report.complete) throw unfinished(since);
    return report;
  },
};

function unfinished(since: number): NylasOtelError {
  return new NylasOtelError(
    'interrupted',
    'Recovery was ended before it was done; what was recovered stays.',
    `nylas-otel recover --since ${utcTime(since)} goes on where it stopped; so does an exporter with --webhooks when it starts.`,
  );
}

function told(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (error.name === 'RecoveryBusyError') {
    return new NylasOtelError(
      'busy',
      error.message,
      'A running exporter recovers by itself: see nylas-otel status.',
    );
  }
  if (error.name === 'ReadError') {
    return new NylasOtelError('refused', error.message, 'nylas-otel doctor says what is wrong.', {
      cause: error,
    });
  }
  return error;
}
