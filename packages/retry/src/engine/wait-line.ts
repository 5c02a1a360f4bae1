import type { Clock } from '../clock.ts';

/** How a wait may end without what was waited for. */
export type WaitFailure = 'deadline' | 'aborted';

interface Waiter<T> {
  readonly deadline: number;
  /** Leaves the line with an outcome. */
  readonly leave: (outcome: T | WaitFailure) => void;
}

/** Those who wait for one thing, first come first served. Each leaves at its own deadline or when its caller aborts. */
export class WaitLine<T extends object> {
  readonly #clock: Clock;
  // A Set keeps the order of arrival and lets anybody leave from the middle.
  readonly #waiting = new Set<Waiter<T>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get length(): number {
    return this.#waiting.size;
  }

  /** Waits for {@link WaitLine.serve}, at most until `deadline` (Unix milliseconds). */
  wait(deadline: number, signal: AbortSignal | undefined): Promise<T | WaitFailure> {
    if (signal?.aborted === true) return Promise.resolve('aborted');
    return new Promise((resolve) => {
      const onAbort = (): void => waiter.leave('aborted');
      const timer = Number.isFinite(deadline)
        ? this.#clock.setTimeout(() => waiter.leave('deadline'), deadline - this.#clock.now())
        : undefined;
      const waiter: Waiter<T> = {
        deadline,
        leave: (outcome) => {
          if (timer !== undefined) this.#clock.clearTimeout(timer);
          signal?.removeEventListener('abort', onAbort);
          this.#waiting.delete(waiter);
          resolve(outcome);
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.add(waiter);
    });
  }

  /** Gives the first in line what it waits for; false when nobody waits. */
  serve(what: T): boolean {
    const [first] = this.#waiting;
    if (first === undefined) return false;
    first.leave(what);
    return true;
  }

  /** Sends everybody away who may not wait until `time`. */
  dismissBefore(time: number): void {
    for (const waiter of [...this.#waiting]) {
      if (waiter.deadline <= time) waiter.leave('deadline');
    }
  }
}

/** Waits `ms` milliseconds; true when the time passed, false when the caller aborted before. */
export function sleep(clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<boolean> {
  if (signal?.aborted === true) return Promise.resolve(false);
  return new Promise((resolve) => {
    const onAbort = (): void => {
      clock.clearTimeout(timer);
      resolve(false);
    };
    const timer = clock.setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve(true);
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
