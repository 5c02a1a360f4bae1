import type { WatchAccountsOptions } from '@nylas-otel/accounts';
import { NylasOtelError } from '../errors.ts';
import type { Settings } from '../options/settings.ts';

/** True where there are credentials for some version of the API. */
export function hasCredentials(settings: Settings): boolean {
  const v2 = settings['nylas.client_id'] !== undefined && settings['nylas.client_secret'] !== undefined;
  return settings['nylas.api_key'] !== undefined || v2;
}

/**
 * How the application is reached, as options of `@nylas-otel/accounts`.
 *
 * @throws NylasOtelError where no credentials are given
 */
export function connectionOptions(settings: Settings): WatchAccountsOptions {
  const baseUrl = settings['nylas.api_url'];
  const shared = {
    region: settings['nylas.region'],
    application: settings['nylas.application'],
    ...(baseUrl === undefined ? {} : { baseUrl }),
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

/**
 * All that a watch over the accounts is told.
 *
 * @throws NylasOtelError where no credentials are given
 */
export function watchOptions(settings: Settings): WatchAccountsOptions {
  const sweepInterval = settings['poll.sweep_interval'];
  const max = settings['metrics.account_series'];
  return {
    ...connectionOptions(settings),
    invalidInterval: settings['poll.invalid_interval'],
    requestsPerSecond: settings['poll.requests_per_second'],
    captureAccountId: settings['metrics.capture_account_id'],
    ...(sweepInterval === undefined ? {} : { sweepInterval }),
    ...(max === 0 ? {} : { accountSeries: { max } }),
  };
}
