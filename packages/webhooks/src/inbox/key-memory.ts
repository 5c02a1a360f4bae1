const SMALLEST = 64;

/**
 * Remembers keys for a time, a bounded number of them; the oldest go first.
 *
 * A ring in the order in which keys came, and a hash table (open addressing, half full at most) of places in it. A `Set` from
 * which the oldest are taken is built anew all the time, and costs a delivery more than its signature.
 */
export class KeyMemory {
  readonly #keptMs: number;
  readonly #most: number;
  #keys: (string | undefined)[] = new Array(SMALLEST);
  #times = new Float64Array(SMALLEST);
  #hashes = new Int32Array(SMALLEST);
  /** Places in the ring, each plus 1; 0 is empty. */
  #table = new Int32Array(2 * SMALLEST);
  #oldest = 0;
  #size = 0;

  /** @param most keys it holds, at least 1 */
  constructor(keptMs: number, most: number) {
    this.#keptMs = keptMs;
    this.#most = most;
  }

  has(key: string): boolean {
    return this.#table[this.#find(key, hashOf(key))] !== 0;
  }

  /** Adds a key; false when it is known already. */
  add(key: string, now: number): boolean {
    const hash = hashOf(key);
    let slot = this.#find(key, hash);
    if (this.#table[slot] !== 0) return false;
    if (this.#size === this.#most) {
      this.#dropOldest();
      slot = this.#find(key, hash);
    } else if (this.#size === this.#keys.length) {
      this.#grow();
      slot = this.#find(key, hash);
    }
    const place = (this.#oldest + this.#size) & (this.#keys.length - 1);
    this.#keys[place] = key;
    this.#times[place] = now;
    this.#hashes[place] = hash;
    this.#table[slot] = place + 1;
    this.#size++;
    return true;
  }

  /** Forgets what is older than it must be. */
  expire(now: number): void {
    while (this.#size > 0 && now - (this.#times[this.#oldest] as number) > this.#keptMs) this.#dropOldest();
  }

  /** The slot of a key, or the empty one where it would go. */
  #find(key: string, hash: number): number {
    const mask = this.#table.length - 1;
    let slot = hash & mask;
    for (;;) {
      const place = (this.#table[slot] as number) - 1;
      if (place === -1 || (this.#hashes[place] === hash && this.#keys[place] === key)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #dropOldest(): void {
    const place = this.#oldest;
    const mask = this.#table.length - 1;
    let slot = (this.#hashes[place] as number) & mask;
    while (this.#table[slot] !== place + 1) slot = (slot + 1) & mask;
    this.#free(slot);
    this.#keys[place] = undefined;
    this.#oldest = (place + 1) & (this.#keys.length - 1);
    this.#size--;
  }

  /** Empties a slot, and moves up those after it that a search would no longer reach (Knuth, volume 3, 6.4, algorithm R). */
  #free(slot: number): void {
    const mask = this.#table.length - 1;
    let empty = slot;
    for (let next = (empty + 1) & mask; this.#table[next] !== 0; next = (next + 1) & mask) {
      const home = (this.#hashes[(this.#table[next] as number) - 1] as number) & mask;
      if (((next - home) & mask) < ((next - empty) & mask)) continue;
      this.#table[empty] = this.#table[next] as number;
      empty = next;
    }
    this.#table[empty] = 0;
  }

  /** Twice the room. Only when it is full, so the ring is copied from its oldest on. */
  #grow(): void {
    const { length } = this.#keys;
    const keys = [...this.#keys.slice(this.#oldest), ...this.#keys.slice(0, this.#oldest)];
    this.#keys = [...keys, ...new Array<undefined>(length)];
    this.#times = turned(this.#times, new Float64Array(2 * length), this.#oldest);
    this.#hashes = turned(this.#hashes, new Int32Array(2 * length), this.#oldest);
    this.#table = new Int32Array(4 * length);
    this.#oldest = 0;
    for (let place = 0; place < length; place++) {
      this.#table[this.#find(keys[place] as string, this.#hashes[place] as number)] = place + 1;
    }
  }
}

/** A ring from its oldest on, in a larger array. */
function turned<T extends Float64Array | Int32Array>(ring: T, larger: T, oldest: number): T {
  larger.set(ring.subarray(oldest));
  larger.set(ring.subarray(0, oldest), ring.length - oldest);
  return larger;
}

/** FNV-1a over code units, its bits mixed once more: the table takes the low ones. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5 | 0;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  return hash ^ (hash >>> 15);
}
