/**
 * A binary heap whose items know their place, so that any of them is removed in O(log n) and nothing stale stays
 * inside.
 */
export class MinHeap<T> {
  readonly #items: T[] = [];
  readonly #before: (a: T, b: T) => boolean;
  readonly #placed: (item: T, index: number) => void;

  /**
   * @param before true when `a` comes out before `b`
   * @param placed told where an item is now; -1 when it left. {@link remove} needs that number.
   */
  constructor(before: (a: T, b: T) => boolean, placed: (item: T, index: number) => void = () => {}) {
    this.#before = before;
    this.#placed = placed;
  }

  /** Number of items. */
  get size(): number {
    return this.#items.length;
  }

  /** The first item, left inside. */
  peek(): T | undefined {
    return this.#items[0];
  }

  /** The item at a place of the heap; the two after it are at `2 * index + 1` and `2 * index + 2`. */
  at(index: number): T | undefined {
    return this.#items[index];
  }

  /** All items, in no order. */
  items(): Iterable<T> {
    return this.#items;
  }

  push(item: T): void {
    this.#items.push(item);
    this.#rise(item, this.#items.length - 1);
  }

  /** Takes the first item out. */
  pop(): T | undefined {
    const first = this.#items[0];
    if (first !== undefined) this.remove(0);
    return first;
  }

  /** Takes out the item at `index`. */
  remove(index: number): void {
    const removed = this.#items[index];
    if (removed === undefined) return;
    const last = this.#items.pop();
    if (last === undefined) return;
    this.#placed(removed, -1);
    if (removed === last) return;
    if (index > 0 && this.#before(last, this.#items[(index - 1) >> 1] as T)) this.#rise(last, index);
    else this.#sink(last, index);
  }

  #rise(item: T, from: number): void {
    let index = from;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = this.#items[above] as T;
      if (!this.#before(item, parent)) break;
      this.#put(parent, index);
      index = above;
    }
    this.#put(item, index);
  }

  #sink(item: T, from: number): void {
    let index = from;
    for (;;) {
      let below = 2 * index + 1;
      const left = this.#items[below];
      if (left === undefined) break;
      const right = this.#items[below + 1];
      let child = left;
      if (right !== undefined && this.#before(right, left)) {
        child = right;
        below++;
      }
      if (!this.#before(child, item)) break;
      this.#put(child, index);
      index = below;
    }
    this.#put(item, index);
  }

  #put(item: T, index: number): void {
    this.#items[index] = item;
    this.#placed(item, index);
  }
}
