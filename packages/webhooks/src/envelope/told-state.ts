import type { ReceivedEvent } from '../inbox/inbox.ts';
import { contentMark, type ObjectName, updatedAtOf } from './object-name.ts';
import type { JsonObject } from './webhook-event.ts';

/** What an event says of one object. */
export interface Telling {
  /** Names the object, as a part of keys: `v3/grant/contact/id`. */
  readonly object: string;
  /** Unix seconds: when it happened; of what was read again: the time as of which Nylas answered. */
  readonly second: number | undefined;
  /** The state it tells, as far as two that tell the same can be known by it. */
  readonly mark: string | undefined;
  /**
   * - `state`: that the object is in the state of the mark now
   * - `change`: only that something changed
   * - `once`: what has a name of its own (deleted, an event's `updated_at`)
   * - `created`: that it is new, which is told once, whatever the object looked like
   */
  readonly says: 'state' | 'change' | 'once' | 'created';
}

/** What recovery notes of what it read, in `extensions.recovery_read`. Survives JSON. */
export interface RecoveryRead {
  /** Unix seconds on Nylas's clock: every change from before is in what was read. Undefined where Nylas does not say it. */
  readonly at?: number;
  /** Unix seconds: a notification of the same state from then on tells the same change. */
  readonly since?: number;
  /** v2: how many updates since then are in it. */
  readonly updates?: number;
}

/** What was told of an object that recovery has handed over. Survives JSON. */
export interface ToldHistory {
  /** What recovery told, oldest first: as of which second, and the state. */
  readonly reads: readonly (readonly [second: number, mark: string])[];
  /** The state that was told last, by recovery or by a notification of what is not newer than the last read. */
  readonly last: string;
}

/** A state that cannot be compared. */
const UNKNOWN = '?';
const MOST_READS = 8;

/**
 * A notification that says only that something changed is no news where the object was read later. So much later, as the
 * clocks that put a date to a change and to an answer are two, and a change may show a moment after its date.
 */
const READ_DOUBT_SECONDS = 5;

/** What an event says of its object. */
export function tellingOf(event: ReceivedEvent, { kind, change, object }: ObjectName): Telling {
  const { version, time, trigger } = event;
  const second = time === undefined ? undefined : Math.floor(time / 1_000);
  const say = (says: Telling['says'], mark: string | undefined): Telling => ({ object, second, mark, says });
  if (change === 'deleted') return say('once', 'deleted');
  // Not by the state it stands for: who waits for `grant.created` is not served by `grant.updated`.
  if (kind === 'grant' || kind === 'account') return say('state', trigger);
  const isNew = change.startsWith('created');
  if (version === 'v2') return say(isNew ? 'created' : 'change', 'there');
  if (kind === 'event') {
    const updatedAt = updatedAtOf(event);
    if (updatedAt !== undefined) return say('once', `@${updatedAt}`);
    return say(isNew ? 'created' : 'change', undefined);
  }
  const mark = markOf(event, kind);
  return say(isNew ? 'created' : mark === undefined ? 'change' : 'state', mark);
}

function markOf(event: ReceivedEvent, kind: string): string | undefined {
  const content = event.data.object as JsonObject | null | undefined;
  if (content === null || content === undefined) return undefined;
  // A field that was not chosen is not one that is false.
  if (event.transformed && (typeof content.unread !== 'boolean' || typeof content.starred !== 'boolean'))
    return undefined;
  return contentMark(kind, content);
}

/** What recovery noted of its reading; undefined for notifications. */
export function recoveryRead(event: ReceivedEvent): RecoveryRead | undefined {
  return event.extensions?.recovery_read as RecoveryRead | undefined;
}

/**
 * Whether a notification says nothing that was not told already, where recovery has handed its object over. What is newer
 * than what was read never does. Nor does it where it would be the handlers' last word: when something else that happened
 * before the read was told since, this state has to be told again.
 *
 * @param met whether what it says has a name, and recovery told it by that
 */
export function isTold(history: ToldHistory, { says, second, mark }: Telling, met: boolean): boolean {
  const [readAt, read] = lastRead(history);
  const isOlder = second !== undefined && second <= readAt;
  const untouched = history.last === read;
  switch (says) {
    case 'created':
      return met;
    case 'once':
      return met && (untouched || mark !== read || !isOlder);
    case 'state':
      // Of two notifications none makes the other one a duplicate: only what recovery told is told already.
      if (!isOlder || !history.reads.some(([, told]) => told === mark)) return false;
      return mark === history.last || (untouched && mark === readAsOf(history, second));
    case 'change':
      return isOlder && untouched && second < readAt - READ_DOUBT_SECONDS;
  }
}

/** What was told when a notification was handed over as well. */
export function afterTelling(history: ToldHistory, { second, mark }: Telling): ToldHistory {
  const [readAt] = lastRead(history);
  // What is newer than what was read leaves it the last word on what was before.
  if (second !== undefined && second > readAt) return history;
  return { ...history, last: mark ?? UNKNOWN };
}

/** What was told when recovery handed the object over; undefined when nothing can be known by it. */
export function afterReading(
  history: ToldHistory | undefined,
  { second, mark = UNKNOWN }: Telling,
): ToldHistory | undefined {
  if (second === undefined) return history === undefined ? undefined : { ...history, last: mark };
  const before = history?.reads.filter(([at]) => at < second) ?? [];
  return { reads: [...before, [second, mark] as const].slice(-MOST_READS), last: mark };
}

/** The state of an object at a time, as a notification told it. */
export interface ToldState {
  /** Unix seconds. */
  readonly second: number;
  /** A mark of its content, or `deleted`. */
  readonly mark: string;
}

/** What notifications told of an object that recovery is about to hand over. */
export interface ToldBefore {
  readonly history: ToldHistory | undefined;
  /** The last state. */
  readonly state: ToldState | undefined;
  /** v2: the seconds of its updates. */
  readonly updates: readonly number[];
}

/** Whether notifications that were stored since recovery compared have told what it is about to hand over. */
export function isToldByOthers(
  { history, state, updates }: ToldBefore,
  { mark, second }: Telling,
  { since, updates: read }: RecoveryRead,
): boolean {
  if (since === undefined) return false;
  if (read !== undefined)
    return updates.filter((update) => update >= since && update <= (second ?? update)).length >= read;
  if (state === undefined || state.mark !== mark || state.second < since) return false;
  return history === undefined || lastRead(history)[0] < state.second;
}

function lastRead({ reads }: ToldHistory): readonly [second: number, mark: string] {
  return reads.at(-1) ?? [Number.NEGATIVE_INFINITY, UNKNOWN];
}

/** What recovery told by its first read after a time. */
function readAsOf({ reads }: ToldHistory, second: number): string | undefined {
  return reads.find(([at]) => second <= at)?.[1];
}
