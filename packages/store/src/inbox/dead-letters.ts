import type { ReceivedEvent } from '@nylas-otel/webhooks';
import type { Row, Session } from '../engine/database.ts';
import { columnText, readLimit } from '../limits.ts';
import type { Tables } from '../schema/tables.ts';
import type { DeadLetterFilter, StoredDeadLetter } from './durable-inbox.ts';

interface DeadLetterRow extends Row {
  readonly key: string;
  readonly event: string;
  readonly error: string;
  readonly runs: number;
  readonly died_at: number;
}

const COLUMNS = 'key, event, error, runs, died_at';

/** Writes a dead letter; one of the same key is replaced (it died again after a redrive). */
export async function bury(
  session: Session,
  { deadLetter }: Tables,
  application: string,
  letter: StoredDeadLetter,
): Promise<void> {
  const { event } = letter;
  await session.query(
    `INSERT INTO ${deadLetter} (application, key, event, trigger, account_id, error, runs, died_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (application, key) DO UPDATE
       SET event = excluded.event, error = excluded.error, runs = excluded.runs, died_at = excluded.died_at`,
    [
      application,
      columnText(letter.key),
      JSON.stringify(event),
      columnText(event.trigger),
      event.accountId === undefined ? null : columnText(event.accountId),
      columnText(letter.error),
      letter.runs,
      letter.diedAt,
    ],
  );
}

/** In the order of keys. */
export async function readDeadLetters(
  session: Session,
  { deadLetter }: Tables,
  application: string,
  filter: DeadLetterFilter,
): Promise<StoredDeadLetter[]> {
  const { where, values } = conditions(application, filter);
  const rows = await session.query<DeadLetterRow>(
    `SELECT ${COLUMNS} FROM ${deadLetter} WHERE ${where} ORDER BY key LIMIT ${readLimit(filter.limit)}`,
    values,
  );
  return rows.map(letterOf);
}

/** Takes dead letters out, oldest first; whoever is faster has them. */
export async function takeDeadLetters(
  session: Session,
  { deadLetter }: Tables,
  application: string,
  which: { readonly keys: readonly string[] } | DeadLetterFilter,
  most: number,
): Promise<ReceivedEvent[]> {
  const { where, values } =
    'keys' in which
      ? {
          where: 'application = $1 AND key = ANY($2::text[])',
          values: [application, which.keys.map(columnText)],
        }
      : conditions(application, which);
  const rows = await session.query<DeadLetterRow>(
    `DELETE FROM ${deadLetter} WHERE application = $1 AND key IN (
       SELECT key FROM ${deadLetter} WHERE ${where} ORDER BY died_at, key LIMIT ${most} FOR UPDATE SKIP LOCKED
     ) RETURNING ${COLUMNS}`,
    values,
  );
  return rows
    .map(letterOf)
    .sort((a, b) => a.diedAt - b.diedAt)
    .map(({ event }) => event);
}

function conditions(application: string, filter: DeadLetterFilter): { where: string; values: unknown[] } {
  const values: unknown[] = [application];
  let where = 'application = $1';
  const add = (condition: string, value: string | undefined): void => {
    if (value === undefined) return;
    values.push(value);
    where += ` AND ${condition} $${values.length}`;
  };
  add('trigger =', filter.trigger);
  add('account_id =', filter.accountId);
  add('key >', filter.after);
  return { where, values };
}

function letterOf(row: DeadLetterRow): StoredDeadLetter {
  const event = JSON.parse(row.event) as ReceivedEvent;
  return { key: event.key, event, error: row.error, runs: row.runs, diedAt: row.died_at };
}
