import type { Row, Runner } from '../engine/database.ts';
import { invalidArgument } from '../errors.ts';
import { columnText, readLimit, readTime } from '../limits.ts';
import type { Tables } from '../schema/tables.ts';
import type { Journal, JournalEntry, JournalFilter, NewJournalEntry } from './journal.ts';

interface JournalRow extends Row {
  readonly id: number;
  readonly time: number;
  readonly kind: string;
  readonly account_id: string | null;
  readonly data: string;
}

/** {@link Journal} on the tables. */
export class StoredJournal implements Journal {
  readonly #runner: Runner;
  readonly #tables: Tables;
  readonly #application: string;

  constructor(runner: Runner, tables: Tables, application: string) {
    this.#runner = runner;
    this.#tables = tables;
    this.#application = application;
  }

  async append(entries: readonly NewJournalEntry[]): Promise<void> {
    if (entries.length === 0) return;
    const now = Date.now();
    for (const { kind, data } of entries) {
      if (typeof kind !== 'string' || kind === '') throw invalidArgument('entry.kind', 'give a word.');
      if (typeof data !== 'object' || data === null) throw invalidArgument('entry.data', 'give an object.');
    }
    await this.#runner.query(
      `INSERT INTO ${this.#tables.journal} (application, time, kind, account_id, data)
       SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[])`,
      [
        this.#application,
        entries.map(({ time }) => (time === undefined ? now : readTime('entry.time', time))),
        entries.map(({ kind }) => columnText(kind)),
        entries.map(({ accountId }) => (accountId === undefined ? null : columnText(accountId))),
        entries.map(({ data }) => JSON.stringify(data)),
      ],
    );
  }

  async read(filter: JournalFilter = {}): Promise<readonly JournalEntry[]> {
    const values: unknown[] = [this.#application];
    const conditions = ['application = $1'];
    const add = (condition: string, value: unknown): void => {
      if (value === undefined) return;
      values.push(value);
      conditions.push(`${condition} $${values.length}`);
    };
    add('account_id =', filter.accountId);
    add('kind =', filter.kind);
    add('time >=', filter.since === undefined ? undefined : readTime('since', filter.since));
    add('time <=', filter.until === undefined ? undefined : readTime('until', filter.until));
    add('id <', filter.before);
    const rows = await this.#runner.query<JournalRow>(
      `SELECT id, time, kind, account_id, data FROM ${this.#tables.journal}
       WHERE ${conditions.join(' AND ')} ORDER BY id DESC LIMIT ${readLimit(filter.limit)}`,
      values,
    );
    return rows.map((row) => ({
      id: row.id,
      time: row.time,
      kind: row.kind,
      accountId: row.account_id ?? undefined,
      data: JSON.parse(row.data) as JournalEntry['data'],
    }));
  }
}
