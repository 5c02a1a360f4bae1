/** Remembers keys for a time, a bounded number of them; the oldest go first. */
export class KeyMemory {
  readonly #keptMs: number;
  readonly #most: number;
  // A set keeps the order in which keys came, so the oldest is the next of an iterator that goes on from call to call: it
  // never walks over what was forgotten, and no second list of keys has to be kept by the garbage collector.
  readonly #known = new Set<string>();
  readonly #oldest = this.#known.values();
  // When each came, in a ring.
  readonly #since: number[] = [];
  #first = 0;

  constructor(keptMs: number, most: number) {
    this.#keptMs = keptMs;
    this.#most = most;
  }

  has(key: string): boolean {
    return this.#known.has(key);
  }

  /** Adds a key that is not known. */
  add(key: string, now: number): void {
    if (this.#known.size >= this.#most) this.#dropFirst();
    let at = this.#first + this.#known.size;
    if (at >= this.#most) at -= this.#most;
    this.#since[at] = now;
    this.#known.add(key);
  }

  /** Forgets what is older than it may be. */
  expire(now: number): void {
    while (this.#known.size > 0 && now - (this.#since[this.#first] as number) > this.#keptMs)
      this.#dropFirst();
  }

  // Only called while a key is left: an iterator that has come to its end stays there.
  #dropFirst(): void {
    this.#known.delete(this.#oldest.next().value as string);
    this.#first = this.#first + 1 === this.#most ? 0 : this.#first + 1;
  }
}
