import type { Row, Runner } from '../engine/database.ts';
import { invalidArgument } from '../errors.ts';
import { readLimit, readTime } from '../limits.ts';
import type { Tables } from '../schema/tables.ts';
import type { RecordMarks, Records, StoredRecord } from './records.ts';

interface RecordRow extends Row {
  readonly key: string;
  readonly value: string;
  readonly version: number;
  readonly tag: string | null;
  readonly due: number | null;
}

const COLUMNS = 'key, value, version, tag, due';
const COLLECTION = /^[\w.:-]{1,100}$/;

/** {@link Records} on the tables. */
export class StoredRecords<Value> implements Records<Value> {
  readonly #runner: Runner;
  readonly #table: string;
  readonly #application: string;
  readonly #collection: string;

  constructor(runner: Runner, tables: Tables, application: string, collection: string) {
    if (typeof collection !== 'string' || !COLLECTION.test(collection))
      throw invalidArgument('collection', 'give 1 to 100 letters, digits, `_`, `.`, `:` or `-`.');
    this.#runner = runner;
    this.#table = tables.record;
    this.#application = application;
    this.#collection = collection;
  }

  async get(key: string): Promise<StoredRecord<Value> | undefined> {
    const rows = await this.#query<RecordRow>(
      `SELECT ${COLUMNS} FROM ${this.#table} WHERE ${OWN} AND key = $3`,
      [checkedKey(key)],
    );
    return rows.map(recordOf<Value>)[0];
  }

  async getMany(keys: readonly string[]): Promise<readonly StoredRecord<Value>[]> {
    if (keys.length === 0) return [];
    const rows = await this.#query<RecordRow>(
      `SELECT ${COLUMNS} FROM ${this.#table} WHERE ${OWN} AND key = ANY($3::text[])`,
      [keys.map(checkedKey)],
    );
    return rows.map(recordOf<Value>);
  }

  async add(key: string, value: Value, marks?: RecordMarks): Promise<boolean> {
    const rows = await this.#query(
      `INSERT INTO ${this.#table} (application, collection, ${COLUMNS}) VALUES ($1, $2, $3, $4, 1, $5, $6)
       ON CONFLICT DO NOTHING RETURNING 1`,
      [checkedKey(key), json(value), ...marked(marks)],
    );
    return rows.length > 0;
  }

  async replace(key: string, version: number, value: Value, marks?: RecordMarks): Promise<boolean> {
    const rows = await this.#query(
      `UPDATE ${this.#table} SET value = $4, version = version + 1, tag = $5, due = $6
       WHERE ${OWN} AND key = $3 AND version = $7 RETURNING 1`,
      [checkedKey(key), json(value), ...marked(marks), version],
    );
    return rows.length > 0;
  }

  async set(key: string, value: Value, marks?: RecordMarks): Promise<void> {
    await this.#query(
      `INSERT INTO ${this.#table} AS r (application, collection, ${COLUMNS}) VALUES ($1, $2, $3, $4, 1, $5, $6)
       ON CONFLICT (application, collection, key) DO UPDATE
         SET value = excluded.value, version = r.version + 1, tag = excluded.tag, due = excluded.due`,
      [checkedKey(key), json(value), ...marked(marks)],
    );
  }

  async remove(key: string, version?: number): Promise<boolean> {
    const rows = await this.#query(
      `DELETE FROM ${this.#table} WHERE ${OWN} AND key = $3 AND ($4::integer IS NULL OR version = $4) RETURNING 1`,
      [checkedKey(key), version ?? null],
    );
    return rows.length > 0;
  }

  async list(
    options: { readonly after?: string; readonly limit?: number; readonly tag?: string } = {},
  ): Promise<readonly StoredRecord<Value>[]> {
    const rows = await this.#query<RecordRow>(
      `SELECT ${COLUMNS} FROM ${this.#table} WHERE ${OWN} AND key > $3 AND ($4::text IS NULL OR tag = $4)
       ORDER BY key LIMIT ${readLimit(options.limit)}`,
      [options.after ?? '', options.tag ?? null],
    );
    return rows.map(recordOf<Value>);
  }

  async due(now: number, limit: number): Promise<readonly StoredRecord<Value>[]> {
    const rows = await this.#query<RecordRow>(
      `SELECT ${COLUMNS} FROM ${this.#table} WHERE ${OWN} AND due <= $3 ORDER BY due, key LIMIT ${readLimit(limit)}`,
      [readTime('now', now)],
    );
    return rows.map(recordOf<Value>);
  }

  async countByTag(): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#query<{ tag: string; count: number }>(
      `SELECT tag, count(*) AS count FROM ${this.#table} WHERE ${OWN} AND tag IS NOT NULL GROUP BY tag ORDER BY tag`,
      [],
    );
    return new Map(rows.map(({ tag, count }) => [tag, count]));
  }

  async #query<Result extends Row>(text: string, values: readonly unknown[]): Promise<Result[]> {
    return await this.#runner.query<Result>(text, [this.#application, this.#collection, ...values]);
  }
}

const OWN = 'application = $1 AND collection = $2';

function recordOf<Value>(row: RecordRow): StoredRecord<Value> {
  return {
    key: row.key,
    value: JSON.parse(row.value) as Value,
    version: row.version,
    tag: row.tag ?? undefined,
    due: row.due ?? undefined,
  };
}

function marked(marks: RecordMarks | undefined): [tag: string | null, due: number | null] {
  return [marks?.tag ?? null, marks?.due === undefined ? null : readTime('due', marks.due)];
}

function json(value: unknown): string {
  const text = JSON.stringify(value);
  if (text === undefined) throw invalidArgument('value', 'give something that JSON can hold.');
  return text;
}

function checkedKey(key: string): string {
  if (typeof key !== 'string' || key === '' || key.includes('\0'))
    throw invalidArgument('key', 'give a text that is not empty.');
  return key;
}
