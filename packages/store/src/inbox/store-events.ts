import { HISTORY, objectTraces, RECOVERED, type ReceivedEvent } from '@nylas-otel/webhooks';
import type { Row, Session } from '../engine/database.ts';
import { nextJobId } from '../jobs/job-id.ts';
import { columnText } from '../limits.ts';
import type { Tables } from '../schema/tables.ts';
import { stateAccount } from './event-queues.ts';
import { type Arrival, type Stored, toldAlready } from './told-already.ts';

/** An event that is to be handled. */
interface StoredRow extends Row {
  readonly id: string;
  readonly seq: number;
  /** Of what was read again: whether its notification was stored by somebody else after the statement began. */
  readonly lost: boolean;
  /** Whether something else has told what it tells, by a name of it. */
  readonly met: boolean;
  /** Whether recovery has handed its object over before. */
  readonly reread: boolean;
  /** How many traces of all events were new. */
  readonly traces: number;
}

// Contents go in one parameter, which is in memory a few times.
const MOST_AT_ONCE = 1_000;

/**
 * Stores events whose keys are new, in the transaction of `session`, to wait for their jobs. Keys must differ. The
 * transaction should plan without parameters: a plan that is made for them holds several copies of all contents.
 *
 * @returns those that are to be handled, by {@link columnText} of their keys
 */
