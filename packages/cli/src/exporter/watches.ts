import { watchAccounts } from '@nylas-otel/accounts';
import { watchDestinations, watchPlatform } from '@nylas-otel/repair';
import type { NylasStore } from '@nylas-otel/store';
import { connectionOptions, hasCredentials, watchOptions } from '../nylas/watch-options.ts';
import type { Settings } from '../options/settings.ts';
import type { Log } from './log.ts';

/** What the exporter watches. */
export interface Watches {
  /** For `nylas-otel status`. */
  status(): object;
  close(): Promise<void>;
}

/** Starts to watch accounts, webhook destinations and the platform. */
export async function startWatches(settings: Settings, store: NylasStore, log: Log): Promise<Watches> {
  const platform = watchPlatform({
    store,
    page: settings['nylas.status_url'],
    interval: settings['poll.platform_interval'],
  });
  if (!hasCredentials(settings)) {
    log.warn('there are no credentials for Nylas: only its status page is watched. Set NYLAS_API_KEY_FILE.');
    return { status: () => ({ platform: platform.snapshot() }), close: () => platform.close() };
  }
  const accounts = watchAccounts(watchOptions(settings));
  const destinations = watchDestinations({
    ...connectionOptions(settings),
    store,
    interval: settings['poll.destination_interval'],
  });
  void accounts.ready.then(() => {
    const { problem, total } = accounts.snapshot();
    if (problem === undefined) log.info(`${total} accounts are watched`);
    else log.error(problem.message);
  });
  return {
    status: () => ({
      platform: platform.snapshot(),
      destinations: destinations.destinations(),
      accounts: accounts.snapshot(),
    }),
    async close() {
      await Promise.all([accounts.close(), destinations.close(), platform.close()]);
    },
  };
}
