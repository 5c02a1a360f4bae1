import { ACCOUNT_STATES } from '@nylas-otel/nylas-api';
import type { CommandContext } from '../commands/command.ts';
import { askExporter } from '../control/control-client.ts';
import { type AccountList, listAccounts } from './account-operations.ts';
import { runningExporter } from './call-operation.ts';

/** How many accounts the running exporter knows; undefined where none runs, or it does not say. Never rejects. */
export async function knownAccounts(
  context: CommandContext,
  signal: AbortSignal,
): Promise<number | undefined> {
  try {
    const socket = await runningExporter(context);
    if (socket === undefined) return undefined;
    const input = { limit: 1 };
    const { counts } = await askExporter<AccountList>(socket, listAccounts.name, input, {
      signal,
      progress() {},
    });
    return ACCOUNT_STATES.filter((state) => state !== 'deleted').reduce(
      (sum, state) => sum + counts[state],
      0,
    );
  } catch {
    return undefined;
  }
}
