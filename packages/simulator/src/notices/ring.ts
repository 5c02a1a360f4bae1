/** A list that forgets its oldest entries above a size; adding is O(1). */
export class Ring<T> {
  readonly #max: number;
  #entries: T[] = [];

  constructor(max: number) {
    this.#max = max;
  }

  /** Adds an entry. */
  add(entry: T): void {
    this.#entries.push(entry);
    // A tenth at a time, so that no entry pays for moving all others.
    if (this.#entries.length > this.#max * 1.1) this.#entries = this.#entries.slice(-this.#max);
  }

  /** The entries, oldest first. */
  list(): readonly T[] {
    return this.#entries.slice(-this.#max);
  }

  /** Forgets them. */
  clear(): void {
    this.#entries = [];
  }
}
