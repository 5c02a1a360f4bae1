import { type AccountsSnapshot, type WatchAccountsOptions, type WatchedAccount, watchAccounts } from '@nylas-otel/accounts';
import type { Outcome } from '@nylas-otel/nylas-api';
import { NylasOtelError } from '../errors.ts';
import type { Settings } from '../options/settings.ts';

/** All accounts as Nylas lists them now. */
export interface Sweep {
  readonly outcome: Outcome;
  readonly total: number;
  readonly byState: AccountsSnapshot['byState'];
  readonly accounts: readonly WatchedAccount[];
  /** What kept it from ending, in a word. */
  readonly problem: string | undefined;
}

/** Reads all accounts once, without a store. */
export async function sweepAccounts(settings: Settings, signal: AbortSignal): Promise<Sweep> {
  const watch = watchAccounts(watchOptions(settings));
  const stop = (): void => void watch.close();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const outcome = await watch.ready;
    const { total, byState, problem } = watch.snapshot();
    return { outcome, total, byState, accounts: watch.accounts(), problem: problem?.kind };
  } finally {
    signal.removeEventListener('abort', stop);
    await watch.close();
  }
}

/**
 * The settings as `watchAccounts` takes them.
 *
 * @throws NylasOtelError where no credentials are given
 */
export function watchOptions(settings: Settings): WatchAccountsOptions {
  const sweepInterval = settings['poll.sweep_interval'];
  const baseUrl = settings['nylas.api_url'];
  const shared = {
    region: settings['nylas.region'],
    application: settings['nylas.application'],
    invalidInterval: settings['poll.invalid_interval'],
    requestsPerSecond: settings['poll.requests_per_second'],
    captureAccountId: settings['metrics.capture_account_id'],
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(sweepInterval === undefined ? {} : { sweepInterval }),
    ...(settings['metrics.account_series'] === 0 ? {} : { accountSeries: { max: settings['metrics.account_series'] } }),
  };
  const apiKey = settings['nylas.api_key'];
  if (apiKey !== undefined) return { ...shared, apiKey };
  const clientId = settings['nylas.client_id'];
  const clientSecret = settings['nylas.client_secret'];
  if (clientId !== undefined && clientSecret !== undefined) return { ...shared, clientId, clientSecret };
  throw new NylasOtelError(
    'usage',
    'There are no credentials for Nylas.',
    'Set NYLAS_API_KEY (API v3), or NYLAS_CLIENT_ID and NYLAS_CLIENT_SECRET (API v2); each also as NAME_FILE with a path.',
  );
}