export async function storeEvents(
  session: Session,
  tables: Tables,
  application: string,
  events: ReadonlyMap<string, ReceivedEvent>,
): Promise<Set<string>> {
  const fresh = new Set<string>();
  const all = [...events].map(([key, event]): Arrival => {
    const { leaves, meets, state, telling } = objectTraces(event);
    return {
      key,
      event,
      recovered: event.key.startsWith(RECOVERED),
      leaves: leaves.map(columnText),
      meets: meets.map(columnText),
      state: state === undefined ? undefined : { key: columnText(state.key), second: state.second },
      history: telling === undefined ? undefined : columnText(HISTORY + telling.object),
      telling,
    };
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
 * other to end, and is not the one that leaves it then. What has no name is compared by its state and its time, in statements
 * of their own, and only where recovery has handed the object over.
 */
async function storeSome(
  session: Session,
  tables: Tables,
  application: string,
  arrivals: readonly Arrival[],
): Promise<readonly string[]> {
  const { eventKey, eventContent, eventWaiting } = tables;
  const byId = new Map(arrivals.map((arrival) => [nextJobId(), arrival] as const));
  const contents = encoded(arrivals.map(({ event }) => event));
  const sorted = [...byId.keys()]
    .map((id, index) => ({ id, arrival: byId.get(id) as Arrival, place: contents.places[index] as Place }))
    .sort((a, b) => (a.arrival.key < b.arrival.key ? -1 : 1));
  const traces = arrivals.flatMap(({ key, leaves, state }) => [
    ...leaves.map((trace) => ({ key, trace, second: null })),
    ...(state === undefined ? [] : [{ key, trace: state.key, second: state.second ?? null }]),
  ]);
  const rows = await session.query<StoredRow>(
    // `IS TRUE` keeps each `IN` a look-up in a hash, however many rows PostgreSQL expects.
    `WITH n AS (
       SELECT * FROM unnest($3::text[], $4::boolean[], $5::uuid[], $6::text[], $7::int[], $8::int[])
         AS n(key, recovered, id, account, first, length)
     ), met AS (
       SELECT m.key FROM unnest($9::text[], $10::text[]) AS m(key, meets)
       WHERE (SELECT true FROM ${eventKey} AS e WHERE e.application = $1 AND e.key = m.meets)
     ), reread AS (
       SELECT h.id FROM unnest($17::uuid[], $18::text[]) AS h(id, history)
       WHERE (SELECT true FROM ${eventKey} AS e WHERE e.application = $1 AND e.key = h.history)
     ), kept AS (
       INSERT INTO ${eventKey} (application, key, stored_at)
       SELECT $1, key, $2::bigint FROM n
       WHERE NOT (recovered AND key IN (SELECT met.key FROM met)) ON CONFLICT DO NOTHING RETURNING key
     ), traces AS (
       INSERT INTO ${eventKey} AS e (application, key, stored_at, second)
       SELECT DISTINCT ON (t.trace COLLATE "C") $1, t.trace, $2::bigint, t.second
       FROM unnest($11::text[], $12::text[], $16::bigint[]) AS t(key, trace, second)
       WHERE (t.key IN (SELECT kept.key FROM kept)) IS TRUE
       ORDER BY t.trace COLLATE "C", t.second DESC NULLS LAST
       ON CONFLICT (application, key) DO UPDATE SET second = excluded.second, stored_at = excluded.stored_at
       WHERE excluded.second > coalesce(e.second, -1) RETURNING key, xmax = 0 AS is_new
     ), lost AS (
       SELECT c.id FROM unnest($13::uuid[], $14::text[]) AS c(id, claims)
       WHERE c.claims NOT IN (SELECT traces.key FROM traces)
     ), fresh AS (
       SELECT id, account, first, length FROM n
       WHERE (key IN (SELECT kept.key FROM kept)) IS TRUE
         AND (key NOT IN (SELECT met.key FROM met) OR id IN (SELECT reread.id FROM reread)) ORDER BY id
     ), waiting AS (
       INSERT INTO ${eventWaiting} (application, id, account) SELECT $1, id, account FROM fresh RETURNING id, seq
     ), contents AS (
       INSERT INTO ${eventContent} (id, content)
       SELECT id, convert_from(substr($15::bytea, first, length), 'UTF8') FROM fresh
     ) SELECT id, seq, id IN (SELECT lost.id FROM lost) AS lost,
       id IN (SELECT n.id FROM n WHERE n.key IN (SELECT met.key FROM met)) AS met,
       id IN (SELECT reread.id FROM reread) AS reread, (SELECT count(*) FROM traces WHERE is_new) AS traces FROM waiting`,
    [
      application,
      Date.now(),
      sorted.map(({ arrival }) => arrival.key),
      sorted.map(({ arrival }) => arrival.recovered),
      sorted.map(({ id }) => id),
      sorted.map(({ arrival }) => stateAccount(arrival.event)),
      sorted.map(({ place }) => place.first),
      sorted.map(({ place }) => place.length),
      ...pairs(arrivals.flatMap(({ key, meets }) => meets.map((other) => [key, other] as const))),
      traces.map(({ key }) => key),
      traces.map(({ trace }) => trace),
      ...pairs(
        sorted.flatMap(({ id, arrival: { recovered, meets } }) =>
          recovered ? meets.map((other) => [id, other] as const) : [],
        ),
      ),
      contents.bytes,
      traces.map(({ second }) => second),
      ...pairs(
        sorted.flatMap(({ id, arrival: { history } }) =>
          history === undefined ? [] : [[id, history] as const],
        ),
      ),
    ],
  );
  const byRow = new Map(rows.map((row) => [row.id, row]));
  // In the order in which they came.
  const stored = [...byId].flatMap(([id, arrival]): (StoredRow & Stored)[] => {
    const row = byRow.get(id);
    return row === undefined ? [] : [{ ...row, key: arrival.key, arrival }];
  });
  const lost: Stored[] = stored.filter((row) => row.lost);
  const left = stored.filter((row) => !row.lost);
  // All traces were new: nobody else can have left one meanwhile.
  const isAlone = rows[0]?.traces === new Set(traces.map(({ trace }) => trace)).size;
  if (!isAlone || left.some(({ reread, arrival }) => reread || arrival.recovered))
    lost.push(...(await toldAlready(session, tables, application, left, isAlone)));
  if (lost.length === 0) return stored.map(({ key }) => key);
  await takeBack(session, tables, application, lost);
  const taken = new Set(lost.map(({ key }) => key));
  return stored.map(({ key }) => key).filter((key) => !taken.has(key));
}

/** What was read again and is not handled leaves nothing; the traces that it shares with another one are that one's. */
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
  const { places, bytes } = encoded(events);
  await session.query(
    `WITH waiting AS (
       INSERT INTO ${eventWaiting} (application, id, account)
       SELECT $1, id, account FROM unnest($2::uuid[], $3::text[]) AS n(id, account) ORDER BY id
     ) INSERT INTO ${eventContent} (id, content)
       SELECT id, convert_from(substr($6::bytea, first, length), 'UTF8')
       FROM unnest($2::uuid[], $4::int[], $5::int[]) AS n(id, first, length)`,
    [
      application,
      ids,
      events.map(stateAccount),
      places.map(({ first }) => first),
      places.map(({ length }) => length),
      bytes,
    ],
  );
}

/** Where the content of an event is within all, from 1. */
interface Place {
  readonly first: number;
  readonly length: number;
}

/**
 * All contents as the bytes of one parameter. As text, a part is found by reading all before it; as an element of an array
 * it is escaped and read letter by letter; with a parameter for each, statements differ and are read anew.
 */
function encoded(events: readonly ReceivedEvent[]): {
  readonly bytes: Buffer;
  readonly places: readonly Place[];
} {
  const texts = events.map((event) => JSON.stringify(event));
  let first = 1;
  const places = texts.map((text): Place => {
    const place = { first, length: Buffer.byteLength(text) };
    first += place.length;
    return place;
  });
  const bytes = Buffer.allocUnsafe(first - 1);
  for (const [index, text] of texts.entries()) bytes.write(text, (places[index] as Place).first - 1);
  return { bytes, places };
}

function pairs(of: readonly (readonly [string, string])[]): [string[], string[]] {
  return [of.map(([one]) => one), of.map(([, other]) => other)];
}
