import type { Job } from '../clock/clock.ts';
import { RandomStream } from '../data/random.ts';
import { either, integer, isNumber, listOf, number, oneOf, record, text } from '../option-checks.ts';
import { SimulatorError } from '../simulator-error.ts';
import type { ChangeClass, ChangeName, ObjectName } from './change-log.ts';
import type { Traffic, TrafficParts } from './traffic.ts';

/** Many changes, spread over time. */
export interface TrafficOptions {
  /** How many changes to make; a message that begins a thread counts as one. */
  readonly changes: number;
  /** Simulated milliseconds to spread them over evenly; 0 makes them all at once. */
  readonly overMs: number;
  /** v3 grants (default) or v2 accounts. */
  readonly version?: 'v2' | 'v3';
  /** Which mailboxes, by id or address, or how many of the first. Default: all. */
  readonly mailboxes?: number | readonly string[];
  /** How often each class comes, in any unit. Default: mostly messages, some events, few contacts, folders and deletions. */
  readonly mix?: Readonly<Partial<Record<ChangeClass, number>>>;
}

/** Changes that are being made. */
export interface TrafficRun {
  /** How many are made so far. */
  readonly made: number;
  /** Resolves when the last one is made, or the run is stopped. */
  readonly done: Promise<void>;
  /** Makes no more. */
  stop(): void;
}

const DEFAULT_MIX: Readonly<Partial<Record<ChangeClass, number>>> = {
  'message.created': 40,
  'message.updated': 15,
  'message.deleted': 3,
  'event.created': 12,
  'event.updated': 10,
  'event.cancelled': 5,
  'event.deleted': 2,
  'contact.created': 5,
  'contact.updated': 4,
  'contact.deleted': 1,
  'folder.created': 1,
  'folder.updated': 1,
  'folder.deleted': 1,
};

const OBJECTS = ['message', 'draft', 'folder', 'calendar', 'event', 'contact'] as const;
const CLASSES = [
  ...OBJECTS.flatMap((object) => [`${object}.created`, `${object}.updated`, `${object}.deleted`]),
  'event.cancelled',
];
const weight = number(0, 1_000_000);
const checkOptions = record({
  changes: integer(1, 10_000_000),
  overMs: integer(0, 100_000_000_000),
  version: oneOf('v2', 'v3'),
  mailboxes: either(isNumber, integer(1, 5_000_000), listOf(text)),
  mix: record(Object.fromEntries(CLASSES.map((name) => [name, weight]))),
});

interface Pace {
  readonly options: TrafficOptions;
  readonly names: readonly string[];
  readonly startAt: number;
  readonly draw: RandomStream;
  readonly pick: (at: number) => ChangeClass;
}

/** Makes many changes, each of a different object, so that none hides another. */
export class TrafficRunner {
  readonly #parts: TrafficParts;
  readonly #traffic: Traffic;
  /** How many generated objects of a kind and mailbox were touched. */
  readonly #touched = new Map<string, number>();
  #runs = 0;

  constructor(parts: TrafficParts, traffic: Traffic) {
    this.#parts = parts;
    this.#traffic = traffic;
  }

  /** See {@link Traffic.run}. */
  run(options: TrafficOptions): TrafficRun {
    checkOptions('', options);
    for (const name of ['changes', 'overMs'] as const) {
      if (options[name] === undefined)
        throw new SimulatorError('invalid_option', `give ${name}, a whole number`);
    }
    const { clock, seed } = this.#parts;
    const pace: Pace = {
      options,
      names: this.#namesOf(options),
      startAt: clock.now(),
      draw: new RandomStream(seed + 1000 + this.#runs++),
      pick: picker(options.mix ?? DEFAULT_MIX),
    };
    let made = 0;
    let job: Job | undefined;
    let finish = (): void => {};
    const done = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const dueAt = (change: number): number =>
      pace.startAt + Math.floor((options.overMs * (change + 1)) / options.changes);
    const next = (): void => {
      if (made >= options.changes) {
        finish();
        return;
      }
      job = clock.schedule(dueAt(made), () => {
        // What falls on one moment happens in one go.
        const now = Math.max(dueAt(made), clock.now());
        for (; made < options.changes && dueAt(made) <= now; made++) this.#change(pace);
        next();
      });
    };
    next();
    return {
      get made() {
        return made;
      },
      done,
      stop: () => {
        job?.cancel();
        finish();
      },
    };
  }

  /** Forgets which objects were touched. */
  clear(): void {
    this.#touched.clear();
    this.#runs = 0;
  }

  #namesOf({ version = 'v3', mailboxes }: TrafficOptions): readonly string[] {
    if (Array.isArray(mailboxes) && mailboxes.length > 0) return mailboxes as readonly string[];
    const { grants, accounts } = this.#parts;
    const all = (version === 'v3' ? grants : accounts).list();
    const names = all.slice(0, isNumber(mailboxes) ? (mailboxes as number) : all.length).map((one) => one.id);
    if (names.length === 0) throw new SimulatorError('invalid_option', 'there is no mailbox to change');
    return names;
  }

  #change({ names, draw, pick }: Pace): void {
    const name = names[draw.nextInteger() % names.length] as string;
    const [object, change] = pick(draw.next()).split('.') as [Exclude<ObjectName, 'thread'>, ChangeName];
    // A mailbox may be deleted while its traffic runs.
    if (!this.#exists(name)) return;
    const id = change === 'created' ? undefined : this.#untouched(name, object);
    if (id === undefined) this.#traffic.create(name, object);
    else if (change === 'deleted') this.#traffic.delete(name, object, id);
    else if (change === 'cancelled') this.#traffic.cancel(name, id);
    else this.#traffic.update(name, object, id);
  }

  #exists(name: string): boolean {
    return (this.#parts.grants.get(name) ?? this.#parts.accounts.get(name)) !== undefined;
  }

  /** A generated object that no run changed before; undefined when there is none left. */
  #untouched(name: string, object: ObjectName): string | undefined {
    const { grants, accounts, mailboxes } = this.#parts;
    const grant = grants.get(name);
    const owner = grant ?? accounts.get(name);
    if (owner === undefined) return undefined;
    const kind = this.#traffic.kindOf(grant === undefined ? 'v2' : 'v3', object);
    const key = `${kind.name}:${owner.id}`;
    const count = kind.count(owner);
    // From the end: system folders and the primary calendar come first and stay.
    for (let index = this.#touched.get(key) ?? 0; index < count; index++) {
      const id = kind.id(owner, count - 1 - index);
      const known = mailboxes.find(kind, owner, id);
      if (known === undefined || known.system_folder === true || known.status === 'cancelled') continue;
      this.#touched.set(key, index + 1);
      return id;
    }
    this.#touched.set(key, count);
    return undefined;
  }
}

/** Draws a class by its weight from a number in [0, 1). */
function picker(mix: Readonly<Partial<Record<ChangeClass, number>>>): (at: number) => ChangeClass {
  const entries = Object.entries(mix).filter(([, share]) => share > 0) as [ChangeClass, number][];
  const sum = entries.reduce((total, [, share]) => total + share, 0);
  if (sum === 0) throw new SimulatorError('invalid_option', 'mix has no class with a share above 0');
  return (at) => {
    let left = at * sum;
    for (const [name, share] of entries) {
      left -= share;
      if (left < 0) return name;
    }
    return (entries.at(-1) as [ChangeClass, number])[0];
  };
}
