import type { EventVerdict, InboxCall, ReceivedEvent } from '@nylas-otel/webhooks';
import { NylasWebhookError } from '@nylas-otel/webhooks';
import { sqlState } from '../errors.ts';

/** Stores events in one commit: what is new is kept, what is known is passed over. */
export type StoreBatch = (events: readonly ReceivedEvent[]) => Promise<readonly EventVerdict[]>;

interface Waiting {
  readonly events: readonly ReceivedEvent[];
  readonly signal: AbortSignal;
  readonly resolve: (verdicts: readonly EventVerdict[]) => void;
  readonly reject: (error: unknown) => void;
}

const MOST_EVENTS = 100;
const LONGEST_WAIT_MS = 5;
// While one batch is on its way to the disk, the next ones are made.
const MOST_AT_ONCE = 3;
// Longer than any burst there should be, shorter than a handler should be held up.
const LONGEST_PRESS_MS = 1_000;

/** Gathers deliveries that come at one time into one commit: at most 5 ms or 100 events. */
export class Intake {
  readonly #store: StoreBatch;
  #waiting: Waiting[] = [];
  #events = 0;
  #running = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  #idle: (() => void) | undefined;
  #onCalm: (() => void)[] = [];

  constructor(store: StoreBatch) {
    this.#store = store;
  }

  async accept(events: readonly ReceivedEvent[], call: InboxCall): Promise<readonly EventVerdict[]> {
    if (this.#closed) throw closed();
    if (events.length === 0) return [];
    return await new Promise((resolve, reject) => {
      this.#waiting.push({ events, signal: call.signal, resolve, reject });
      this.#events += events.length;
      this.#schedule();
    });
  }

  /** Resolves when less than a whole batch waits for its turn, within a second in any case. */
  async calm(): Promise<void> {
    if (this.#events < MOST_EVENTS) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LONGEST_PRESS_MS);
      this.#onCalm.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Refuses what comes from now on; resolves when what is in hand is stored. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#running === 0 && this.#waiting.length === 0) return;
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#waiting.length === 0 || this.#running >= MOST_AT_ONCE) return;
    if (this.#events >= MOST_EVENTS || this.#closed) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      void this.#run(this.#take());
      return;
    }
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined;
        if (this.#waiting.length > 0 && this.#running < MOST_AT_ONCE) void this.#run(this.#take());
      },
      // Alone, a delivery waits for nobody but those that came in the same turn.
      this.#running === 0 ? 0 : LONGEST_WAIT_MS,
    );
  }

  #take(): Waiting[] {
    const batch: Waiting[] = [];
    let size = 0;
    while (size < MOST_EVENTS) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      size += next.events.length;
      this.#events -= next.events.length;
      // Nobody waits for it any more: it was answered with 503 and comes again.
      if (next.signal.aborted) next.reject(next.signal.reason);
      else batch.push(next);
    }
    if (this.#events < MOST_EVENTS && this.#onCalm.length > 0) {
      for (const tell of this.#onCalm) tell();
      this.#onCalm = [];
    }
    return batch;
  }

  async #run(batch: readonly Waiting[]): Promise<void> {
    this.#running++;
    try {
      await this.#storeAll(batch);
    } finally {
      this.#running--;
      this.#schedule();
      if (this.#running === 0 && this.#waiting.length === 0) this.#idle?.();
    }
  }

  async #storeAll(batch: readonly Waiting[]): Promise<void> {
    if (batch.length === 0) return;
    try {
      const verdicts = await this.#store(batch.flatMap(({ events }) => events));
      let first = 0;
      for (const { events, resolve } of batch) {
        resolve(verdicts.slice(first, first + events.length));
        first += events.length;
      }
    } catch (error) {
      if (batch.length === 1 || !isAboutData(error)) {
        for (const { reject } of batch) reject(error);
        return;
      }
      // One that the database will not take must not have the others refused with it.
      for (const each of batch) await this.#storeAll([each]);
    }
  }
}

/** Data that cannot be stored (class 22), constraints (23), limits (54): not a database that is away. */
function isAboutData(error: unknown): boolean {
  return /^(22|23|54)/.test(sqlState(error) ?? '');
}

export function closed(): NylasWebhookError {
  return new NylasWebhookError('NYLAS_WEBHOOK_INBOX_CLOSED', 'The store was closed.');
}
