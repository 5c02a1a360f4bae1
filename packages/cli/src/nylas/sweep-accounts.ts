import { type AccountsSnapshot, type WatchedAccount, watchAccounts } from '@nylas-otel/accounts';
import type { Outcome } from '@nylas-otel/nylas-api';
import type { Settings } from '../options/settings.ts';
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

/** Reads all accounts once, without a store. */
export async function sweepAccounts(settings: Settings, signal: AbortSignal): Promise<Sweep> {
  const watch = watchAccounts(watchOptions(settings));
  const stop = (): void => void watch.close();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const outcome = await watch.ready;
    const { total, byState, problem } = watch.snapshot();
    return {
      outcome,
      total,
      byState,
      accounts: watch.accounts(),
      problem: problem?.kind,
      message: problem?.message,
    };
  } finally {
    signal.removeEventListener('abort', stop);
    await watch.close();
  }
}
