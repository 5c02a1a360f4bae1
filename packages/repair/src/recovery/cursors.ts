import { asObject } from '@nylas-otel/accounts/tracking';
import type { Records, StoreTransaction } from '@nylas-otel/store';
import type { RecoveryAccount, RecoveryApi } from './recovery-api.ts';

/** Cursors of one account, oldest first. Survives JSON. */
export interface KeptCursors {
  readonly cursors: readonly { readonly time: number; readonly cursor: string }[];
}

/** Deltas are kept for 14 days. */
export const DELTA_REACH_MS = 14 * 86_400_000;
const COLLECTION = 'recovery-cursors';
const MOST_CURSORS = 200;

function cursorsOf(tx: Pick<StoreTransaction, 'records'>): Records<KeptCursors> {
  return tx.records<KeptCursors>(COLLECTION);
}

/**
 * Notes where the deltas of an account are now: a stopped account refuses to say it (403 on every POST), which is just when
 * it is needed.
 */
export async function keepCursor(
  tx: Pick<StoreTransaction, 'records'>,
  accountId: string,
  time: number,
  cursor: string,
): Promise<void> {
  const known = (await cursorsOf(tx).get(accountId))?.value.cursors ?? [];
  const still = known.filter((kept) => kept.time > time - DELTA_REACH_MS && kept.time < time);
  await cursorsOf(tx).set(accountId, { cursors: [...still, { time, cursor }].slice(-MOST_CURSORS) });
}

/** The last cursor from before a time. */
export async function cursorBefore(
  tx: Pick<StoreTransaction, 'records'>,
  accountId: string,
  time: number,
): Promise<{ readonly time: number; readonly cursor: string } | undefined> {
  return (await cursorsOf(tx).get(accountId))?.value.cursors.filter((kept) => kept.time <= time).at(-1);
}

/** Removes the cursors of an account that is gone. */
export async function forgetCursors(tx: Pick<StoreTransaction, 'records'>, accountId: string): Promise<void> {
  await cursorsOf(tx).remove(accountId);
}

/** When the last cursor of an account was kept. */
export async function lastCursorTime(
  tx: Pick<StoreTransaction, 'records'>,
  accountId: string,
): Promise<number | undefined> {
  return (await cursorsOf(tx).get(accountId))?.value.cursors.at(-1)?.time;
}

/** Where the deltas were at a time, and as of when that was said (`RecoveryApi.read`). */
export interface AskedCursor {
  readonly cursor: string;
  readonly readAt: number | undefined;
}

/** Asks where the deltas are now, or (`start`, Unix seconds) were at a time. Refused on a stopped account. */
export async function askCursor(
  api: RecoveryApi,
  account: RecoveryAccount,
  authorization: string,
  start?: number,
): Promise<AskedCursor> {
  return await api.read(
    account,
    {
      url: start === undefined ? '/delta/latest_cursor' : '/delta/generate_cursor',
      method: 'POST',
      authorization,
      json: start === undefined ? {} : { start },
    },
    (body, readAt) => {
      const cursor = asObject(body)?.cursor;
      return typeof cursor === 'string' && cursor !== '' ? { cursor, readAt } : undefined;
    },
  );
}
