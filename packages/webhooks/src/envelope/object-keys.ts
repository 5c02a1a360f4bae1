import type { ApiVersion } from '@nylas-otel/nylas-api';
import type { ReceivedEvent } from '../inbox/inbox.ts';
import { shortDigest } from './dedupe-key.ts';
import type { JsonObject, WebhookEvent } from './webhook-event.ts';

/**
 * A change of an object as it can be told again by somebody who reads the object: `created` and `deleted` happen once, `@`
 * and the second in which it was updated stands for one update, `#` and anything for what only the reader can name.
 */
export type ObjectChange = 'created' | 'deleted' | `@${number}` | `#${string}`;

/** Names one change of one object, however it was learned of: from a notification, or by reading the object again. */
export function objectKey(
  version: ApiVersion,
  accountId: string,
  kind: string,
  objectId: string,
  change: ObjectChange,
): string {
  return `${version}/${part(accountId)}/${kind}/${part(objectId)}/${change}`;
}

/** Where the change is in a key: no part before it has a slash. */
const CHANGE = 4;

// Provider ids have up to about 200 characters; an index entry of PostgreSQL has no room for what a hostile one may have.
const LONGEST_PART = 256;

/** An id as a part of a key: without slashes, and not too long. */
function part(id: string): string {
  return id.length > LONGEST_PART ? `#${shortDigest(id)}` : id.replaceAll('%', '%25').replaceAll('/', '%2F');
}

/** Prefix of the keys of changes that were told, by a notification or by recovery; see {@link objectTraces}. */
export const TOLD = 'told:';
/** Prefix of the keys of events that were made by reading objects again. */
export const RECOVERED = 'recovered:';

/** What an inbox keeps and looks for beside the key of an event. */
export interface ObjectTraces {
  /** Further keys to keep with the event. */
  readonly leaves: readonly string[];
  /** Keys that make the event a duplicate where they are known. */
  readonly meets: readonly string[];
}

const NONE: ObjectTraces = { leaves: [], meets: [] };

/**
 * The changes an event tells of, as keys: reading an object again after an outage has no notification id to be recognised
 * by. So notifications leave keys that recovered events look for, and the other way round, and neither is handled twice. Both
 * leave the key of {@link TOLD}: where keys are unique, of two that are stored at one time one meets the other.
 *
 * What happens once is named (`created`, `deleted`, an update of a v3 event by its `updated_at`). Where an update carries no
 * such time, the last state told is kept (`/@{second}#{mark}`), for comparison with a list.
 */
export function objectTraces(event: ReceivedEvent): ObjectTraces {
  if (event.key.startsWith(RECOVERED)) {
    const run = event.extensions?.recovery_run;
    const told = toldOfRecovered(event.key);
    return {
      leaves: [...told, ...(typeof run === 'string' ? [recoveredInRun(run, event.key)] : [])],
      meets: told,
    };
  }
  const { accountId, version, trigger } = event;
  const dot = trigger.indexOf('.');
  const kind = trigger.slice(0, dot);
  if (accountId === undefined || !KINDS.has(kind)) return NONE;
  const objectId = kind === 'grant' ? accountId : event.objectId;
  if (objectId === undefined) return NONE;
  const key = (change: ObjectChange): string => objectKey(version, accountId, kind, objectId, change);
  const changes = changesOf(event, kind, trigger.slice(dot + 1));
  const state = stateOf(event, kind);
  return {
    leaves: [
      ...changes.map((change) => TOLD + key(change)),
      ...(state === undefined ? [] : [toldStateKey(version, accountId, kind, objectId, state)]),
    ],
    // An update by v2's date is a notification's own: what is read again has no date.
    meets: changes
      .filter((change) => version === 'v3' || !change.startsWith('@'))
      .map((change) => RECOVERED + key(change)),
  };
}

/** What only the reader can name is told by no notification. */
function toldOfRecovered(key: string): readonly string[] {
  const named = key.slice(RECOVERED.length);
  return named.split('/')[CHANGE]?.startsWith('#') ? [] : [TOLD + named];
}

