import { objectTraces, type ReceivedEvent } from '@nylas-otel/webhooks';
import type { Session } from '../engine/database.ts';
import { nextJobId } from '../jobs/job-id.ts';
import { columnText } from '../limits.ts';
import type { Tables } from '../schema/tables.ts';
import { stateAccount } from './event-queues.ts';

/** An event and the texts by which the database knows it. */
interface Arrival {
  readonly key: string;
  readonly event: ReceivedEvent;
  readonly leaves: readonly string[];
  readonly meets: readonly string[];
}

// Far from the 65,535 parameters of a statement.
const MOST_AT_ONCE = 1_000;

/**
 * Stores events whose keys are new, in the transaction of `session`, to wait for their jobs. Keys must differ.
 *
 * @returns those that are to be handled, by {@link columnText} of their keys
 */
export async function storeEvents(
  session: Session,
  tables: Tables,
  application: string,
  events: ReadonlyMap<string, ReceivedEvent>,
): Promise<Set<string>> {
  // Planned without looking at the parameters: a plan that is made for them holds several copies of all contents.
  await session.query('SET LOCAL plan_cache_mode = force_generic_plan');
  const fresh = new Set<string>();
  const arrivals = [...events].map(([key, event]): Arrival => {
    const { leaves, meets } = objectTraces(event);
    return { key, event, leaves: leaves.map(columnText), meets: meets.map(columnText) };
  });
  for (let first = 0; first < arrivals.length; first += MOST_AT_ONCE) {
    const some = arrivals.slice(first, first + MOST_AT_ONCE);
    for (const key of await storeSome(session, tables, application, some)) fresh.add(key);
  }
  return fresh;
}

/**
 * One statement for keys, traces, contents and the wait: each more costs as much as ten events. Keys are looked up one by
 * one, as `key = ANY(...)` reads the whole table while PostgreSQL has no statistics of it, and a burst may come before the
 * first ANALYZE. Keys and traces go in an order, so that two that store the same ones wait for each other instead of
 * deadlocking.
 */
async function storeSome(
  session: Session,
  { eventKey, eventContent, eventWaiting }: Tables,
  application: string,
  arrivals: readonly Arrival[],
): Promise<readonly string[]> {
  // What recovery has read again and what a notification has told are one: whichever comes first is handled. This is for
  // those that come together, which the statement does not see.
  const seen = new Set<string>();
  const wanted: Arrival[] = [];
  for (const arrival of arrivals) {
    if (!arrival.meets.some((key) => seen.has(key))) wanted.push(arrival);
    seen.add(arrival.key);
    for (const key of arrival.leaves) seen.add(key);
  }
  const ids = wanted.map(() => nextJobId());
  const pairs = (of: (arrival: Arrival) => readonly string[]): [string[], string[]] => {
    const all = arrivals.flatMap((arrival) => of(arrival).map((other) => [arrival.key, other] as const));
    return [all.map(([key]) => key), all.map(([, other]) => other)];
  };
  const rows = await session.query<{ key: string }>(
    `WITH kept AS (
       INSERT INTO ${eventKey} (application, key, stored_at)
       SELECT $1, key, $2::bigint FROM unnest($3::text[]) AS n(key) ON CONFLICT DO NOTHING RETURNING key
     ), met AS (
       SELECT n.key FROM unnest($6::text[], $7::text[]) AS n(key, meets)
       WHERE (SELECT true FROM ${eventKey} AS e WHERE e.application = $1 AND e.key = n.meets)
     ), traces AS (
       INSERT INTO ${eventKey} (application, key, stored_at)
       SELECT $1, n.leaves, $2::bigint FROM unnest($4::text[], $5::text[]) AS n(key, leaves) JOIN kept USING (key)
       ORDER BY n.leaves ON CONFLICT DO NOTHING
     ), fresh AS (
       SELECT n.id, key, n.account FROM unnest($8::uuid[], $9::text[], $10::text[]) AS n(id, key, account)
       JOIN kept USING (key) WHERE key NOT IN (SELECT met.key FROM met)
     ), waiting AS (
       INSERT INTO ${eventWaiting} (application, id, account) SELECT $1, id, account FROM fresh ORDER BY id
     ), contents AS (
       INSERT INTO ${eventContent} (id, content) SELECT n.id, n.content FROM (${contentRows(ids.length, 11)}) AS n(id, content)
       WHERE n.id = ANY (ARRAY(SELECT id FROM fresh))
     ) SELECT key FROM fresh`,
    [
      application,
      Date.now(),
      arrivals.map(({ key }) => key).sort(),
      ...pairs(({ leaves }) => leaves),
      ...pairs(({ meets }) => meets),
      ids,
      wanted.map(({ key }) => key),
      wanted.map(({ event }) => stateAccount(event)),
      ...contentValues(ids, wanted),
    ],
  );
  return rows.map(({ key }) => key);
}

/** Stores events a second time, whose keys are known, to wait for new jobs. */
export async function storeAgain(
  session: Session,
  { eventContent, eventWaiting }: Tables,
  application: string,
  events: readonly ReceivedEvent[],
): Promise<void> {
  if (events.length === 0) return;
  const ids = events.map(() => nextJobId());
  await session.query(
    `WITH waiting AS (
       INSERT INTO ${eventWaiting} (application, id, account)
       SELECT $1, id, account FROM unnest($2::uuid[], $3::text[]) AS n(id, account) ORDER BY id
     ) INSERT INTO ${eventContent} (id, content) ${contentRows(ids.length, 4)}`,
    [
      application,
      ids,
      events.map(stateAccount),
      ...contentValues(
        ids,
        events.map((event) => ({ event })),
      ),
    ],
  );
}

/**
 * A parameter for each event: as an element of an array it is escaped and read letter by letter, and within one long text
 * all are copied several times.
 */
function contentRows(count: number, first: number): string {
  const rows = Array.from(
    { length: count },
    (_, row) => `($${first + row * 2}::uuid, $${first + row * 2 + 1}::text)`,
  );
  return count === 0 ? 'SELECT NULL::uuid, NULL::text WHERE false' : `VALUES ${rows.join(', ')}`;
}

function contentValues(
  ids: readonly string[],
  events: readonly { readonly event: ReceivedEvent }[],
): unknown[] {
  return events.flatMap(({ event }, index) => [ids[index], JSON.stringify(event)]);
}
