/** Remembers keys for a time, a bounded number of them; the oldest go first. */
export class KeyMemory {
  readonly #keptMs: number;
  readonly #most: number;
  readonly #known = new Set<string>();
  // A ring in the order they came: two flat lists, as an object a key would be one more for the garbage collector to keep.
  readonly #keys: string[] = [];
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
    this.#keys[at] = key;
    this.#since[at] = now;
    this.#known.add(key);
  }

  /** Forgets what is older than it may be. */
  expire(now: number): void {
    while (this.#known.size > 0 && now - (this.#since[this.#first] as number) > this.#keptMs)
      this.#dropFirst();
  }

  #dropFirst(): void {
    this.#known.delete(this.#keys[this.#first] as string);
    this.#keys[this.#first] = '';
    this.#first = (this.#first + 1) % this.#most;
  }
}
