const SHORTEST_PREFIX = 1_024;

/** Remembers keys for a time, a bounded number of them; the oldest go first. */
export class KeyMemory {
  readonly #keptMs: number;
  readonly #most: number;
  readonly #known = new Set<string>();
  // In the order they came. A Map would be that too, but walks over all it has deleted at its front, each time.
  #order: { readonly key: string; readonly since: number }[] = [];
  #first = 0;

  /**
   * @param keptMs how long a key is known, in milliseconds
   * @param most how many keys are known
   */
  constructor(keptMs: number, most: number) {
    this.#keptMs = keptMs;
    this.#most = most;
  }

  has(key: string): boolean {
    return this.#known.has(key);
  }

  /** Adds a key that is not known. */
  add(key: string, now: number): void {
    while (this.#known.size >= this.#most) this.#dropFirst();
    this.#known.add(key);
    this.#order.push({ key, since: now });
  }

  /** Forgets what is older than it may be. */
  expire(now: number): void {
    for (
      let oldest = this.#order[this.#first];
      oldest !== undefined && now - oldest.since > this.#keptMs;
      oldest = this.#order[this.#first]
    )
      this.#dropFirst();
  }

  #dropFirst(): void {
    const oldest = this.#order[this.#first];
    if (oldest === undefined) return;
    this.#known.delete(oldest.key);
    this.#first++;
    if (this.#first >= SHORTEST_PREFIX && this.#first * 2 >= this.#order.length) {
      this.#order = this.#order.slice(this.#first);
      this.#first = 0;
    }
  }
}
