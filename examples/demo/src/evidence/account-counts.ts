import { type AccountState, accountState, providerLabel } from '@nylas-otel/nylas-api';
import type { Simulator } from '@nylas-otel/simulator';
import type { MetricsPage } from './metrics-page.ts';

/** How many accounts of a provider are in a state. */
export interface AccountCount {
  readonly version: string;
  readonly provider: string;
  readonly state: string;
  readonly count: number;
}

/** What the gauge says. */
export function gaugedAccounts(page: MetricsPage): AccountCount[] {
  return page.samples('nylas_accounts').map(({ labels, value }) => ({
    version: labels.nylas_api_version ?? '',
    provider: labels.nylas_provider ?? '',
    state: labels.nylas_account_state ?? '',
    count: value,
  }));
}

/** What is true. */
export function trueAccounts(nylas: Simulator): AccountCount[] {
  const grants = nylas.grants.list().map(({ provider, status }) => one('v3', provider, status));
  const accounts = nylas.accounts.list().map(({ provider, syncState }) => one('v2', provider, syncState));
  const counts = new Map<string, AccountCount>();
  for (const account of [...grants, ...accounts]) {
    const count = counts.get(keyOf(account))?.count ?? 0;
    counts.set(keyOf(account), { ...account, count: count + 1 });
  }
  return [...counts.values()];
}

function one(version: 'v2' | 'v3', provider: string, raw: string): AccountCount {
  const state: AccountState = accountState(version, raw);
  return { version, provider: providerLabel(provider), state, count: 1 };
}

/** The first series in which two counts differ, in words; undefined when they agree. A count of 0 may be left out. */
export function differenceOf(
  gauged: readonly AccountCount[],
  real: readonly AccountCount[],
): string | undefined {
  const left = new Map(gauged.map((account) => [keyOf(account), account.count]));
  for (const account of real) {
    const count = left.get(keyOf(account)) ?? 0;
    left.delete(keyOf(account));
    if (count !== account.count) return `${keyOf(account)}: ${account.count} in truth, ${count} on the gauge`;
  }
  const extra = [...left].find(([, count]) => count !== 0);
  return extra === undefined ? undefined : `${extra[0]}: none in truth, ${extra[1]} on the gauge`;
}

/** Names a series. */
function keyOf({ version, provider, state }: AccountCount): string {
  return `${version} ${provider} ${state}`;
}
