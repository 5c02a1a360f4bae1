import type { Clock } from '../clock/clock.ts';
import type { JsonObject, Kind, Mailboxes } from '../data/mailbox.ts';
import type { V2Kinds } from '../data/v2-objects.ts';
import type { V3Kinds } from '../data/v3-objects.ts';
import { type Accounts, isSyncing } from '../lifecycle/accounts.ts';
import type { Grants } from '../lifecycle/grants.ts';
import { SimulatorError } from '../simulator-error.ts';
import type { Account } from '../stores/account-store.ts';
import type { Grant } from '../stores/grant-store.ts';
import type { Change, ChangeFilter, ChangeLog, ObjectName } from './change-log.ts';
import type { Ledger } from './ledger.ts';
import { defaultChange, type Making, makeObject, threadOf, withMessage } from './object-maker.ts';
import { type TrafficOptions, type TrafficRun, TrafficRunner } from './traffic-run.ts';

/** Fields of an object as the API prints them. */
export type ObjectFields = Readonly<Record<string, unknown>>;

/**
 * Makes mailboxes change as if their users and the world did it. A mailbox is named by a grant id, an account id or an
 * address (then the grant's, where there are both). At a v2 account that does not sync, everything happens when it syncs
 * again, and the calls return undefined.
 */
export interface TrafficControl {
  /**
   * A message arrives, in a new thread or in the one of `fields.thread_id`.
   * @throws {SimulatorError} code `not_found` when there is no such mailbox or thread
   */
  arrive(mailbox: string, fields?: ObjectFields): JsonObject | undefined;
  /**
   * An object appears; what `fields` leaves out is made up.
   * @throws {SimulatorError} code `not_found` when there is no such mailbox
   */
  create(
    mailbox: string,
    object: Exclude<ObjectName, 'thread'>,
    fields?: ObjectFields,
  ): JsonObject | undefined;
  /**
   * An object changes; without `fields` something about it does.
   * @throws {SimulatorError} code `not_found` when there is no such mailbox or object
   */
  update(mailbox: string, object: ObjectName, id: string, fields?: ObjectFields): JsonObject | undefined;
  /**
   * An event is called off: it stays, with the status `cancelled`, and lists show it with `show_cancelled=true`.
   * @throws {SimulatorError} code `not_found` when there is no such mailbox or event
   */
  cancel(mailbox: string, eventId: string): JsonObject | undefined;
  /**
   * An object is gone.
   * @throws {SimulatorError} code `not_found` when there is no such mailbox or object
   */
  delete(mailbox: string, object: ObjectName, id: string): void;
  /**
   * Spreads many changes over simulated time and over mailboxes, from the seed.
   * @throws {SimulatorError} code `invalid_option`
   */
  run(options: TrafficOptions): TrafficRun;
  /** The ground truth: every change of every mailbox, oldest first, also those that clients made. */
  changes(filter?: ChangeFilter): readonly Change[];
}

/** What traffic works on. */
export interface TrafficParts {
  readonly seed: number;
  readonly clock: Clock;
  readonly grants: Grants;
  readonly accounts: Accounts;
  readonly mailboxes: Mailboxes;
  readonly v3: V3Kinds;
  readonly v2: V2Kinds;
  readonly ledger: Ledger;
  readonly log: ChangeLog;
}

type Mailbox =
  | { readonly version: 'v3'; readonly owner: Grant }
  | { readonly version: 'v2'; readonly owner: Account };

/** The scripts' side of the mailboxes. */
export class Traffic implements TrafficControl {
  readonly #parts: TrafficParts;
  readonly #runner: TrafficRunner;
  /** What happened at the provider while an account did not sync. */
  readonly #held = new Map<string, (() => void)[]>();
  #serial = 0;

  constructor(parts: TrafficParts) {
    this.#parts = parts;
    this.#runner = new TrafficRunner(parts, this);
  }

  arrive(mailbox: string, fields: ObjectFields = {}): JsonObject | undefined {
    const found = this.#mailbox(mailbox);
    return this.#happen(found, () => this.#arrive(found, fields));
  }

