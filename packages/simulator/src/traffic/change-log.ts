import type { Kind } from '../data/mailbox.ts';
import { Ring } from '../notices/ring.ts';

/** Objects of a mailbox whose changes are logged; v2 calls some folders labels. */
export type ObjectName = 'message' | 'thread' | 'draft' | 'folder' | 'calendar' | 'event' | 'contact';
/** What happened to an object. A cancelled event is still there, with that status. */
export type ChangeName = 'created' | 'updated' | 'cancelled' | 'deleted';
/** The class of a change, such as `event.cancelled`. */
export type ChangeClass = `${ObjectName}.${ChangeName}`;

/** Something that really happened in a mailbox. */
export interface Change {
  /** Counts up from 1. */
  readonly serial: number;
  /** When Nylas could know of it, simulated Unix milliseconds: a v2 account that does not sync learns it later. */
  readonly time: number;
  readonly version: 'v2' | 'v3';
  /** Grant id (v3) or account id (v2). */
  readonly accountId: string;
  readonly object: ObjectName;
  readonly change: ChangeName;
  readonly class: ChangeClass;
  /** Id of the object. */
  readonly id: string;
  /** Who did it: a client of the API, or a script. */
  readonly by: 'client' | 'script';
  /** The trigger that tells of it, or undefined: Nylas has none for threads, and v2 none for folders. */
  readonly trigger: string | undefined;
}

/** Which changes to take. */
export interface ChangeFilter {
  /** Simulated Unix milliseconds, inclusive. */
  readonly since?: number;
  /** Simulated Unix milliseconds, exclusive. */
  readonly until?: number;
  readonly accountId?: string;
  readonly version?: 'v2' | 'v3';
  readonly class?: ChangeClass;
  readonly by?: 'client' | 'script';
}

type Triggers = Readonly<Partial<Record<ChangeClass, string>>>;
const named = (object: ObjectName, ...changes: ChangeName[]): Triggers =>
  Object.fromEntries(changes.map((change) => [`${object}.${change}`, `${object}.${change}`]));

/** What tells of each class. A new contact of v3 arrives as an updated one. */
const TRIGGERS: Readonly<Record<'v2' | 'v3', Triggers>> = {
  v3: {
    ...named('message', 'created', 'updated', 'deleted'),
    ...named('event', 'created', 'updated', 'deleted'),
    'event.cancelled': 'event.updated',
    ...named('calendar', 'created', 'updated', 'deleted'),
    ...named('folder', 'created', 'updated', 'deleted'),
    ...named('contact', 'updated', 'deleted'),
    'contact.created': 'contact.updated',
  },
  v2: {
    ...named('message', 'created', 'updated'),
    ...named('event', 'created', 'updated', 'deleted'),
    'event.cancelled': 'event.updated',
    ...named('calendar', 'created', 'updated', 'deleted'),
    ...named('contact', 'created', 'updated', 'deleted'),
  },
};

const OBJECTS: ReadonlySet<string> = new Set<ObjectName>([
  'message',
  'thread',
  'draft',
  'folder',
  'calendar',
  'event',
  'contact',
]);

/** What a kind holds: `v3.message` is messages of v3. Undefined for what no log is kept of. */
export function loggedObject(kind: Kind): { version: 'v2' | 'v3'; object: ObjectName } | undefined {
  const version = kind.name.slice(0, 2);
  const object = kind.name.slice(3);
  return (version === 'v2' || version === 'v3') && OBJECTS.has(object)
    ? { version, object: object as ObjectName }
    : undefined;
}

/** Older changes are forgotten above this. */
const MAX_CHANGES = 200_000;

/** The ground truth of what happened in all mailboxes. */
export class ChangeLog {
  readonly #log = new Ring<Change>(MAX_CHANGES);
  #serial = 0;

  /** Adds a change; its class and its trigger follow from the rest. */
  add(change: Omit<Change, 'serial' | 'class' | 'trigger'>): Change {
    const name: ChangeClass = `${change.object}.${change.change}`;
    const whole: Change = {
      ...change,
      serial: ++this.#serial,
      class: name,
      trigger: TRIGGERS[change.version][name],
    };
    this.#log.add(whole);
    return whole;
  }

  /** The changes that fit, oldest first. */
  list(filter: ChangeFilter = {}): readonly Change[] {
    const { since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } = filter;
    return this.#log
      .list()
      .filter(
        (one) =>
          one.time >= since &&
          one.time < until &&
          (filter.accountId === undefined || one.accountId === filter.accountId) &&
          (filter.version === undefined || one.version === filter.version) &&
          (filter.class === undefined || one.class === filter.class) &&
          (filter.by === undefined || one.by === filter.by),
      );
  }

  /** Forgets them. */
  clear(): void {
    this.#log.clear();
    this.#serial = 0;
  }
}
