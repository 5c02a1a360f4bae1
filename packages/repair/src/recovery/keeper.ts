import { authorizationOf } from './account-recovery.ts';
import { askCursor, keepCursor, lastCursorTime } from './cursors.ts';
import { inParallel } from './in-parallel.ts';
import { LARGE_KINDS, refreshInventory, SMALL_KINDS } from './inventory-steps.ts';
import type { KeeperTurns } from './keeper-turns.ts';
import type { RecoverySettings } from './options.ts';
import { ReadError, type RecoveryAccount, type RecoveryApi } from './recovery-api.ts';
import { accountsOf } from './recovery-run.ts';

/** An inventory is taken anew once a day: what changed meanwhile and was told is known from the inbox. */
const INVENTORY_MS = 24 * 3_600_000;
/** Of the events of six hours it can be seen which were told. */
const CURSOR_MS = 6 * 3_600_000;

/**
 * Notes for every account what recovery needs to know from before a gap: lists of what has no filter of changes (v3), where
 * the deltas are (v2). Accounts that cannot be read are passed over until the next time.
 */
export async function keepAll(settings: RecoverySettings, turns: KeeperTurns): Promise<void> {
  const { api } = turns;
  const keep = settings.connection.profile.version === 'v3' ? keepInventories : keepPosition;
  try {
    await inParallel(
      accountsOf(settings, undefined),
      settings.concurrency,
      api.closing,
      async (account): Promise<void> => {
        try {
          await keep(settings, api, account);
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

async function keepInventories(
  settings: RecoverySettings,
  api: RecoveryApi,
  account: RecoveryAccount,
): Promise<void> {
  const { store, runtime, resources, unfiltered } = settings;
  const now = (): number => runtime.now();
  for (const kind of unfiltered === 'off' ? SMALL_KINDS : [...SMALL_KINDS, ...LARGE_KINDS]) {
    if (!resources.has(kind.resource)) continue;
    try {
      await refreshInventory({ api, account, store, now }, kind, now() - INVENTORY_MS);
    } catch (error) {
      // Not every provider has contacts.
      if (!(error instanceof ReadError) || error.problem === 'refused' || error.problem === 'closed')
        throw error;
    }
  }
}

async function keepPosition(
  settings: RecoverySettings,
  api: RecoveryApi,
  account: RecoveryAccount,
): Promise<void> {
  const { store, runtime } = settings;
  const now = runtime.now();
  if (((await lastCursorTime(store, account.id)) ?? 0) > now - CURSOR_MS) return;
  const authorization = await authorizationOf(settings, account);
  if (authorization === undefined) return;
  await keepCursor(store, account.id, now, await askCursor(api, account, authorization));
}
