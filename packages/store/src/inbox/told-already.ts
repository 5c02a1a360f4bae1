import {
  afterReading,
  afterTelling,
  isTold,
  isToldByOthers,
  lastToldStates,
  type ReceivedEvent,
  recoveryRead,
  type Telling,
  type ToldBefore,
  type ToldHistory,
  toldStatesOf,
  toldUpdatesOf,
} from '@nylas-otel/webhooks';
import type { Row, Session } from '../engine/database.ts';
import { columnText } from '../limits.ts';
import type { Tables } from '../schema/tables.ts';

/** An event and the texts by which the database knows it. */
export interface Arrival {
  readonly key: string;
  readonly event: ReceivedEvent;
  /** Whether it was made by reading the object again. */
  readonly recovered: boolean;
  readonly leaves: readonly string[];
  readonly meets: readonly string[];
  readonly state: { readonly key: string; readonly second: number | undefined } | undefined;
  /** Key of what was told of its object. */
  readonly history: string | undefined;
  readonly telling: Telling | undefined;
}

/** An event that was stored, in the transaction that is not yet committed. */
export interface Stored {
  readonly key: string;
  readonly id: string;
  readonly seq: number;
  readonly met: boolean;
  readonly arrival: Arrival;
}

/** One about an object that recovery reads. */
interface Told extends Stored {
  readonly history: string;
  readonly telling: Telling;
}

/**
 * Of events that were stored, those that say nothing that was not told already; what was told is noted of the others. A
 * statement of its own sees what somebody else has stored since the one that stored them began. What was told of objects is
 * held until the commit, so that two are judged one after the other.
 *
 * @param isAlone whether nobody else can have stored a twin meanwhile
 */
export async function toldAlready(
  session: Session,
  tables: Tables,
  application: string,
  stored: readonly Stored[],
  isAlone: boolean,
): Promise<readonly Stored[]> {
  const met = new Set(stored.filter((one) => one.met).map(({ key }) => key));
  if (!isAlone) for (const key of await overtaken(session, tables, application, stored)) met.add(key);
  const told = stored.flatMap((one): Told[] => {
    const { history, telling } = one.arrival;
    return history === undefined || telling === undefined ? [] : [{ ...one, history, telling }];
  });
  const before = await readHistories(session, tables, application, told);
  const now = new Map(before);
  const known: Stored[] = stored.filter(({ key, arrival }) => met.has(key) && arrival.history === undefined);
  // In one call the notification is it, wherever it is.
  for (const one of told.filter(({ arrival }) => !arrival.recovered)) {
    const history = now.get(one.history);
    const isMet = met.has(one.key);
    if (history === undefined ? isMet : isTold(history, one.telling, isMet)) known.push(one);
    else if (history !== undefined) now.set(one.history, afterTelling(history, one.telling));
  }
  const readAgain = told.filter(({ arrival }) => arrival.recovered);
  const others = await readTold(session, tables, application, readAgain);
  for (const one of readAgain) {
    const history = now.get(one.history);
    const { state, updates } = others.get(one.history) ?? NOTHING;
    const read = recoveryRead(one.arrival.event) ?? {};
    if (isToldByOthers({ history, state, updates }, one.telling, read)) known.push(one);
    else {
      const after = afterReading(history, one.telling);
      if (after !== undefined) now.set(one.history, after);
    }
  }
  await writeHistories(
    session,
    tables,
    application,
    [...now].filter(([key, history]) => before.get(key) !== history),
  );
  return known;
}

/** The notifications whose twin, by a name, was stored by somebody else. */
async function overtaken(
  session: Session,
  { eventKey }: Tables,
  application: string,
  stored: readonly Stored[],
): Promise<readonly string[]> {
  const pairs = stored
    .filter(({ arrival: { recovered } }) => !recovered)
    .flatMap(({ key, arrival }) => arrival.meets.map((other) => [key, other] as const));
  if (pairs.length === 0) return [];
  const met = await session.query<{ key: string }>(
    `SELECT n.key FROM unnest($2::text[], $3::text[]) AS n(key, meets)
     WHERE (SELECT true FROM ${eventKey} AS e WHERE e.application = $1 AND e.key = n.meets)`,
    [application, pairs.map(([key]) => key), pairs.map(([, other]) => other)],
  );
  return met.map(({ key }) => key);
}

