import type { AccountSignal } from '@nylas-otel/semantic-conventions';

/** One account to be read again. */
export interface Reread {
  readonly id: string;
  /** What made us doubt; a transition found by the re-read is counted under it. */
  readonly signal: AccountSignal;
  /** How often the re-read failed so far. */
  readonly failures: number;
}

const AGAIN_AFTER_MS = 60_000;
const MOST_WAITING = 1_000;
const MOST_REMEMBERED = 20_000;
const MOST_FAILURES = 3;

/**
 * Accounts to be read again: each waits once however often it is asked for, and is read at most once a minute. What
 * does not fit is dropped; the next poll sees it.
 */
export class RereadQueue {
  readonly #waiting = new Map<string, Reread>();
  /** When an account was last taken up, oldest first. */
  readonly #taken = new Map<string, number>();

  /** Number of accounts that wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Asks for a re-read; false when the account waits already, was read within the minute, or the queue is full. */
  want(id: string, signal: AccountSignal, now: number): boolean {
    for (const [oldest, time] of this.#taken) {
      if (now - time < AGAIN_AFTER_MS && now >= time && this.#taken.size < MOST_REMEMBERED) break;
      this.#taken.delete(oldest);
    }
    if (this.#waiting.has(id) || this.#taken.has(id) || this.#waiting.size >= MOST_WAITING) return false;
    this.#waiting.set(id, { id, signal, failures: 0 });
    return true;
  }

  /** Takes the account that waits longest. */
  next(now: number): Reread | undefined {
    for (const entry of this.#waiting.values()) {
      this.#waiting.delete(entry.id);
      this.#taken.delete(entry.id);
      this.#taken.set(entry.id, now);
      return entry;
    }
    return undefined;
  }

  /** Puts an account back whose re-read failed; dropped after the third time. */
  putBack(entry: Reread): void {
    const failures = entry.failures + 1;
    if (failures < MOST_FAILURES && this.#waiting.size < MOST_WAITING)
      this.#waiting.set(entry.id, { ...entry, failures });
  }

  /** Forgets who waits. */
  clear(): void {
    this.#waiting.clear();
  }
}
