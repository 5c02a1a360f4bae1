import { dropError } from '@nylas-otel/telemetry';
import type { Database } from '../engine/database.ts';
import type { Retention } from '../options.ts';
import type { Tables } from '../schema/tables.ts';

const EVERY_MS = 10 * 60_000;
const AT_ONCE = 5_000;

/** Deletes what is older than its time, a few thousand rows at a time. */
export async function deleteOld(
  database: Database,
  tables: Tables,
  retention: Required<Retention>,
  now: number = Date.now(),
): Promise<void> {
  const rules = [
    [tables.eventKey, 'stored_at', retention.events, ''],
    [tables.deadLetter, 'died_at', retention.deadLetters, ''],
    [tables.quarantine, 'received_at', retention.quarantine, ''],
    [tables.journal, 'time', retention.journal, ''],
    [tables.transition, 'time', retention.journal, ''],
    [tables.uptime, 'last_beat', retention.journal, ''],
    [tables.account, 'time', retention.journal, `AND state = 'deleted'`],
  ] as const;
  for (const [table, column, seconds, condition] of rules) {
    for (;;) {
      const rows = await database.query(
        `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
           SELECT ctid FROM ${table} WHERE ${column} < $1 ${condition} LIMIT ${AT_ONCE}
         )) RETURNING 1`,
        [now - seconds * 1_000],
      );
      if (rows.length < AT_ONCE) break;
    }
  }
}

/** Keeps deleting until the returned function is called. */
export function keepDeleting(
  database: Database,
  tables: Tables,
  retention: Required<Retention>,
): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    running = deleteOld(database, tables, retention).catch((error: unknown) => dropError('store', error));
  }, EVERY_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}
