/**
 * Remembers keys for at least a time, a bounded number of them; the oldest go first, half of what it holds at a time.
 *
 * Two sets that take turns: a set from which the oldest is taken one by one is built anew all the time.
 */
export class KeyMemory {
  readonly #keptMs: number;
  readonly #half: number;
  #young = new Set<string>();
  #old = new Set<string>();
  // When the last key of each came.
  #youngUntil = 0;
  #oldUntil = 0;

  /** @param most keys it holds (at least 2); the newest half of that is always known */
  constructor(keptMs: number, most: number) {
    this.#keptMs = keptMs;
    this.#half = Math.max(1, Math.floor(most / 2));
  }

  has(key: string): boolean {
    return this.#young.has(key) || this.#old.has(key);
  }

  /** Adds a key; false when it is known already. */
  add(key: string, now: number): boolean {
    if (this.#old.has(key)) return false;
    // Not asked for first: in a large set each look is a walk through cold memory.
    const before = this.#young.size;
    const { size } = this.#young.add(key);
    if (size === before) return false;
    this.#youngUntil = now;
    if (size === this.#half) this.#age();
    return true;
  }

  /** Forgets what is older than it must be, as soon as nothing younger is kept with it. */
  expire(now: number): void {
    if (now - this.#oldUntil <= this.#keptMs) return;
    if (this.#old.size > 0) this.#old = new Set();
    if (this.#young.size > 0 && now - this.#youngUntil > this.#keptMs) this.#young = new Set();
  }

  #age(): void {
    this.#old = this.#young;
    this.#oldUntil = this.#youngUntil;
    this.#young = new Set();
  }
}
