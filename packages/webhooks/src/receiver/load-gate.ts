import { NylasWebhookError } from '../errors.ts';

/** Bounds what all deliveries of a receiver hold in memory at one time. */
export class LoadGate {
  readonly #maxDeliveries: number;
  readonly #maxBytes: number;
  #deliveries = 0;
  #bytes = 0;

  constructor(maxDeliveries: number, maxBytes: number) {
    this.#maxDeliveries = maxDeliveries;
    this.#maxBytes = maxBytes;
  }

  get deliveries(): number {
    return this.#deliveries;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Lets a delivery in.
   *
   * @throws {NylasWebhookError} `NYLAS_WEBHOOK_OVERLOADED` when too much is in hand
   */
  enter(): LoadTicket {
    // What a sender only announces is not held against others: whoever announces much would shed everybody.
    if (this.#deliveries >= this.#maxDeliveries || this.#bytes >= this.#maxBytes) throw overloaded();
    this.#deliveries++;
    let held = 0;
    let left = false;
    return {
      take: (bytes) => {
        // A reader that goes on after its delivery was answered gets nothing more.
        if (left || this.#bytes + bytes > this.#maxBytes) throw overloaded();
        this.#bytes += bytes;
        held += bytes;
      },
      leave: () => {
        if (left) return;
        left = true;
        this.#deliveries--;
        this.#bytes -= held;
      },
    };
  }
}

/** A delivery's share of a {@link LoadGate}. */
export interface LoadTicket {
  /** Takes memory; throws `NYLAS_WEBHOOK_OVERLOADED` when none is left. */
  take(bytes: number): void;
  /** Gives everything back; a second time does nothing. */
  leave(): void;
}

function overloaded(): NylasWebhookError {
  return new NylasWebhookError(
    'NYLAS_WEBHOOK_OVERLOADED',
    'Too many webhook deliveries are in hand; this one was answered with 503 so that Nylas sends it again. ' +
      'If it lasts: add replicas, a faster inbox, or raise `maxInFlight` or `maxInFlightBytes`.',
  );
}
