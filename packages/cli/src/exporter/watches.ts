import { type AccountMonitor, createAccountMonitor, startRecovery, watchPlatform } from '@nylas-otel/repair';
import type { NylasStore } from '@nylas-otel/store';
import { monitorOptions } from '../nylas/monitor-options.ts';
import { canRecover, recoveryOptions } from '../nylas/recovery-options.ts';
import { hasCredentials } from '../nylas/watch-options.ts';
import type { Settings } from '../options/settings.ts';
import type { Log } from './log.ts';

/** What the exporter watches. */
export interface Watches {
  /** Undefined without credentials. */
  readonly monitor: AccountMonitor | undefined;
  /** For `nylas-otel status`. */
  status(): Promise<object>;
  close(): Promise<void>;
}

const SAY_EVERY_MS = 10_000;

/** Starts to watch accounts, webhook destinations and the platform, and to handle webhooks where they are received. */
export async function startWatches(settings: Settings, store: NylasStore, log: Log): Promise<Watches> {
  if (!hasCredentials(settings)) return watchPlatformAlone(settings, store, log);
  const monitor = createAccountMonitor(
    monitorOptions(settings, store, (level, message, fields) => log[level](message, fields)),
  );
  const undo = [
    monitor.on('transition', ({ id, from, to, signal }) =>
      log.info('an account changed', { account: id, from, to, signal }),
    ),
    monitor.on('pause', (pause) => {
      if (pause === undefined) log.info('repair goes on');
      else log.warn(`repair holds still: ${pause.why}`, { by: pause.by });
    }),
  ];
  const stopWork = settings['webhooks.enabled']
    ? await store.inbox.work({ onEvent: monitor.webhookHandlers })
    : async () => {};
  await monitor.start();
  // Who receives webhooks makes up for those that were missed, and goes on with what another process had begun.
  const recovery =
    settings['webhooks.enabled'] && canRecover(settings)
      ? startRecovery(recoveryOptions(settings, store))
      : undefined;
  // The first sweep over many accounts takes minutes: who looks at the log sees that it goes on.
  const telling = setInterval(() => void sayHowFar(monitor, log), SAY_EVERY_MS).unref();
  void monitor.ready.then(async (outcome) => {
    clearInterval(telling);
    if (outcome === 'success') log.info('all accounts have been read');
    else if (outcome !== 'cancelled') {
      const { problems } = await monitor.status();
      log.error(problems[0]?.message ?? `the accounts cannot be read (${outcome})`);
    }
  });
  return {
    monitor,
    async status() {
      const { accounts, lastSweep, problems, repairs, dryRun, pause } = await monitor.status();
      return {
        accounts,
        lastSweep: lastSweep?.getTime() ?? null,
        problems: problems.map(({ message }) => message),
        repairs,
        repair: dryRun ? 'dry-run' : 'on',
        pause: pause === undefined ? null : { by: pause.by, why: pause.why, since: pause.since.getTime() },
        destinations: monitor.destinations?.destinations() ?? [],
        platform: monitor.platform?.snapshot() ?? null,
      };
    },
    async close() {
      clearInterval(telling);
      for (const end of undo) end();
      await stopWork();
      await recovery?.close();
      await monitor.close();
    },
  };
}

async function sayHowFar(monitor: AccountMonitor, log: Log): Promise<void> {
  try {
    const { accounts } = await monitor.status();
    const known = Object.values(accounts).reduce((sum, count) => sum + count, 0);
    log.info(`the accounts are being read for the first time since the start: ${known} are known`);
  } catch {
    // A store that does not answer says so itself.
  }
}

function watchPlatformAlone(settings: Settings, store: NylasStore, log: Log): Watches {
  log.warn('there are no credentials for Nylas: only its status page is watched. Set NYLAS_API_KEY_FILE.');
  const platform = watchPlatform({
    store,
    page: settings['nylas.status_url'],
    interval: settings['poll.platform_interval'],
  });
  return {
    monitor: undefined,
    status: async () => ({ platform: platform.snapshot() }),
    close: () => platform.close(),
  };
}
