import type { Clock } from '../../src/clock.ts';

interface Timer {
  readonly due: number;
  readonly order: number;
  readonly work: () => void;
  cancelled: boolean;
}

const realSetImmediate = setImmediate;

/**
 * Time that passes only when nobody has anything left to do: hours take milliseconds, and every run is the same. Timers
 * that are due together run in the order they were made.
 */
export class VirtualTime implements Clock {
  #now: number;
  #made = 0;
  readonly #heap: Timer[] = [];

  constructor(start = Date.UTC(2026, 0, 1)) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  setTimeout(work: () => void, ms: number): unknown {
    const delay = Number.isFinite(ms) ? Math.max(0, ms) : 0;
    const timer: Timer = { due: this.#now + delay, order: this.#made++, work, cancelled: false };
    this.#push(timer);
    return timer;
  }

  clearTimeout(timer: unknown): void {
    if (timer !== undefined && timer !== null) (timer as Timer).cancelled = true;
  }

  /** Timers that are set and neither fired nor taken back. */
  get pending(): number {
    return this.#heap.filter(({ cancelled }) => !cancelled).length;
  }

  /** Waits `ms` of this time. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.setTimeout(resolve, ms);
    });
  }

  /** Lets time pass until no timer is left, or until `end` (Unix milliseconds). */
  async run(end: number = Number.POSITIVE_INFINITY): Promise<void> {
    for (;;) {
      await settled();
      const next = this.#pop();
      if (next === undefined) return;
      if (next.due > end) {
        this.#push(next);
        this.#now = end;
        return;
      }
      this.#now = Math.max(this.#now, next.due);
      next.work();
    }
  }

  /** Lets time pass until a promise settles, and gives what it gives. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let over = false;
    const done = promise.finally(() => {
      over = true;
    });
    done.catch(() => undefined);
    for (;;) {
      await settled();
      if (over) return done;
      const next = this.#pop();
      if (next === undefined) throw new Error('Nothing is left to happen, and the promise is not settled.');
      this.#now = Math.max(this.#now, next.due);
      next.work();
    }
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    heap.push(timer);
    let index = heap.length - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(timer, heap[parent] as Timer)) break;
      heap[index] = heap[parent] as Timer;
      index = parent;
    }
    heap[index] = timer;
  }

  #pop(): Timer | undefined {
    for (;;) {
      const top = this.#heap[0];
      if (top === undefined) return undefined;
      this.#removeTop();
      if (!top.cancelled) return top;
    }
  }

  #removeTop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Timer;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as Timer, heap[child] as Timer)) child++;
      if (!before(heap[child] as Timer, last)) break;
      heap[index] = heap[child] as Timer;
      index = child;
    }
    heap[index] = last;
  }
}

function before(one: Timer, other: Timer): boolean {
  return one.due < other.due || (one.due === other.due && one.order < other.order);
}

// One turn of the real event loop: promises and ticks that are ready run to their end.
function settled(): Promise<void> {
  return new Promise((resolve) => {
    realSetImmediate(resolve);
  });
}

/** A seeded source of randomness (mulberry32): the same numbers in every run. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