/** What was told of the objects that recovery has handed over, for nobody else to change until the commit. */
async function readHistories(
  session: Session,
  { eventKey }: Tables,
  application: string,
  told: readonly Told[],
): Promise<ReadonlyMap<string, ToldHistory>> {
  if (told.length === 0) return new Map();
  const keys = [...new Set(told.map(({ history }) => history))].sort();
  const rows = await session.query<{ key: string; state: string }>(
    `SELECT e.key, e.state FROM unnest($2::text[]) AS n(key), LATERAL (
       SELECT key, state FROM ${eventKey} WHERE application = $1 AND key = n.key FOR UPDATE
     ) AS e`,
    [application, keys],
  );
  return new Map(rows.map(({ key, state }) => [key, JSON.parse(state) as ToldHistory]));
}

async function writeHistories(
  session: Session,
  { eventKey }: Tables,
  application: string,
  histories: readonly (readonly [key: string, history: ToldHistory])[],
): Promise<void> {
  if (histories.length === 0) return;
  const sorted = histories.toSorted(([a], [b]) => (a < b ? -1 : 1));
  await session.query(
    `INSERT INTO ${eventKey} (application, key, stored_at, state)
     SELECT $1, n.key, $2::bigint, n.state FROM unnest($3::text[], $4::text[]) AS n(key, state) ORDER BY n.key
     ON CONFLICT (application, key) DO UPDATE SET state = excluded.state, stored_at = excluded.stored_at`,
    [
      application,
      Date.now(),
      sorted.map(([key]) => key),
      sorted.map(([, history]) => JSON.stringify(history)),
    ],
  );
}

const NOTHING: Omit<ToldBefore, 'history'> = { state: undefined, updates: [] };

/** What notifications told of the objects that are handed over. */
async function readTold(
  session: Session,
  { eventKey }: Tables,
  application: string,
  told: readonly Told[],
): Promise<ReadonlyMap<string, Omit<ToldBefore, 'history'>>> {
  if (told.length === 0) return new Map();
  const prefixes = told.flatMap(({ history, telling }) =>
    [toldStatesOf(telling), toldUpdatesOf(telling)].map((prefix) => [history, columnText(prefix)] as const),
  );
  interface TraceRow extends Row {
    readonly history: string;
    readonly prefix: string;
    readonly key: string;
    readonly second: number | null;
  }
  const rows = await session.query<TraceRow>(
    `SELECT n.history, n.prefix, e.key, e.second FROM unnest($2::text[], $3::text[], $4::text[]) AS n(history, prefix, until),
       LATERAL (
         SELECT key, second FROM ${eventKey} WHERE application = $1 AND key >= n.prefix AND key < n.until OFFSET 0
       ) AS e`,
    [
      application,
      prefixes.map(([history]) => history),
      prefixes.map(([, prefix]) => prefix),
      prefixes.map(([, prefix]) => `${prefix}\u{10FFFF}`),
    ],
  );
  const found = new Map<string, Omit<ToldBefore, 'history'>>();
  for (const { history, telling } of told) {
    const ofOne = rows.filter((row) => row.history === history);
    const states = toldStatesOf(telling);
    const prefix = states.slice(0, states.lastIndexOf('/', states.length - 2) + 1);
    const traces = ofOne
      .filter(({ key }) => key.startsWith(states))
      .map(({ key, second }) => ({ key, second: second ?? undefined }));
    const updates = ofOne
      .filter(({ key }) => !key.startsWith(states))
      .map(({ key }) => Number(key.slice(key.lastIndexOf('@') + 1)));
    const [state] = lastToldStates(prefix, traces).values();
    found.set(history, { state, updates });
  }
  return found;
}
