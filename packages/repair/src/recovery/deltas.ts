import { asObject } from '@nylas-otel/accounts/tracking';
import type { JsonObject } from '@nylas-otel/webhooks';
import { type RecoveredChange, readOf } from './recovered-change.ts';

/** One change of a v2 mailbox. */
export interface Delta {
  readonly cursor: string;
  readonly object: string;
  readonly id: string;
  readonly event: 'create' | 'modify' | 'delete';
  readonly attributes: JsonObject | undefined;
}

/** A part of an account's deltas. */
export interface DeltaPage {
  readonly deltas: readonly Delta[];
  readonly cursorEnd: string;
  /** As of when, see `RecoveryApi.read`. */
  readonly readAt: number | undefined;
}

/** Reads the body of `GET /delta`; undefined when it is none. */
export function readDeltaPage(body: unknown, readAt: number | undefined): DeltaPage | undefined {
  const page = asObject(body);
  if (!Array.isArray(page?.deltas) || typeof page.cursor_end !== 'string') return undefined;
  return {
    cursorEnd: page.cursor_end,
    readAt,
    deltas: page.deltas.map(readDelta).filter((delta) => delta !== undefined),
  };
}

function readDelta(item: unknown): Delta | undefined {
  const delta = asObject(item);
  const { cursor, object, id, event } = delta ?? {};
  if (typeof cursor !== 'string' || typeof object !== 'string' || typeof id !== 'string') return undefined;
  if (event !== 'create' && event !== 'modify' && event !== 'delete') return undefined;
  return { cursor, object, id, event, attributes: asObject(delta?.attributes) };
}

/** The resources of which v2 sends webhooks, by the name that deltas have for their objects. */
export const DELTA_RESOURCES: ReadonlyMap<string, string> = new Map([
  ['message', 'messages'],
  ['event', 'events'],
  ['contact', 'contacts'],
  ['calendar', 'calendars'],
]);

/** What notifications told of an object within the time that is replayed. */
export interface ToldChanges {
  readonly created: boolean;
  /** How many updates. */
  readonly updates: number;
}

/** The time that deltas are from, Unix milliseconds. */
export interface DeltaTime {
  /** A notification from before it tells nothing of them. */
  readonly from: number;
  /** Every change from before it is in them; undefined where that is not known. */
  readonly readAt: number | undefined;
}

/** What a replay of deltas comes to. */
export interface Replay {
  readonly changes: readonly RecoveredChange[];
  /** Messages that were made or changed and then deleted: v2 has no notification of that, and nothing is left to read. */
  readonly lostMessages: number;
}

/**
 * The last state of every object that deltas name: many changes of one object become one, as Nylas itself may do.
 *
 * @param told by `object/id`
 */
export function replayDeltas(
  deltas: readonly Delta[],
  told: (object: string, id: string) => ToldChanges,
  { from, readAt }: DeltaTime,
): Replay {
  const byObject = new Map<string, Delta[]>();
  for (const delta of deltas) {
    if (!DELTA_RESOURCES.has(delta.object)) continue;
    const key = `${delta.object}/${delta.id}`;
    const known = byObject.get(key);
    if (known === undefined) byObject.set(key, [delta]);
    else known.push(delta);
  }
  const changes: RecoveredChange[] = [];
  let lostMessages = 0;
  for (const ofOne of byObject.values()) {
    const last = ofOne.at(-1) as Delta;
    const { created: toldCreated, updates: toldUpdates } = told(last.object, last.id);
    const created = ofOne.some(({ event }) => event === 'create') && !toldCreated;
    const updates = ofOne.filter(({ event }) => event === 'modify').length;
    const updated = updates > toldUpdates;
    if (last.event === 'delete') {
      if (last.object !== 'message') changes.push(changeOf(last, 'deleted', readOf(readAt)));
      else if (created || updated) lostMessages++;
    } else if (created) changes.push(changeOf(last, 'created', readOf(readAt)));
    else if (updated) changes.push(changeOf(last, 'updated', { ...readOf(readAt, from), updates }));
  }
  return { changes, lostMessages };
}

function changeOf(
  { object, id, cursor, attributes }: Delta,
  change: RecoveredChange['change'],
  read: RecoveredChange['read'],
): RecoveredChange {
  return {
    resource: DELTA_RESOURCES.get(object) ?? 'other',
    kind: object,
    change,
    objectId: id,
    trigger: `${object}.${change}`,
    time: undefined,
    mark: change === 'updated' ? `#${cursor}` : change,
    object: attributes ?? {},
    read,
  };
}
