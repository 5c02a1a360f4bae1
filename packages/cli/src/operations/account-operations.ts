import { ACCOUNT_STATES, type AccountState } from '@nylas-otel/nylas-api';
import type { StoredAccount } from '@nylas-otel/store';
import type { Operation, OperationWorld } from '../control/operation.ts';
import { NylasOtelError } from '../errors.ts';

/** An account as commands show it. Times are Unix milliseconds. */
export interface AccountRow {
  readonly id: string;
  readonly email: string | undefined;
  readonly provider: string;
  readonly state: AccountState;
  /** Nylas's own word. */
  readonly raw: string;
  readonly since: number;
  readonly unhealthySince: number | undefined;
}

/** Which accounts; every condition must hold. */
export interface AccountListInput {
  readonly state?: AccountState;
  readonly provider?: string;
  readonly unhealthy?: boolean;
  readonly limit?: number;
}

/** Accounts, and how many there are in each state. */
export interface AccountList {
  readonly accounts: readonly AccountRow[];
  readonly counts: Readonly<Record<AccountState, number>>;
  /** Accounts that fit and were left out. */
  readonly more: boolean;
}

export const listAccounts: Operation<AccountListInput, AccountList> = {
  name: 'accounts.list',
  changes: false,
  async run({ limit = 100, ...filter }, { store }) {
    const found = await store.accounts.list({ ...filter, limit: limit + 1 });
    const { counts } = await store.accounts.aggregates();
    const byState = Object.fromEntries(ACCOUNT_STATES.map((state) => [state, 0])) as Record<
      AccountState,
      number
    >;
    for (const { state, count } of counts) byState[state] += count;
    return { accounts: found.slice(0, limit).map(rowOf), counts: byState, more: found.length > limit };
  },
};

/** One change of state. */
export interface TransitionRow {
  readonly time: number;
  readonly from: AccountState;
  readonly to: AccountState;
  readonly raw: string;
  readonly signal: string;
}

/** One line of the journal. */
export interface JournalRow {
  readonly time: number;
  readonly kind: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What the store knows of one account. */
export interface AccountReport {
  readonly account: AccountRow;
  readonly transitions: readonly TransitionRow[];
  readonly journal: readonly JournalRow[];
}

/** One account, by id or address. */
export interface AccountInput {
  readonly account: string;
  /** Unix milliseconds. */
  readonly since?: number;
  readonly limit?: number;
}

export const accountReport: Operation<AccountInput, AccountReport> = {
  name: 'accounts.report',
  changes: false,
  async run({ account: name, since, limit = 50 }, world) {
    const { store } = world;
    const account = await findAccount(name, world);
    const range = { limit, ...(since === undefined ? {} : { since }) };
    const transitions = await store.accounts.history(account.id, range);
    const journal = await store.journal.read({ accountId: account.id, ...range });
    return {
      account: rowOf(account),
      transitions: transitions.map(({ time, from, to, raw, signal }) => ({ time, from, to, raw, signal })),
      journal: journal.map(({ time, kind, data }) => ({ time, kind, data })),
    };
  },
};

/**
 * The account of that id or address.
 *
 * @throws NylasOtelError where there is none, or more than one
 */
async function findAccount(name: string, { store }: OperationWorld): Promise<StoredAccount> {
  const [account, second] = await store.accounts.resolve(name);
  if (account === undefined) {
    throw new NylasOtelError(
      'notFound',
      'The store knows no such account.',
      'nylas-otel accounts list shows those there are; a new one is known after the next sweep.',
    );
  }
  if (second !== undefined) {
    throw new NylasOtelError(
      'usage',
      'The address has several accounts.',
      'Give the id: nylas-otel accounts list shows it.',
    );
  }
  return account;
}

function rowOf({ id, email, provider, state, raw, since, brokenSince }: StoredAccount): AccountRow {
  return { id, email, provider, state, raw, since, unhealthySince: brokenSince };
}
