import type { Transition } from '@nylas-otel/accounts/tracking';
import { ACCOUNT_STATES, type AccountState } from '@nylas-otel/nylas-api';
import type { AccountSignal } from '@nylas-otel/semantic-conventions';
import type { Row, Session } from '../engine/database.ts';
import { UNHEALTHY_SQL } from '../schema/migrations.ts';
import type { Tables } from '../schema/tables.ts';
import type { StoredAccount } from './account-table.ts';

/** A row of the table `account`. */
export interface AccountRow extends Row {
  readonly id: string;
  readonly email: string | null;
  readonly provider: string;
  readonly state: AccountState;
  readonly raw: string;
  readonly since: number;
  readonly time: number;
  readonly broken_since: number | null;
  readonly broken_state: AccountState | null;
}

/** A row of the table `transition`. */
export interface TransitionRow extends Row {
  readonly account_id: string;
  readonly provider: string;
  readonly from_state: AccountState;
  readonly to_state: AccountState;
  readonly raw: string;
  readonly signal: AccountSignal;
  readonly time: number;
  readonly recovery_state: AccountState | null;
  readonly recovery_seconds: number | null;
}

export const ACCOUNT_COLUMNS = 'id, email, provider, state, raw, since, time, broken_since, broken_state';
export const TRANSITION_COLUMNS =
  'account_id, provider, from_state, to_state, raw, signal, time, recovery_state, recovery_seconds';

export function accountOf(row: AccountRow): StoredAccount {
  return {
    id: row.id,
    email: row.email ?? undefined,
    provider: row.provider,
    state: row.state,
    raw: row.raw,
    since: row.since,
    time: row.time,
    brokenSince: row.broken_since ?? undefined,
    brokenState: row.broken_state ?? undefined,
  };
}

export function transitionOf(row: TransitionRow): Transition {
  return {
    id: row.account_id,
    provider: row.provider,
    from: row.from_state,
    to: row.to_state,
    raw: row.raw,
    signal: row.signal,
    time: row.time,
    recovery:
      row.recovery_state === null || row.recovery_seconds === null
        ? undefined
        : { state: row.recovery_state, seconds: row.recovery_seconds },
  };
}

/** The rows of these accounts, locked in the order of ids, so that two that lock the same ones do not deadlock. */
export async function lockAccounts(
  session: Session,
  { account }: Tables,
  application: string,
  ids: readonly string[],
): Promise<Map<string, StoredAccount>> {
  const rows = await session.query<AccountRow>(
    `SELECT ${ACCOUNT_COLUMNS} FROM ${account}
     WHERE application = $1 AND id = ANY($2::text[]) ORDER BY id FOR NO KEY UPDATE`,
    [application, ids],
  );
  return new Map(rows.map((row) => [row.id, accountOf(row)]));
}

/** Inserts what is not there; returns the ids it did insert. */
export async function insertAccounts(
  session: Session,
  { account }: Tables,
  application: string,
  accounts: readonly StoredAccount[],
): Promise<Set<string>> {
  const rows = await session.query<{ id: string }>(
    `INSERT INTO ${account} (application, ${ACCOUNT_COLUMNS})
     SELECT $1, * FROM ${unnested(2)} ORDER BY id ON CONFLICT DO NOTHING RETURNING id`,
    [application, ...columns(accounts)],
  );
  return new Set(rows.map(({ id }) => id));
}

/** Writes rows that {@link lockAccounts} has locked. */
export async function updateAccounts(
  session: Session,
  { account }: Tables,
  application: string,
  accounts: readonly StoredAccount[],
): Promise<void> {
  await session.query(
    `UPDATE ${account} AS a SET email = n.email, provider = n.provider, state = n.state, raw = n.raw,
       since = n.since, time = n.time, broken_since = n.broken_since, broken_state = n.broken_state
     FROM ${unnested(2)} WHERE a.application = $1 AND a.id = n.id`,
    [application, ...columns(accounts)],
  );
}

function unnested(first: number): string {
  const types = ['text', 'text', 'text', 'text', 'text', 'bigint', 'bigint', 'bigint', 'text'];
  const arrays = types.map((type, index) => `$${first + index}::${type}[]`);
  return `unnest(${arrays.join(', ')}) AS n(${ACCOUNT_COLUMNS})`;
}

function columns(accounts: readonly StoredAccount[]): unknown[][] {
  return [
    accounts.map(({ id }) => id),
    accounts.map(({ email }) => email ?? null),
    accounts.map(({ provider }) => provider),
    accounts.map(({ state }) => state),
    accounts.map(({ raw }) => raw),
    accounts.map(({ since }) => since),
    accounts.map(({ time }) => time),
    accounts.map(({ brokenSince }) => brokenSince ?? null),
    accounts.map(({ brokenState }) => brokenState ?? null),
  ];
}