/** The key that says which run of recovery handed an event over, so that a run that goes on after a crash can count. */
export function recoveredInRun(run: string, key: string): string {
  return `run:${shortDigest(run)}:${key}`;
}

const KINDS: ReadonlySet<string> = new Set(['message', 'event', 'contact', 'folder', 'calendar', 'grant']);

function changesOf(event: WebhookEvent, kind: string, change: string): readonly ObjectChange[] {
  switch (change) {
    case 'created':
    case 'created.cleaned':
      return event.version === 'v2' ? ['created'] : ['created', ...updateOf(event, kind)];
    case 'deleted':
      return ['deleted'];
    case 'updated':
      return updateOf(event, kind);
    default:
      return [];
  }
}

function updateOf({ version, time, data }: WebhookEvent, kind: string): readonly ObjectChange[] {
  if (version === 'v2') return time === undefined ? [] : [`@${Math.floor(time / 1_000)}`];
  // Only events have a time of change that both a notification and a list show.
  const updatedAt = (data.object as JsonObject | null | undefined)?.updated_at;
  return kind === 'event' && typeof updatedAt === 'number' ? [`@${updatedAt}`] : [];
}

/** The state of an object at a time, as a notification told it. */
export interface ToldState {
  /** Unix seconds. */
  readonly second: number;
  /** A mark of its content, or `deleted`. */
  readonly mark: string;
}

/** The key under which a told state is kept; all of a kind and account begin with {@link toldStates}. */
function toldStateKey(
  version: ApiVersion,
  accountId: string,
  kind: string,
  objectId: string,
  { second, mark }: ToldState,
): string {
  return `${toldStates(version, accountId, kind)}${part(objectId)}/${second}/${mark}`;
}

/** What the keys of told states of one kind and account begin with. */
export function toldStates(version: ApiVersion, accountId: string, kind: string): string {
  return `state:${version}/${part(accountId)}/${kind}/`;
}

/** Reads the keys of told states: the last one of each object. */
export function lastToldStates(prefix: string, keys: Iterable<string>): ReadonlyMap<string, ToldState> {
  const last = new Map<string, ToldState>();
  for (const key of keys) {
    const [id, second, mark] = key.slice(prefix.length).split('/');
    if (id === undefined || second === undefined || mark === undefined) continue;
    const objectId = id.replaceAll('%2F', '/').replaceAll('%25', '%');
    const state = { second: Number(second), mark };
    if (state.second >= (last.get(objectId)?.second ?? 0)) last.set(objectId, state);
  }
  return last;
}

function stateOf(event: WebhookEvent, kind: string): ToldState | undefined {
  if (event.version !== 'v3' || event.time === undefined || kind === 'grant') return undefined;
  const second = Math.floor(event.time / 1_000);
  if (event.trigger.endsWith('.deleted')) return { second, mark: 'deleted' };
  const object = event.data.object as JsonObject | null | undefined;
  const mark = object === null || object === undefined ? undefined : contentMark(kind, object);
  return mark === undefined ? undefined : { second, mark };
}

// Counts change with every message, and a list may leave out what a notification has.
const VOLATILE: ReadonlySet<string> = new Set([
  'total_count',
  'unread_count',
  'child_count',
  'grant_id',
  'object',
]);

/**
 * A mark of an object's content that a notification and a list agree on; undefined where the object lacks the fields.
 * Messages: folders, read, starred: what may change of them. Events: only that they are there.
 */
export function contentMark(kind: string, object: JsonObject): string | undefined {
  if (kind === 'event') return 'there';
  if (kind === 'message') {
    const { folders, unread, starred } = object;
    if (!Array.isArray(folders)) return undefined;
    return shortDigest([[...folders].map(String).sort(), unread === true, starred === true]);
  }
  return shortDigest(Object.fromEntries(Object.entries(object).filter(([name]) => !VOLATILE.has(name))));
}
