import { encodeId } from './object-id.ts';
import { hashText } from './random.ts';

/** A JSON object as the API prints it. */
export type JsonObject = Record<string, unknown>;

/** Whose objects they are: a v3 grant, a v2 account or the application itself. */
export interface Owner {
  readonly id: string;
  readonly key: number;
  readonly email: string;
  readonly name: string;
  readonly provider: string;
}

/** A sort of object: how many a mailbox has, and how number `index` looks. Newest first. */
export interface Kind {
  /** Unique name, such as `v3.message`. */
  readonly name: string;
  /** Unique number, salt of its ids. */
  readonly code: number;
  /** How many are generated for this owner. */
  count(owner: Owner): number;
  /** Id of number `index`; also called with numbers beyond `count` for created ones. */
  id(owner: Owner, index: number): string;
  /** Number of an id, or -1 for one that was never handed out. */
  indexOf(owner: Owner, id: string): number;
  /** Builds number `index`. */
  build(owner: Owner, index: number): JsonObject;
}

/** A page of a list. */
export interface Page {
  readonly items: readonly JsonObject[];
  /** Where the next page begins; undefined on the last one. */
  readonly next: string | undefined;
}

interface Created {
  readonly serial: number;
  readonly object: JsonObject;
}
/** What clients changed in one mailbox: only this is stored. */
interface Changes {
  readonly created: Map<string, Created>;
  readonly replaced: Map<string, JsonObject>;
  readonly removed: Set<string>;
  serial: number;
}

/** Created objects start here, so that their ids never meet generated ones. */
const CREATED_FROM = 0x40000000;
/** A client that creates without end must not fill the memory: the oldest created objects of a mailbox go first. */
const MAX_CREATED = 10_000;

/** A write to a mailbox. */
export interface Write {
  readonly kind: Kind;
  readonly owner: Owner;
  readonly what: 'created' | 'updated' | 'deleted';
  /** The object as it is now, or as it was before it was deleted. */
  readonly object: JsonObject;
  /** The object before an update. */
  readonly before: JsonObject | undefined;
}

/** All objects of all mailboxes: generated on demand, with the changes that clients made laid over them. */
export class Mailboxes {
  readonly #seed: number;
  readonly #changes = new Map<string, Changes>();
  #listener: ((write: Write) => void) | undefined;
  /** Goes up with every write; answers that were kept are good for one version. */
  version = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Calls back after each write. */
  onWrite(listener: (write: Write) => void): void {
    this.#listener = listener;
  }