/** Writes transitions to the history. */
export async function insertTransitions(
  session: Session,
  { transition }: Tables,
  application: string,
  transitions: readonly Transition[],
): Promise<void> {
  await session.query(
    `INSERT INTO ${transition} (application, ${TRANSITION_COLUMNS})
     SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[],
       $9::text[], $10::float8[])`,
    [
      application,
      transitions.map(({ id }) => id),
      transitions.map(({ provider }) => provider),
      transitions.map(({ from }) => from),
      transitions.map(({ to }) => to),
      transitions.map(({ raw }) => raw),
      transitions.map(({ signal }) => signal),
      transitions.map(({ time }) => time),
      transitions.map(({ recovery }) => recovery?.state ?? null),
      transitions.map(({ recovery }) => recovery?.seconds ?? null),
    ],
  );
}

/** Changes of counts, by provider and state. */
export class CountChanges {
  readonly #changes = new Map<string, { provider: string; state: AccountState; change: number }>();

  add({ provider, state }: StoredAccount, change: 1 | -1): void {
    // A deleted account is none.
    if (state === 'deleted') return;
    const key = `${provider} ${state}`;
    const known = this.#changes.get(key);
    if (known === undefined) this.#changes.set(key, { provider, state, change });
    else known.change += change;
  }

  /** Adds to the counts in one slot, in one order for all. */
  async write(session: Session, { accountCount }: Tables, application: string, slot: number): Promise<void> {
    const changes = [...this.#changes.values()].filter(({ change }) => change !== 0);
    if (changes.length === 0) return;
    await session.query(
      `INSERT INTO ${accountCount} AS c (application, provider, state, slot, count)
       SELECT $1, n.provider, n.state, $2, n.change FROM unnest($3::text[], $4::text[], $5::bigint[]) AS n(provider, state, change)
       ORDER BY n.provider, n.state
       ON CONFLICT (application, provider, state, slot) DO UPDATE SET count = c.count + excluded.count`,
      [
        application,
        slot,
        changes.map(({ provider }) => provider),
        changes.map(({ state }) => state),
        changes.map(({ change }) => change),
      ],
    );
  }
}

interface CellRow extends Row {
  readonly provider: string;
  readonly state: AccountState;
  readonly count: number;
  readonly oldest: number | null;
}

/** Counts by provider and state, and since when the account longest in each unhealthy state is there. */
export async function readCells(
  session: Session,
  { account, accountCount }: Tables,
  application: string,
): Promise<Map<string, Map<AccountState, CellRow>>> {
  const rows = await session.query<CellRow>(
    `SELECT c.provider, c.state, c.count,
       CASE WHEN c.count > 0 AND c.${UNHEALTHY_SQL} THEN (
         SELECT a.since FROM ${account} a
         WHERE a.application = $1 AND a.provider = c.provider AND a.state = c.state AND a.${UNHEALTHY_SQL}
         ORDER BY a.since LIMIT 1
       ) END AS oldest
     FROM (
       SELECT provider, state, sum(count)::bigint AS count FROM ${accountCount} WHERE application = $1
       GROUP BY provider, state
     ) c`,
    [application],
  );
  const providers = new Map<string, Map<AccountState, CellRow>>();
  for (const row of rows) {
    const states = providers.get(row.provider) ?? new Map<AccountState, CellRow>();
    states.set(row.state, row);
    providers.set(row.provider, states);
  }
  return providers;
}

/**
 * The unhealthy accounts longest in their state: the first of each provider and state, and of these the first. One index
 * serves this and the aggregates; a second one by time alone would be taken for both, and walked for a rare state.
 */
export async function readLongestUnhealthy(
  session: Session,
  { account, accountCount }: Tables,
  application: string,
  most: number,
): Promise<StoredAccount[]> {
  const rows = await session.query<AccountRow>(
    `SELECT a.* FROM (
       SELECT provider, state FROM ${accountCount} WHERE application = $1 AND ${UNHEALTHY_SQL}
       GROUP BY provider, state HAVING sum(count) > 0
     ) c CROSS JOIN LATERAL (
       SELECT ${ACCOUNT_COLUMNS} FROM ${account} o
       WHERE o.application = $1 AND o.provider = c.provider AND o.state = c.state AND o.${UNHEALTHY_SQL}
       ORDER BY o.since, o.id LIMIT ${most}
     ) a ORDER BY a.since, a.id LIMIT ${most}`,
    [application],
  );
  return rows.map(accountOf);
}

/** Every state of every provider seen, 0 included. */
export function completeCells(
  providers: ReadonlyMap<string, ReadonlyMap<AccountState, CellRow>>,
): { provider: string; state: AccountState; count: number; oldestSince: number | undefined }[] {
  return [...providers].flatMap(([provider, states]) =>
    ACCOUNT_STATES.map((state) => ({
      provider,
      state,
      count: states.get(state)?.count ?? 0,
      oldestSince: states.get(state)?.oldest ?? undefined,
    })),
  );
}
