import type { ApiVersion } from '@nylas-otel/nylas-api';
import type { ReceivedEvent } from '../inbox/inbox.ts';
import { shortDigest } from './dedupe-key.ts';
import { objectOf, objectPath, part, updatedAtOf } from './object-name.ts';
import { recoveryRead, type Telling, type ToldState, tellingOf } from './told-state.ts';
import type { WebhookEvent } from './webhook-event.ts';

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
  return `${objectPath(version, accountId, kind, objectId)}/${change}`;
}

/** Where the change is in a key: no part before it has a slash. */
const CHANGE = 4;

/** Prefix of the keys of changes that were told, by a notification or by recovery; see {@link objectTraces}. */
export const TOLD = 'told:';
/** Prefix of the keys of events that were made by reading objects again. */
export const RECOVERED = 'recovered:';
/** Prefix of the keys under which is kept what was told of an object that recovery handed over (`ToldHistory`). */
export const HISTORY = 'history:';
const STATE = 'state:';

/** A state that an event tells, to be kept under its key with when it was: the last time, where it is told again. */
export interface StateTrace {
  readonly key: string;
  /** Unix seconds; undefined where it is kept only to be met. */
  readonly second: number | undefined;
}

/** What an inbox keeps and looks for beside the key of an event. */
export interface ObjectTraces {
  /** Further keys to keep with the event. */
  readonly leaves: readonly string[];
  /** Keys that make the event a duplicate where they are known. */
  readonly meets: readonly string[];
  readonly state: StateTrace | undefined;
  /** What it says of its object, for comparison with what was told of that. */
  readonly telling: Telling | undefined;
}

const NONE: ObjectTraces = { leaves: [], meets: [], state: undefined, telling: undefined };

/**
 * The changes an event tells of, as keys: reading an object again after an outage has no notification id to be recognised
 * by. So notifications leave keys that recovered events look for, and the other way round, and neither is handled twice. Both
 * leave the key of {@link TOLD}: where keys are unique, of two that are stored at one time one meets the other.
 *
 * What happens once is named (`created`, `deleted`, an update of a v3 event by its `updated_at`). Where an update carries no
 * such time, both leave the state they tell, and the two are compared by that and by their times (`isTold`).
 */
export function objectTraces(event: ReceivedEvent): ObjectTraces {
  const named = objectOf(event);
  if (named === undefined && !event.key.startsWith(RECOVERED)) return NONE;
  const telling = named === undefined ? undefined : tellingOf(event, named);
  if (event.key.startsWith(RECOVERED)) {
    const run = event.extensions?.recovery_run;
    const told = toldOfRecovered(event.key);
    // Its time is that of the change, as far as the object shows it.
    const read = telling === undefined ? undefined : { ...telling, second: recoveryRead(event)?.at };
    return {
      leaves: [...told, ...(typeof run === 'string' ? [recoveredInRun(run, event.key)] : [])],
      meets: told,
      state: read === undefined ? undefined : stateTrace(read, undefined, true),
      telling: read,
    };
  }
  if (named === undefined || telling === undefined) return NONE;
  const { kind, change, object } = named;
  const changes = changesOf(event, kind, change);
  return {
    leaves: changes.map((one) => `${TOLD}${object}/${one}`),
    // An update by v2's date is a notification's own: what is read again has no date.
    meets: changes
      .filter((one) => event.version === 'v3' || !one.startsWith('@'))
      .map((one) => `${RECOVERED}${object}/${one}`),
    state: telling.second === undefined ? undefined : stateTrace(telling, telling.second, false),
    telling,
  };
}

function stateTrace(
  { object, mark, says }: Telling,
  second: number | undefined,
  isRecovered: boolean,
): StateTrace | undefined {
  // Of v2 only updates have no name, and they are what something made in the gap may come beside.
  const isNamed = says === 'once' || (says === 'created' && !isRecovered);
  if (isNamed && object.startsWith('v2/')) return undefined;
  const shown = mark ?? (object.split('/')[2] === 'event' ? 'there' : undefined);
  return shown === undefined ? undefined : { key: `${STATE}${object}/${shown}`, second };
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

function changesOf(event: WebhookEvent, kind: string, change: string): readonly ObjectChange[] {
  if (kind === 'account') return [];
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

function updateOf(event: WebhookEvent, kind: string): readonly ObjectChange[] {
  const { version, time } = event;
  if (version === 'v2') return time === undefined ? [] : [`@${Math.floor(time / 1_000)}`];
  const updatedAt = kind === 'event' ? updatedAtOf(event) : undefined;
  return updatedAt === undefined ? [] : [`@${updatedAt}`];
}

/** What the keys of told states of one kind and account begin with. */
export function toldStates(version: ApiVersion, accountId: string, kind: string): string {
  return `${STATE}${version}/${part(accountId)}/${kind}/`;
}

/** What the keys of told states of one object begin with. */
export function toldStatesOf({ object }: Telling): string {
  return `${STATE}${object}/`;
}

/** What the keys of updates of v2 begin with that notifications told of one object. */
export function toldUpdatesOf({ object }: Telling): string {
  return `${TOLD}${object}/@`;
}

/** Reads the keys of told states: the last one of each object. */
export function lastToldStates(prefix: string, traces: Iterable<StateTrace>): ReadonlyMap<string, ToldState> {
  const last = new Map<string, ToldState>();
  for (const { key, second } of traces) {
    const [id, mark] = key.slice(prefix.length).split('/');
    if (id === undefined || mark === undefined || second === undefined) continue;
    const objectId = id.replaceAll('%2F', '/').replaceAll('%25', '%');
    if (second >= (last.get(objectId)?.second ?? 0)) last.set(objectId, { second, mark });
  }
  return last;
}
