import { NylasWebhookError } from '../errors.ts';
import type { InboxCall } from '../inbox/inbox.ts';
import type { BodyLimits } from './exchange.ts';

/** What a receiver may have in hand at one time. */
export interface InHandLimits {
  readonly maxInFlight: number;
  readonly maxInFlightBytes: number;
  readonly maxBodyBytes: number;
  readonly deadlineMs: number;
}

/**
 * All deliveries of a receiver that are not answered yet: bounds their number and memory, and ends those whose time is up.
 * One timer for all, seldom set: a timer for each would cost more than all its promises.
 */
export class DeliveriesInHand {
  readonly limits: InHandLimits;
  // In the order they fall due, each linked to the next: a set that one enters and leaves costs several times as much.
  #first: DeliveryInHand | undefined;
  #last: DeliveryInHand | undefined;
  #size = 0;
  #bytes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(limits: InHandLimits) {
    this.limits = limits;
  }

  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Lets a delivery in.
   *
   * @param now a reading of `performance.now()`
   * @throws {NylasWebhookError} `NYLAS_WEBHOOK_OVERLOADED` when too much is in hand
   */
  enter(now: number): DeliveryInHand {
    const { maxInFlight, maxInFlightBytes, deadlineMs } = this.limits;
    // What a sender only announces is not held against others: whoever announces much would shed everybody.
    if (this.#size >= maxInFlight || this.#bytes >= maxInFlightBytes) throw overloaded();
    const delivery = new DeliveryInHand(this, now + deadlineMs, this.#last);
    if (this.#last === undefined) this.#first = delivery;
    else this.#last.next = delivery;
    this.#last = delivery;
    this.#size++;
    if (this.#timer === undefined) this.#wait(deadlineMs);
    return delivery;
  }

  /** Lets a delivery go with all its memory. */
  leave(delivery: DeliveryInHand): void {
    if (delivery.hasLeft) return;
    delivery.hasLeft = true;
    this.#bytes -= delivery.bytes;
    this.#size--;
    const { previous, next } = delivery;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    // An inbox may keep it, as the call it was given: not all that came before and after, too.
    delivery.previous = undefined;
    delivery.next = undefined;
  }

  /** {@link DeliveryInHand.take} */
  take(delivery: DeliveryInHand, bytes: number): void {
    // A reader that goes on after its delivery was answered gets nothing more.
    if (delivery.hasLeft || this.#bytes + bytes > this.limits.maxInFlightBytes) throw overloaded();
    this.#bytes += bytes;
    delivery.bytes += bytes;
  }

  // Never keeps a process alive.
  #wait(ms: number): void {
    this.#timer = setTimeout(() => this.#look(), ms).unref();
  }

  #look(): void {
    this.#timer = undefined;
    const now = performance.now();
    let delivery = this.#first;
    while (delivery !== undefined) {
      // Read first: who is told to give up may leave at once.
      const { next } = delivery;
      if (!delivery.isLate) {
        if (delivery.due > now) {
          this.#wait(Math.ceil(delivery.due - now));
          return;
        }
        delivery.end(late(this.limits.deadlineMs));
      }
      delivery = next;
    }
  }
}

/** One delivery that is not answered yet: what its body's reader and the inbox must keep to. */
export class DeliveryInHand implements BodyLimits, InboxCall {
  /** When its time is up, on the clock of `performance.now()`. */
  readonly due: number;
  /** What it holds in memory. */
  bytes = 0;
  /** True once it is answered. */
  hasLeft = false;
  /** Neighbours among all deliveries in hand; kept by {@link DeliveriesInHand}. */
  previous: DeliveryInHand | undefined;
  next: DeliveryInHand | undefined;
  readonly #all: DeliveriesInHand;
  #giveUp: ((error: NylasWebhookError) => void) | undefined;
  #abort: AbortController | undefined;
  #late: NylasWebhookError | undefined;

  constructor(all: DeliveriesInHand, due: number, previous: DeliveryInHand | undefined) {
    this.#all = all;
    this.due = due;
    this.previous = previous;
  }

  get maxBytes(): number {
    return this.#all.limits.maxBodyBytes;
  }

  get isLate(): boolean {
    return this.#late !== undefined;
  }

  /** Made when somebody asks, as most inboxes do not. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#late !== undefined) this.#abort.abort(this.#late);
    }
    return this.#abort.signal;
  }

  take(bytes: number): void {
    this.#all.take(this, bytes);
  }

  onLate(giveUp: (error: NylasWebhookError) => void): void {
    if (this.#late === undefined) this.#giveUp = giveUp;
    else giveUp(this.#late);
  }

  race<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.onLate(reject);
      work.then(resolve, reject);
    });
  }

  /** Its time is up. */
  end(late: NylasWebhookError): void {
    this.#late = late;
    this.#giveUp?.(late);
    this.#abort?.abort(late);
  }
}

function overloaded(): NylasWebhookError {
  return new NylasWebhookError(
    'NYLAS_WEBHOOK_OVERLOADED',
    'Too many webhook deliveries are in hand; this one was answered with 503 so that Nylas sends it again. ' +
      'If it lasts: add replicas, a faster inbox, or raise `maxInFlight` or `maxInFlightBytes`.',
  );
}

function late(deadlineMs: number): NylasWebhookError {
  return new NylasWebhookError(
    'NYLAS_WEBHOOK_DEADLINE',
    `A webhook delivery was not stored within ${deadlineMs} ms; it was answered with 503 so that Nylas sends it again.`,
  );
}
