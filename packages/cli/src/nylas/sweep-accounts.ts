import {
  type AccountsSnapshot,
  type SweepProgress,
  type WatchedAccount,
  watchAccounts,
} from '@nylas-otel/accounts';
import type { Outcome } from '@nylas-otel/nylas-api';
import type { Settings } from '../options/settings.ts';
import type { Progress } from '../terminal/progress.ts';
import type { ProgressReport } from '../terminal/progress-line.ts';
import { watchOptions } from './watch-options.ts';

/** All accounts as Nylas lists them now. */
export interface Sweep {
  readonly outcome: Outcome;
  readonly total: number;
  readonly byState: AccountsSnapshot['byState'];
  readonly accounts: readonly WatchedAccount[];
  /** What kept it from ending, in a word. */
  readonly problem: string | undefined;
  /** The same as a sentence, with what to do. */
  readonly message: string | undefined;
}

/** How a sweep is watched. */
export interface SweepOptions {
  readonly signal: AbortSignal;
  readonly progress: Progress;
  /** Asks how many accounts there were when somebody last counted: Nylas tells no total. Never rejects. */
  known(signal: AbortSignal): Promise<number | undefined>;
}

const LOOK_MS = 200;

/** Reads all accounts once, without a store. */
export async function sweepAccounts(
  settings: Settings,
  { signal, progress, known }: SweepOptions,
): Promise<Sweep> {
  const watch = watchAccounts(watchOptions(settings));
  const stop = (): void => void watch.close();
  signal.addEventListener('abort', stop, { once: true });
  let total: number | undefined;
  const over = new AbortController();
  void known(over.signal).then((count) => {
    total = count;
  });
  const timer = setInterval(() => {
    const { sweep } = watch.snapshot();
    if (sweep !== undefined) progress.update(reportOf(sweep, total));
  }, LOOK_MS);
  try {
    const outcome = await watch.ready;
    const { total: read, byState, problem } = watch.snapshot();
    return {
      outcome,
      total: read,
      byState,
      accounts: watch.accounts(),
      problem: problem?.kind,
      message: problem?.message,
    };
  } finally {
    clearInterval(timer);
    over.abort();
    signal.removeEventListener('abort', stop);
    await watch.close();
  }
}

function reportOf({ accounts, pass }: SweepProgress, total: number | undefined): ProgressReport {
  const again = pass === 1 ? '' : ' again, because the list changed';
  return {
    title: 'accounts',
    done: accounts,
    words: `read${again}`,
    ...(total === undefined ? {} : { total, about: true }),
  };
}
