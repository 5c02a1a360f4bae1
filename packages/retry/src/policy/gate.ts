import type { RateLimitSource } from '@nylas-otel/nylas-api';

/** How a request that a half-open gate let through came back. */
export type Passage = 'answered' | 'limited' | 'not_sent';

// Wide enough for any mailbox: from here on the gate is gone.
const OPEN_FROM = 32;

/**
 * What holds the requests of one grant and endpoint class back after a 429. Closed until a time; then half open: one
 * request is let through, one more at a time for each answer that is no limit (1, 2, 4, 8 a round), so that those who
 * waited do not run into the limit together. A pure state machine; who waits is kept elsewhere.
 */
export class Gate {
  /** Who set the limit that closed it last. */
  source: RateLimitSource;
  /** How often it was closed in a row. */
  level = 0;
  #closedUntil: number;
  #permits = 1;
  #inFlight = 0;

  constructor(source: RateLimitSource, closedUntil: number) {
    this.source = source;
    this.#closedUntil = closedUntil;
  }

  /** When the first request may pass, in Unix milliseconds. Never moves back. */
  get closedUntil(): number {
    return this.#closedUntil;
  }

  isClosed(now: number): boolean {
    return now < this.#closedUntil;
  }

  /** Another 429. Many may arrive for what was sent before the first: they lengthen the wait, they are one closing. */
  close(now: number, until: number, source: RateLimitSource): void {
    if (!this.isClosed(now)) this.level++;
    this.#closedUntil = Math.max(this.#closedUntil, until);
    this.#permits = 1;
    this.source = source;
  }

  /** Lets one request through, when the gate is half open and fewer than allowed are under way. */
  tryEnter(now: number): boolean {
    if (this.isClosed(now) || this.#inFlight >= this.#permits) return false;
    this.#inFlight++;
    return true;
  }

  /** A request that was let through came back. True when the gate has served its time and can be dropped. */
  leave(now: number, passage: Passage): boolean {
    this.#inFlight--;
    if (passage === 'answered' && !this.isClosed(now)) this.#permits++;
    return this.isOpen(now);
  }

  /** The requests let through take long: let one more try, so that a stalled one does not hold everybody up. */
  allowOneMore(): void {
    this.#permits = this.#inFlight + 1;
  }

  isOpen(now: number): boolean {
    return !this.isClosed(now) && this.#permits >= OPEN_FROM;
  }

  /** True when nothing is under way through it. */
  get idle(): boolean {
    return this.#inFlight === 0;
  }
}
