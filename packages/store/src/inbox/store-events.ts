import { objectTraces, RECOVERED, type ReceivedEvent } from '@nylas-otel/webhooks';
import type { Row, Session } from '../engine/database.ts';
import { nextJobId } from '../jobs/job-id.ts';
import { columnText } from '../limits.ts';
import type { Tables } from '../schema/tables.ts';
import { stateAccount } from './event-queues.ts';

/** An event and the texts by which the database knows it. */
interface Arrival {
  readonly key: string;
  readonly event: ReceivedEvent;
  /** Whether it was made by reading the object again. */
  readonly recovered: boolean;
  readonly leaves: readonly string[];
  readonly meets: readonly string[];
}

/** An event that is to be handled. */
interface StoredRow extends Row {
  readonly key: string;
  readonly id: string;
  readonly seq: number;
  /** Of what was read again: whether its notification was stored by somebody else after the statement began. */
  readonly lost: boolean;
  /** How many traces of all events were new. */
  readonly traces: number;
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
  const all = [...events].map(([key, event]): Arrival => {
    const { leaves, meets } = objectTraces(event);
    const recovered = event.key.startsWith(RECOVERED);
    return { key, event, recovered, leaves: leaves.map(columnText), meets: meets.map(columnText) };
  });
  const arrivals = withoutTwins(all);
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
 *
 * Of a notification and what recovery has read again of the same change, the first is handled. The statement finds the traces
 * of what is committed. Where a transaction beside it stores the twin, both leave the same trace: the later one waits for the
 * other to end, and is not the one that leaves it then.
 */
async function storeSome(
  session: Session,
  tables: Tables,
  application: string,
  arrivals: readonly Arrival[],
): Promise<readonly string[]> {
  const { eventKey, eventContent, eventWaiting } = tables;
  const ids = arrivals.map(() => nextJobId());
  const keys = arrivals.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const pairs = (of: (arrival: Arrival) => readonly string[]): [string[], string[]] => {
    const each = arrivals.flatMap((arrival) => of(arrival).map((other) => [arrival.key, other] as const));
    return [each.map(([key]) => key), each.map(([, other]) => other)];
  };
  const rows = await session.query<StoredRow>(
    `WITH met AS (
       SELECT n.key FROM unnest($7::text[], $8::text[]) AS n(key, meets)
       WHERE (SELECT true FROM ${eventKey} AS e WHERE e.application = $1 AND e.key = n.meets)
     ), kept AS (
       INSERT INTO ${eventKey} (application, key, stored_at)
       SELECT $1, key, $2::bigint FROM unnest($3::text[], $4::boolean[]) AS n(key, recovered)
       WHERE NOT (recovered AND key IN (SELECT met.key FROM met)) ON CONFLICT DO NOTHING RETURNING key
     ), traces AS (
       INSERT INTO ${eventKey} (application, key, stored_at)
       SELECT $1, n.leaves, $2::bigint FROM unnest($5::text[], $6::text[]) AS n(key, leaves) JOIN kept USING (key)
       ORDER BY n.leaves ON CONFLICT DO NOTHING RETURNING key
     ), lost AS (
       SELECT n.key FROM unnest($12::text[], $13::text[]) AS n(key, claims)
       WHERE n.claims NOT IN (SELECT traces.key FROM traces)
     ), fresh AS (
       SELECT n.id, key, n.account FROM unnest($9::uuid[], $10::text[], $11::text[]) AS n(id, key, account)
       JOIN kept USING (key) WHERE key NOT IN (SELECT met.key FROM met)
     ), waiting AS (
       INSERT INTO ${eventWaiting} (application, id, account) SELECT $1, id, account FROM fresh ORDER BY id RETURNING id, seq
     ), contents AS (
       INSERT INTO ${eventContent} (id, content) SELECT n.id, n.content FROM (${contentRows(ids.length, 14)}) AS n(id, content)
       WHERE n.id = ANY (ARRAY(SELECT id FROM fresh))
     ) SELECT key, id, seq, key = ANY (ARRAY(SELECT lost.key FROM lost)) AS lost, (SELECT count(*) FROM traces) AS traces
     FROM fresh JOIN waiting USING (id)`,
    [
      application,
      Date.now(),
      keys.map(({ key }) => key),
      keys.map(({ recovered }) => recovered),
      ...pairs(({ leaves }) => leaves),
      ...pairs(({ meets }) => meets),
      ids,
      arrivals.map(({ key }) => key),
      arrivals.map(({ event }) => stateAccount(event)),
      ...pairs(({ recovered, meets }) => (recovered ? meets : [])),
      ...contentValues(ids, arrivals),
    ],
  );
  const byKey = new Map(arrivals.map((arrival) => [arrival.key, arrival]));
  const stored = rows.map((row) => ({ ...row, arrival: byKey.get(row.key) as Arrival }));
  const lost = stored.filter((row) => row.lost);
  // All traces were new: nobody else can have left one meanwhile.
  if (rows[0]?.traces !== new Set(arrivals.flatMap(({ leaves }) => leaves)).size)
    lost.push(...(await overtaken(session, tables, application, stored)));
  if (lost.length === 0) return rows.map(({ key }) => key);
  await takeBack(session, tables, application, lost);
  const taken = new Set(lost.map(({ key }) => key));
  return rows.map(({ key }) => key).filter((key) => !taken.has(key));
}

type Stored = StoredRow & { readonly arrival: Arrival };

/** The notifications whose twin was stored by somebody else after the statement began, which the next statement sees. */
async function overtaken(
  session: Session,
  { eventKey }: Tables,
  application: string,
  stored: readonly Stored[],
): Promise<readonly Stored[]> {
  const told = stored.filter(({ arrival: { recovered, meets } }) => !recovered && meets.length > 0);
  if (told.length === 0) return [];
  const pairs = told.flatMap(({ key, arrival }) => arrival.meets.map((other) => [key, other] as const));
  const met = await session.query<{ key: string }>(
    `SELECT n.key FROM unnest($2::text[], $3::text[]) AS n(key, meets)
     WHERE (SELECT true FROM ${eventKey} AS e WHERE e.application = $1 AND e.key = n.meets)`,
    [application, pairs.map(([key]) => key), pairs.map(([, other]) => other)],
  );
  const keys = new Set(met.map(({ key }) => key));
  return told.filter(({ key }) => keys.has(key));
}

/** What was read again and is not handled leaves nothing; the trace that it lost is the other one's. */
async function takeBack(
  session: Session,
  { eventKey, eventContent, eventWaiting }: Tables,
  application: string,
  lost: readonly Stored[],
): Promise<void> {
  const left = lost.flatMap(({ arrival: { recovered, key, leaves, meets } }) =>
    recovered ? [key, ...leaves.filter((leaf) => !meets.includes(leaf))] : [],
  );
  await session.query(
    `WITH contents AS (DELETE FROM ${eventContent} AS c USING unnest($2::uuid[]) AS n(id) WHERE c.id = n.id),
       keys AS (DELETE FROM ${eventKey} AS e USING unnest($4::text[]) AS n(key) WHERE e.application = $1 AND e.key = n.key)
     DELETE FROM ${eventWaiting} AS w USING unnest($3::bigint[]) AS n(seq) WHERE w.seq = n.seq`,
    [application, lost.map(({ id }) => id), lost.map(({ seq }) => seq), left],
  );
}

/** Where a notification and its twin come together, the notification is it: the statement does not see its own traces. */
function withoutTwins(arrivals: readonly Arrival[]): readonly Arrival[] {
  if (!arrivals.some(({ recovered }) => recovered)) return arrivals;
  const told = new Set(arrivals.flatMap(({ recovered, leaves }) => (recovered ? [] : leaves)));
  return arrivals.filter(({ recovered, meets }) => !recovered || !meets.some((key) => told.has(key)));
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
