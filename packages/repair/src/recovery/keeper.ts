import { authorizationOf } from './account-recovery.ts';
import { askCursor, keepCursor, lastCursorTime } from './cursors.ts';
import { inParallel } from './in-parallel.ts';
import { LARGE_KINDS, refreshInventory, SMALL_KINDS } from './inventory-steps.ts';
import type { KeeperTurns } from './keeper-turns.ts';
import { accountsDue, CURSOR_MS, forgetDeleted, INVENTORY_MS, noteKept } from './kept-accounts.ts';
import type { RecoverySettings } from './options.ts';
import { ReadError, type RecoveryAccount, type RecoveryApi } from './recovery-api.ts';

/**
 * Notes for every account what recovery needs to know from before a gap: lists of what has no filter of changes (v3), where
 * the deltas are (v2). Accounts that cannot be read are passed over until the next time; what is kept of those that are gone
 * is removed.
 */
export async function keepAll(settings: RecoverySettings, turns: KeeperTurns): Promise<void> {
  const { api } = turns;
  const keep = settings.connection.profile.version === 'v3' ? keepInventories : keepPosition;
  try {
    await forgetDeleted(settings);
    await inParallel(
      accountsDue(settings),
      settings.concurrency,
      api.closing,
      async (account): Promise<void> => {
        const begin = settings.runtime.now();
        try {
          if (await keep(settings, api, account)) await noteKept(settings, account.id, begin);
        } catch (error) {
          if (!(error instanceof ReadError)) throw error;
        } finally {
          api.forget(account);
        }
      },
    );
  } finally {
    await turns.end();
  }
}

/** True when they are taken, as far as the provider has them. What recovery has just compared is new enough. */
async function keepInventories(
  settings: RecoverySettings,
  api: RecoveryApi,
  account: RecoveryAccount,
): Promise<boolean> {
  const { store, runtime, resources, unfiltered } = settings;
  const now = (): number => runtime.now();
  let complete = true;
  for (const kind of unfiltered === 'off' ? SMALL_KINDS : [...SMALL_KINDS, ...LARGE_KINDS]) {
    if (!resources.has(kind.resource)) continue;
    try {
      await refreshInventory({ api, account, store, now }, kind, now() - INVENTORY_MS / 2);
    } catch (error) {
      if (!(error instanceof ReadError) || error.problem === 'refused' || error.problem === 'closed')
        throw error;
      // Not every provider has contacts; but a list that was away is asked for again soon.
      if (error.problem === 'unavailable') complete = false;
    }
  }
  return complete;
}

/** True when there is a cursor that is new enough. */
async function keepPosition(
  settings: RecoverySettings,
  api: RecoveryApi,
  account: RecoveryAccount,
): Promise<boolean> {
  const { store, runtime } = settings;
  const now = runtime.now();
  if (((await lastCursorTime(store, account.id)) ?? 0) > now - CURSOR_MS / 2) return true;
  const authorization = await authorizationOf(settings, account);
  if (authorization === undefined) return false;
  const { cursor } = await askCursor(api, account, authorization);
  await keepCursor(store, account.id, now, cursor);
  return true;
}