  /** The id that the next created object gets. */
  nextId(kind: Kind, owner: Owner): string {
    return kind.id(owner, CREATED_FROM + (this.#changes.get(`${kind.name}:${owner.id}`)?.serial ?? 0));
  }

  /** One object, or undefined. */
  find(kind: Kind, owner: Owner, id: string): JsonObject | undefined {
    const changes = this.#changes.get(`${kind.name}:${owner.id}`);
    if (changes !== undefined) {
      if (changes.removed.has(id)) return undefined;
      const replaced = changes.replaced.get(id) ?? changes.created.get(id)?.object;
      if (replaced !== undefined) return replaced;
    }
    const index = kind.indexOf(owner, id);
    return index >= 0 && index < kind.count(owner) ? kind.build(owner, index) : undefined;
  }

  /**
   * A page, newest first: created objects, then generated ones.
   * @param cursor `next` of the page before, or undefined
   * @returns undefined when the cursor was not made by this list
   */
  page(
    kind: Kind,
    owner: Owner,
    limit: number,
    cursor?: string,
    filter?: (object: JsonObject) => boolean,
  ): Page | undefined {
    const start = cursor === undefined ? Number.MAX_SAFE_INTEGER : this.#openCursor(kind, owner, cursor);
    if (start === undefined) return undefined;
    const items: JsonObject[] = [];
    // A position counts down: created objects have CREATED_FROM + serial, generated ones -1 - index.
    let last = start;
    for (const { position, object } of this.#walk(kind, owner, start)) {
      if (filter !== undefined && !filter(object)) continue;
      if (items.length === limit) return { items, next: this.#sealCursor(kind, owner, last) };
      items.push(object);
      last = position;
    }
    return { items, next: undefined };
  }

  /** Everything that fits, newest first, skipping `offset`. */
  slice(
    kind: Kind,
    owner: Owner,
    offset: number,
    limit: number,
    filter?: (object: JsonObject) => boolean,
  ): JsonObject[] {
    const items: JsonObject[] = [];
    let skip = offset;
    for (const { object } of this.#walk(kind, owner, Number.MAX_SAFE_INTEGER)) {
      if (filter !== undefined && !filter(object)) continue;
      if (skip-- > 0) continue;
      if (items.length === limit) break;
      items.push(object);
    }
    return items;
  }

  /** How many fit. */
  count(kind: Kind, owner: Owner, filter?: (object: JsonObject) => boolean): number {
    let count = 0;
    for (const { object } of this.#walk(kind, owner, Number.MAX_SAFE_INTEGER)) {
      if (filter === undefined || filter(object)) count++;
    }
    return count;
  }

  /** Adds an object; its `id` is invented unless `id` is given. */
  insert(kind: Kind, owner: Owner, object: JsonObject, id?: string): JsonObject {
    const changes = this.#open(kind, owner);
    const serial = changes.serial++;
    const newId = id ?? kind.id(owner, CREATED_FROM + serial);
    const stored = { ...object, id: newId };
    changes.created.set(newId, { serial, object: stored });
    changes.removed.delete(newId);
    if (changes.created.size > MAX_CREATED) {
      changes.created.delete(changes.created.keys().next().value as string);
    }
    this.#wrote({ kind, owner, what: 'created', object: stored, before: undefined });
    return stored;
  }

  /** Lays new values over an object; undefined when there is none. */
  update(kind: Kind, owner: Owner, id: string, values: JsonObject): JsonObject | undefined {
    const object = this.find(kind, owner, id);
    if (object === undefined) return undefined;
    const changes = this.#open(kind, owner);
    const changed = { ...object, ...values, id: object.id };
    const created = changes.created.get(id);
    if (created === undefined) changes.replaced.set(id, changed);
    else changes.created.set(id, { serial: created.serial, object: changed });
    this.#wrote({ kind, owner, what: 'updated', object: changed, before: object });
    return changed;
  }

  /** Removes an object; false when there was none. */
  remove(kind: Kind, owner: Owner, id: string): boolean {
    const object = this.find(kind, owner, id);
    if (object === undefined) return false;
    const changes = this.#open(kind, owner);
    changes.replaced.delete(id);
    if (!changes.created.delete(id)) changes.removed.add(id);
    this.#wrote({ kind, owner, what: 'deleted', object, before: undefined });
    return true;
  }

  /** Takes every change back. */
  clear(): void {
    this.#changes.clear();
    this.version++;
  }

  #wrote(write: Write): void {
    this.version++;
    this.#listener?.(write);
  }

  #open(kind: Kind, owner: Owner): Changes {
    const name = `${kind.name}:${owner.id}`;
    let changes = this.#changes.get(name);
    if (changes === undefined) {
      changes = { created: new Map(), replaced: new Map(), removed: new Set(), serial: 0 };
      this.#changes.set(name, changes);
    }
    return changes;
  }

  *#walk(kind: Kind, owner: Owner, start: number): Generator<{ position: number; object: JsonObject }> {
    const changes = this.#changes.get(`${kind.name}:${owner.id}`);
    if (changes !== undefined && start > 0) {
      const created = [...changes.created.values()].sort((a, b) => b.serial - a.serial);
      for (const { serial, object } of created) {
        const position = CREATED_FROM + serial;
        if (position < start) yield { position, object };
      }
    }
    const count = kind.count(owner);
    for (let index = start > 0 ? 0 : -start; index < count; index++) {
      if (changes === undefined) {
        yield { position: -1 - index, object: kind.build(owner, index) };
        continue;
      }
      const id = kind.id(owner, index);
      if (changes.removed.has(id)) continue;
      yield { position: -1 - index, object: changes.replaced.get(id) ?? kind.build(owner, index) };
    }
  }

  #sealCursor(kind: Kind, owner: Owner, position: number): string {
    const plain = `${position}.${hashText(this.#seed ^ position, kind.name + owner.id)}`;
    return Buffer.from(plain).toString('base64url');
  }

  #openCursor(kind: Kind, owner: Owner, cursor: string): number | undefined {
    const [text, check] = Buffer.from(cursor, 'base64url').toString('latin1').split('.');
    const position = Number(text);
    if (!Number.isSafeInteger(position)) return undefined;
    return Number(check) === hashText(this.#seed ^ position, kind.name + owner.id) ? position : undefined;
  }
}

/** A kind that starts empty: only what clients create. */
export function emptyKind(name: string, code: number, id?: (owner: Owner, index: number) => string): Kind {
  return {
    name,
    code,
    count: () => 0,
    id: id ?? ((owner, index) => encodeId(owner.key, code, index)),
    indexOf: () => -1,
    build: () => ({}),
  };
}
