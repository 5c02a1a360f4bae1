import { hashOf, hashText, hex8 } from '../data/random.ts';

/** One change of a v2 mailbox. */
export interface Delta {
  readonly object: string;
  readonly id: string;
  readonly event: 'create' | 'modify' | 'delete';
  /** Unix seconds. */
  readonly time: number;
  /** Absent on deletion. */
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/** A part of an account's changes. */
export interface DeltaPage {
  readonly cursorStart: string;
  readonly cursorEnd: string;
  readonly deltas: readonly (Delta & { readonly cursor: string })[];
}

interface Journal {
  readonly deltas: Delta[];
  /** Position of the first kept delta. */
  first: number;
}

/** Older changes of an account are forgotten above this. */
const MAX_KEPT = 10_000;
/** Deltas are kept for two weeks. */
const KEPT_SECONDS = 14 * 86_400;

/** What changed in each v2 account, with cursors. */
export class DeltaJournal {
  readonly #seed: number;
  readonly #now: () => number;
  readonly #journals = new Map<string, Journal>();
  readonly #listeners = new Map<string, Set<() => void>>();

  /** @param now the simulator's clock, Unix milliseconds */
  constructor(seed: number, now: () => number) {
    this.#seed = seed;
    this.#now = now;
  }

  /** Adds a change and wakes those who wait for one. */
  add(accountId: string, delta: Delta): void {
    let journal = this.#journals.get(accountId);
    if (journal === undefined) {
      journal = { deltas: [], first: 0 };
      this.#journals.set(accountId, journal);
    }
    journal.deltas.push(delta);
    if (journal.deltas.length > MAX_KEPT) {
      journal.deltas.shift();
      journal.first++;
    }
    for (const wake of this.#listeners.get(accountId) ?? []) wake();
  }

  /** The cursor behind the newest change. */
  latest(accountId: string): string {
    const journal = this.#kept(accountId);
    return this.#cursor(accountId, journal === undefined ? 0 : journal.first + journal.deltas.length);
  }

  /** The cursor before the first change at or after a time. */
  at(accountId: string, time: number): string {
    const journal = this.#kept(accountId);
    if (journal === undefined) return this.#cursor(accountId, 0);
    const index = journal.deltas.findIndex((delta) => delta.time >= time);
    return this.#cursor(accountId, journal.first + (index < 0 ? journal.deltas.length : index));
  }

  /**
   * The changes after a cursor; undefined when the cursor is not one of ours, or when changes behind it are two weeks old
   * and gone. `0` is the beginning of what is kept.
   */
  after(
    accountId: string,
    cursor: string,
    limit: number,
    fits: (delta: Delta) => boolean,
  ): DeltaPage | undefined {
    const journal = this.#kept(accountId);
    const first = journal?.first ?? 0;
    const position = cursor === '0' ? first : this.#position(accountId, cursor);
    if (position === undefined || position < first) return undefined;
    const deltas: (Delta & { cursor: string })[] = [];
    let end = position;
    for (const delta of journal?.deltas.slice(position - first) ?? []) {
      if (deltas.length === limit) break;
      end++;
      if (fits(delta)) deltas.push({ ...delta, cursor: this.#cursor(accountId, end) });
    }
    return {
      cursorStart: cursor,
      cursorEnd: end === position ? cursor : this.#cursor(accountId, end),
      deltas,
    };
  }

  /** Calls back at the next change of an account; the returned function ends the wait. */
  onChange(accountId: string, wake: () => void): () => void {
    let listeners = this.#listeners.get(accountId);
    if (listeners === undefined) {
      listeners = new Set();
      this.#listeners.set(accountId, listeners);
    }
    listeners.add(wake);
    return () => {
      listeners.delete(wake);
      if (listeners.size === 0) this.#listeners.delete(accountId);
    };
  }

  /** Forgets every change. */
  clear(): void {
    this.#journals.clear();
  }

  /** The journal without what is too old. */
  #kept(accountId: string): Journal | undefined {
    const journal = this.#journals.get(accountId);
    if (journal === undefined) return undefined;
    const since = this.#now() / 1000 - KEPT_SECONDS;
    const keep = journal.deltas.findIndex((delta) => delta.time >= since);
    const old = keep < 0 ? journal.deltas.length : keep;
    if (old > 0) {
      journal.deltas.splice(0, old);
      journal.first += old;
    }
    return journal;
  }

  #cursor(accountId: string, position: number): string {
    const key = hashText(this.#seed, accountId);
    return `${hex8(position ^ key)}${hex8(hashOf(key, 900, position))}`;
  }

  #position(accountId: string, cursor: string): number | undefined {
    if (cursor.length !== 16) return undefined;
    const masked = Number.parseInt(cursor.slice(0, 8), 16);
    const position = (masked ^ hashText(this.#seed, accountId)) >>> 0;
    return this.#cursor(accountId, position) === cursor ? position : undefined;
  }
}
