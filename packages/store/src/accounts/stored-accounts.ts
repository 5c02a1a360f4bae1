import type { Transition } from '@nylas-otel/accounts/tracking';
import type { Runner, Session } from '../engine/database.ts';
import { invalidArgument } from '../errors.ts';
import { readLimit, readTime } from '../limits.ts';
import { UNHEALTHY_SQL } from '../schema/migrations.ts';
import type { Tables } from '../schema/tables.ts';
import {
  ACCOUNT_COLUMNS,
  type AccountRow,
  accountOf,
  CountChanges,
  completeCells,
  insertAccounts,
  insertTransitions,
  lockAccounts,
  readCells,
  readLongestUnhealthy,
  TRANSITION_COLUMNS,
  type TransitionRow,
  transitionOf,
  updateAccounts,
} from './account-rows.ts';
import type {
  AccountAggregates,
  AccountTable,
  AccountUpdate,
  StoredAccount,
  StoredAccountFilter,
  UpdateResult,
} from './account-table.ts';
import { decide } from './decide.ts';

const SLOTS = 16;
let nextSlot = Math.floor(Math.random() * SLOTS);

/** {@link AccountTable} on the tables. */
export class StoredAccounts implements AccountTable {
  readonly #runner: Runner;
  readonly #tables: Tables;
  readonly #application: string;

  constructor(runner: Runner, tables: Tables, application: string) {
    this.#runner = runner;
    this.#tables = tables;
    this.#application = application;
  }

  async apply(updates: readonly AccountUpdate[]): Promise<readonly UpdateResult[]> {
    if (updates.length === 0) return [];
    const byId = new Map<string, { update: AccountUpdate; index: number }[]>();
    for (const [index, update] of updates.entries()) {
      const checked = checkedUpdate(update);
      const known = byId.get(checked.reading.id);
      if (known === undefined) byId.set(checked.reading.id, [{ update: checked, index }]);
      else known.push({ update: checked, index });
    }
    return await this.#runner.transaction((session) => this.#apply(session, byId, updates.length));
  }

