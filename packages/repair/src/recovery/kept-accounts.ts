import type { NylasStore, Records, StoredAccount } from '@nylas-otel/store';
import { forgetCursors } from './cursors.ts';
import { forgetInventories } from './inventory-steps.ts';
import type { RecoverySettings } from './options.ts';
import type { RecoveryAccount } from './recovery-api.ts';

/** When an account's lists, or its cursor, were last looked after. Survives JSON. */
interface Kept {
  readonly at: number;
  /** What was kept: with other options it is due again. */
  readonly what: string;
}

/** An inventory is taken anew once a day: what changed meanwhile and was told is known from the inbox. */
export const INVENTORY_MS: number = 24 * 3_600_000;
/** Of the events of six hours it can be seen which were told. */
export const CURSOR_MS: number = 6 * 3_600_000;
const PAGE = 500;

/** The accounts that are to be looked after, at one small query for a page of them: most are not due, most of the time. */
export async function* accountsDue(settings: RecoverySettings): AsyncGenerator<RecoveryAccount> {
  const { store, runtime, connection } = settings;
  const every = connection.profile.version === 'v3' ? INVENTORY_MS : CURSOR_MS;
  const what = whatIsKept(settings);
  for await (const page of pagesOf(store, undefined)) {
    const known = await keptOf(store).getMany(page.map(({ id }) => id));
    const before = runtime.now() - every;
    const fresh = new Set(
      known.filter(({ value }) => value.what === what && value.at > before).map(({ key }) => key),
    );
    for (const account of page) if (account.state !== 'deleted' && !fresh.has(account.id)) yield account;
  }
}

/** Notes that an account was looked after. */
export async function noteKept(settings: RecoverySettings, accountId: string, at: number): Promise<void> {
  await keptOf(settings.store).set(accountId, { at, what: whatIsKept(settings) });
}

/** Removes what is kept of accounts that are gone. */
export async function forgetDeleted({ store }: RecoverySettings): Promise<void> {
  for await (const page of pagesOf(store, 'deleted')) {
    for (const { key } of await keptOf(store).getMany(page.map(({ id }) => id))) {
      await store.transaction(async (tx) => {
        await forgetInventories(tx, key);
        await forgetCursors(tx, key);
        await keptOf(tx).remove(key);
      });
    }
  }
}

async function* pagesOf(
  store: NylasStore,
  state: 'deleted' | undefined,
): AsyncGenerator<readonly StoredAccount[]> {
  for (let after: string | undefined; ; ) {
    const page = await store.accounts.list({
      limit: PAGE,
      ...(state === undefined ? {} : { state }),
      ...(after === undefined ? {} : { after }),
    });
    yield page;
    after = page.at(-1)?.id;
    if (page.length < PAGE) return;
  }
}

function whatIsKept({ connection, resources, unfiltered }: RecoverySettings): string {
  if (connection.profile.version === 'v2') return 'cursor';
  return `${[...resources].sort().join(' ')}; unfiltered: ${unfiltered !== 'off'}`;
}

function keptOf(tx: Pick<NylasStore, 'records'>): Records<Kept> {
  return tx.records<Kept>('recovery-kept');
}
