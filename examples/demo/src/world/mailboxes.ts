import type {
  AccountProvider,
  AccountSeed,
  GrantProvider,
  GrantSeed,
  SyncState,
} from '@nylas-otel/simulator';

/** How many grants of API v3 each provider has. */
const GRANTS: Readonly<Record<GrantProvider, number>> = {
  google: 18,
  microsoft: 12,
  imap: 6,
  icloud: 4,
  yahoo: 3,
  ews: 3,
  'virtual-calendar': 2,
  zoom: 1,
  nylas: 1,
};

/** How many accounts of API v2. */
const ACCOUNTS: Readonly<Record<AccountProvider, number>> = {
  gmail: 9,
  office365: 6,
  exchange: 3,
  imap: 3,
  icloud: 2,
  yahoo: 1,
};

/** What becomes of accounts of API v2 during the demo, by provider. */
export const ACCOUNT_FATES: readonly (readonly [provider: AccountProvider, state: SyncState])[] = [
  ['gmail', 'stopped'],
  ['gmail', 'stopped'],
  ['office365', 'invalid'],
  ['exchange', 'sync_error'],
  ['imap', 'partial'],
];

/** The providers of the grants that expire although nobody uses them. */
export const UNSEEN_EXPIRIES: readonly GrantProvider[] = ['google', 'google', 'microsoft', 'icloud', 'imap'];

/** The grants that the simulated Nylas starts with. */
export function grantSeeds(): GrantSeed[] {
  return seeds(GRANTS).map((provider) => ({ provider }));
}

/** The accounts that it starts with. */
export function accountSeeds(): AccountSeed[] {
  return seeds(ACCOUNTS).map((provider) => ({ provider }));
}

function seeds<Provider extends string>(numbers: Readonly<Record<Provider, number>>): Provider[] {
  return (Object.entries(numbers) as [Provider, number][]).flatMap(([provider, number]) =>
    Array<Provider>(number).fill(provider),
  );
}