  async #apply(
    session: Session,
    byId: ReadonlyMap<string, readonly { update: AccountUpdate; index: number }[]>,
    size: number,
  ): Promise<readonly UpdateResult[]> {
    const results = new Array<UpdateResult>(size);
    const transitions: Transition[] = [];
    const counts = new CountChanges();
    let pending = [...byId.keys()];
    while (pending.length > 0) {
      const known = await lockAccounts(session, this.#tables, this.#application, pending);
      const decisions = pending.map((id) => ({
        id,
        ...decide(
          known.get(id),
          (byId.get(id) ?? []).map(({ update }) => update),
        ),
      }));
      const fresh = decisions.flatMap(({ id, next }) => (next === undefined || known.has(id) ? [] : [next]));
      const inserted =
        fresh.length === 0
          ? new Set<string>()
          : await insertAccounts(session, this.#tables, this.#application, fresh);
      const settled = decisions.filter(
        ({ id, next }) => next === undefined || known.has(id) || inserted.has(id),
      );
      const moved = settled.flatMap(({ id, next }) => (next !== undefined && known.has(id) ? [next] : []));
      if (moved.length > 0) await updateAccounts(session, this.#tables, this.#application, moved);
      for (const decision of settled) {
        const before = known.get(decision.id);
        if (decision.next !== undefined) {
          if (before !== undefined) counts.add(before, -1);
          counts.add(decision.next, 1);
        }
        transitions.push(...decision.transitions);
        for (const [position, { index }] of (byId.get(decision.id) ?? []).entries())
          results[index] = decision.results[position] as UpdateResult;
      }
      // Somebody inserted these at the same time: now they are there to be locked and judged against.
      pending =
        settled.length === pending.length ? [] : fresh.map(({ id }) => id).filter((id) => !inserted.has(id));
    }
    if (transitions.length > 0)
      await insertTransitions(session, this.#tables, this.#application, transitions);
    nextSlot = (nextSlot + 1) % SLOTS;
    await counts.write(session, this.#tables, this.#application, nextSlot);
    return results;
  }

  async get(id: string): Promise<StoredAccount | undefined> {
    const [row] = await this.#accounts('id = $2', [id]);
    return row;
  }

  async resolve(name: string): Promise<readonly StoredAccount[]> {
    const id = name.startsWith('grant:') ? name.slice('grant:'.length) : name;
    const [known] = await this.#accounts(`id = $2 AND state <> 'deleted'`, [id]);
    if (known !== undefined) return [known];
    const email = (name.startsWith('email:') ? name.slice('email:'.length) : name).toLowerCase();
    return await this.#accounts(`email = $2 AND state <> 'deleted' ORDER BY id`, [email]);
  }

  async list(filter: StoredAccountFilter = {}): Promise<readonly StoredAccount[]> {
    const values: unknown[] = [];
    const conditions: string[] = [];
    const add = (condition: (parameter: string) => string, value: unknown): void => {
      values.push(value);
      conditions.push(condition(`$${values.length + 1}`));
    };
    if (filter.state !== undefined) add((parameter) => `state = ${parameter}`, filter.state);
    else conditions.push(`state <> 'deleted'`);
    if (filter.provider !== undefined) add((parameter) => `provider = ${parameter}`, filter.provider);
    if (filter.unhealthy !== undefined)
      conditions.push(filter.unhealthy ? UNHEALTHY_SQL : `NOT (${UNHEALTHY_SQL})`);
    if (filter.after !== undefined) add((parameter) => `id > ${parameter}`, filter.after);
    return await this.#accounts(
      `${conditions.join(' AND ')} ORDER BY id LIMIT ${readLimit(filter.limit)}`,
      values,
    );
  }

  async aggregates(): Promise<AccountAggregates> {
    return { counts: completeCells(await readCells(this.#runner, this.#tables, this.#application)) };
  }

  async longestUnhealthy(most: number): Promise<readonly StoredAccount[]> {
    if (most === 0) return [];
    return await readLongestUnhealthy(this.#runner, this.#tables, this.#application, readLimit(most));
  }

  async history(
    id: string,
    options: { readonly since?: number; readonly limit?: number } = {},
  ): Promise<readonly Transition[]> {
    return await this.#transitions(
      'account_id = $2 AND time >= $3 ORDER BY time DESC, id DESC',
      [id, options.since === undefined ? 0 : readTime('since', options.since)],
      readLimit(options.limit),
    );
  }

  async transitions(since: number, limit?: number): Promise<readonly Transition[]> {
    return await this.#transitions(
      'time >= $2 ORDER BY time, id',
      [readTime('since', since)],
      readLimit(limit),
    );
  }

  async unseenSince(
    time: number,
    options: { readonly after?: string; readonly limit?: number } = {},
  ): Promise<readonly string[]> {
    const rows = await this.#runner.query<{ id: string }>(
      `SELECT id FROM ${this.#tables.account}
       WHERE application = $1 AND time < $2 AND id > $3 AND state <> 'deleted'
       ORDER BY id LIMIT ${readLimit(options.limit)}`,
      [this.#application, readTime('time', time), options.after ?? ''],
    );
    return rows.map(({ id }) => id);
  }

  async #accounts(where: string, values: readonly unknown[]): Promise<StoredAccount[]> {
    const rows = await this.#runner.query<AccountRow>(
      `SELECT ${ACCOUNT_COLUMNS} FROM ${this.#tables.account} WHERE application = $1 AND ${where}`,
      [this.#application, ...values],
    );
    return rows.map(accountOf);
  }

  async #transitions(where: string, values: readonly unknown[], limit: number): Promise<Transition[]> {
    const rows = await this.#runner.query<TransitionRow>(
      `SELECT ${TRANSITION_COLUMNS} FROM ${this.#tables.transition} WHERE application = $1 AND ${where} LIMIT ${limit}`,
      [this.#application, ...values],
    );
    return rows.map(transitionOf);
  }
}

function checkedUpdate(update: AccountUpdate): AccountUpdate {
  const { reading } = update;
  if (typeof reading?.id !== 'string' || reading.id === '')
    throw invalidArgument('update.reading.id', 'give the id of an account.');
  const time = readTime('update.time', update.time);
  return time === update.time ? update : { ...update, time };
}
