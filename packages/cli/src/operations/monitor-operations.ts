import type { AccountMonitor } from '@nylas-otel/repair';
import type { Operation, OperationWorld } from '../control/operation.ts';
import { NylasOtelError } from '../errors.ts';
import { monitorOptions } from '../nylas/monitor-options.ts';

/** What a restart did. */
export interface RestartResult {
  readonly account: string;
  readonly step: string | undefined;
}

/** Which account, and whether too soon is soon enough. */
export interface RestartInput {
  readonly account: string;
  readonly force?: boolean;
}

export const restartAccount: Operation<RestartInput, RestartResult> = {
  name: 'accounts.restart',
  changes: false,
  async run({ account, force = false }, world) {
    world.progress({ title: 'restarting the account' });
    return await withMonitor(world, async (monitor) => {
      await monitor.restart(account, { force });
      return { account, step: (await monitor.repair(account))?.step };
    });
  },
};

export const reauthLinkOf: Operation<{ readonly account: string }, { readonly url: string }> = {
  name: 'accounts.reauth-link',
  changes: false,
  async run({ account }, world) {
    const { settings } = world;
    if (settings['nylas.client_id'] === undefined || settings['repair.reauth_redirect_uri'] === undefined) {
      throw new NylasOtelError(
        'usage',
        'It is not known where users authenticate again.',
        'Give NYLAS_CLIENT_ID and NYLAS_OTEL_REAUTH_REDIRECT_URI, a callback address that the application has registered (to the running exporter, where there is one).',
      );
    }
    return await withMonitor(world, async (monitor) => ({ url: await monitor.reauthLink(account) }));
  },
};

/** Works with the exporter's monitor, else with one of its own that is not started. The journal is written by repair. */
async function withMonitor<T>(
  world: OperationWorld,
  work: (monitor: AccountMonitor) => Promise<T>,
): Promise<T> {
  if (world.exporter?.monitor !== undefined)
    return await asked(() => work(world.exporter?.monitor as AccountMonitor));
  const { createAccountMonitor } = await import('@nylas-otel/repair');
  const monitor = createAccountMonitor(monitorOptions(world.settings, world.store, () => {}));
  try {
    return await asked(() => work(monitor));
  } finally {
    await monitor.close();
  }
}

const NOT_FOUND = ['NYLAS_REPAIR_UNKNOWN_ACCOUNT'];
/** What to do, in commands instead of calls. */
const FIXES: Readonly<Record<string, string>> = {
  NYLAS_REPAIR_NO_RESTART:
    'Ask the user to authenticate again: nylas-otel accounts reauth-link <account> makes the address.',
  NYLAS_REPAIR_TOO_SOON:
    'Add --force, or ask the user to authenticate again: nylas-otel accounts reauth-link <account>.',
};

async function asked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'NylasRepairError') throw error;
    const code = String((error as { code?: unknown }).code);
    const [message = '', ...fix] = error.message.split(/(?<=\.) /);
    throw new NylasOtelError(
      NOT_FOUND.includes(code) ? 'notFound' : 'usage',
      message,
      FIXES[code] ?? (fix.join(' ') || 'See nylas-otel accounts --help.'),
      { cause: error },
    );
  }
}