  create(
    mailbox: string,
    object: Exclude<ObjectName, 'thread'>,
    fields: ObjectFields = {},
  ): JsonObject | undefined {
    if (object === 'message') return this.arrive(mailbox, fields);
    const found = this.#mailbox(mailbox);
    const kind = this.kindOf(found.version, object);
    return this.#happen(found, () =>
      this.#parts.mailboxes.insert(kind, found.owner, makeObject(object, this.#making(found), fields)),
    );
  }

  update(mailbox: string, object: ObjectName, id: string, fields?: ObjectFields): JsonObject | undefined {
    const found = this.#mailbox(mailbox);
    this.#known(found, object, id);
    return this.#happen(found, () => {
      const { mailboxes } = this.#parts;
      const kind = this.kindOf(found.version, object);
      const known = mailboxes.find(kind, found.owner, id);
      if (known === undefined) return undefined;
      const making = this.#making(found);
      const stamp = object === 'event' && found.version === 'v3' ? { updated_at: making.now } : {};
      return mailboxes.update(kind, found.owner, id, {
        ...(fields ?? defaultChange(object, making, known)),
        ...stamp,
      });
    });
  }

  cancel(mailbox: string, eventId: string): JsonObject | undefined {
    return this.update(mailbox, 'event', eventId, { status: 'cancelled' });
  }

  delete(mailbox: string, object: ObjectName, id: string): void {
    const found = this.#mailbox(mailbox);
    this.#known(found, object, id);
    this.#happen(found, () => {
      this.#parts.mailboxes.remove(this.kindOf(found.version, object), found.owner, id);
      return undefined;
    });
  }

  run(options: TrafficOptions): TrafficRun {
    return this.#runner.run(options);
  }

  changes(filter?: ChangeFilter): readonly Change[] {
    return this.#parts.log.list(filter);
  }

  /** An account syncs again: what happened meanwhile comes in. */
  resume(account: Account): void {
    const held = this.#held.get(account.id) ?? [];
    this.#held.delete(account.id);
    for (const happen of held) happen();
  }

  /** The kind that holds these objects. */
  kindOf(version: 'v2' | 'v3', object: ObjectName): Kind {
    return this.#parts[version][object];
  }

  /** Forgets what is held and what runs. */
  clear(): void {
    this.#held.clear();
    this.#runner.clear();
    this.#serial = 0;
  }

  #arrive(found: Mailbox, fields: ObjectFields): JsonObject {
    const { version, owner } = found;
    const { mailboxes } = this.#parts;
    const threads = this.kindOf(version, 'thread');
    const messages = this.kindOf(version, 'message');
    const making = this.#making(found);
    const known =
      typeof fields.thread_id === 'string' ? this.#known(found, 'thread', fields.thread_id) : undefined;
    const threadId = known?.id ?? mailboxes.nextId(threads, owner);
    const message = mailboxes.insert(messages, owner, {
      ...makeObject('message', making, fields),
      thread_id: threadId,
    });
    if (known === undefined) mailboxes.insert(threads, owner, threadOf(making, message));
    else mailboxes.update(threads, owner, String(threadId), withMessage(version, known, message));
    return message;
  }

  /** Lets something happen now, or when the account syncs again. */
  #happen<T>(found: Mailbox, act: () => T): T | undefined {
    const { ledger } = this.#parts;
    if (found.version === 'v3' || isSyncing(found.owner)) return ledger.asScript(act);
    const held = this.#held.get(found.owner.id) ?? [];
    held.push(() => void ledger.asScript(act));
    this.#held.set(found.owner.id, held);
    return undefined;
  }

  #mailbox(name: string): Mailbox {
    const { grants, accounts } = this.#parts;
    const grant = grants.get(name);
    if (grant !== undefined) return { version: 'v3', owner: grant };
    const account = accounts.get(name);
    if (account !== undefined) return { version: 'v2', owner: account };
    throw new SimulatorError(
      'not_found',
      `there is no mailbox ${name}; give a grant id, an account id or an address`,
    );
  }

  #known(found: Mailbox, object: ObjectName, id: string): JsonObject {
    const known = this.#parts.mailboxes.find(this.kindOf(found.version, object), found.owner, id);
    if (known === undefined)
      throw new SimulatorError('not_found', `there is no ${object} ${id} in the mailbox ${found.owner.id}`);
    return known;
  }

  #making({ version, owner }: Mailbox): Making {
    const { mailboxes, v3, v2, clock } = this.#parts;
    return { version, owner, mailboxes, v3, v2, now: Math.floor(clock.now() / 1000), serial: ++this.#serial };
  }
}
