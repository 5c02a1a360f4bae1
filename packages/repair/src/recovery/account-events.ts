import type { Transition } from '@nylas-otel/accounts/tracking';
import type { AccountState, ApiVersion } from '@nylas-otel/nylas-api';
import type { NylasStore } from '@nylas-otel/store';
import type { RecoverySettings } from './options.ts';
import { type RecoveredChange, readOf } from './recovered-change.ts';
import type { RecoveryApi } from './recovery-api.ts';
import type { TimeWindow } from './windows.ts';

/** The trigger that tells of an account's new state. `partial` is told by nothing. */
const TRIGGERS: Readonly<Record<ApiVersion, Readonly<Partial<Record<AccountState, string>>>>> = {
  v3: { running: 'grant.updated', invalid: 'grant.expired', deleted: 'grant.deleted' },
  v2: {
    running: 'account.running',
    stopped: 'account.stopped',
    invalid: 'account.invalid',
    sync_error: 'account.sync_error',
  },
};

/** Reads all accounts once and puts them into the table, so that it knows what changed; a page at a time. */
export async function refreshAccounts(settings: RecoverySettings, api: RecoveryApi): Promise<void> {
  const { profile } = settings.connection;
  const { store, runtime } = settings;
  const limit = profile.pageSize;
  const whole = { id: '#application', provider: 'unknown' };
  for (let offset = 0; !api.closing.aborted; ) {
    const time = runtime.now();
    const url = profile.listPath({ offset, limit }, false);
    const page = await api.read(whole, { url }, (body) => profile.readPage(body), 'application');
    const readings = page.accounts.filter((reading) => reading !== undefined);
    await store.accounts.apply(readings.map((reading) => ({ reading, time, signal: 'poll' as const })));
    offset += page.accounts.length;
    if (page.accounts.length < (page.limit ?? limit)) return;
  }
}

/** A change of an account's state that no webhook told of. */
export interface AccountChange {
  readonly accountId: string;
  readonly provider: string;
  readonly change: RecoveredChange;
}

/** The state changes within windows that were seen by polls and failed requests only. */
export async function accountChanges(
  store: Pick<NylasStore, 'accounts'>,
  version: ApiVersion,
  windows: readonly TimeWindow[],
  now: number,
): Promise<readonly AccountChange[]> {
  const first = windows[0];
  const last = windows.at(-1);
  if (first === undefined || last === undefined) return [];
  // A poll sees a change some time after it happened.
  const transitions = await store.accounts.transitions(first.from, 10_000);
  return transitions
    .filter(({ signal, time }) => signal !== 'webhook' && time <= now)
    .map((transition) => changeOf(version, transition, first.from))
    .filter((change) => change !== undefined);
}

function changeOf(
  version: ApiVersion,
  { id, provider, to, raw, time }: Transition,
  since: number,
): AccountChange | undefined {
  const trigger = TRIGGERS[version][to];
  if (trigger === undefined) return undefined;
  const kind = version === 'v3' ? 'grant' : 'account';
  return {
    accountId: id,
    provider,
    change: {
      resource: version === 'v3' ? 'grants' : 'accounts',
      kind,
      change: to === 'deleted' ? 'deleted' : 'updated',
      objectId: id,
      trigger,
      time,
      mark: to === 'deleted' ? 'deleted' : `#${to}~${time}`,
      object: version === 'v3' ? { grant_id: id, provider, grant_status: raw } : {},
      // By our clock: a state is compared with the one that was told last, whichever clock says when.
      read: readOf(time, since),
    },
  };
}
