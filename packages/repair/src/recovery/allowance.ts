/** A limit of so many within a window of time. */
export interface AllowanceOptions {
  /** As many as may be used within any window. */
  readonly max: number;
  readonly windowMs: number;
  /** The most that one request is thought to cost. */
  readonly dearest: number;
  /** Requests that may be sent before it is known what they cost. Default 1. */
  readonly unpriced?: number;
}

/**
 * Spreads what requests cost over time, so that no window of the limit, wherever it begins, holds more than is allowed. What
 * a request costs is known when it is answered: until then the dearest is reckoned with. Pure: told the time.
 */
export class Allowance {
  readonly #options: AllowanceOptions;
  #dearest: number;
  /** When all that was used is paid for. */
  #free = 0;

  constructor(options: AllowanceOptions) {
    this.#options = options;
    this.#dearest = options.dearest;
  }

  /** Milliseconds until the next request may be sent; 0 when it may at once. */
  waitMs(now: number): number {
    const { unpriced = 1 } = this.#options;
    return Math.max(0, this.debtMs(now) - (unpriced - 1) * this.#costMs(this.#dearest));
  }

  /** Notes that a request is sent; returns what tells what it cost, when that is known. */
  take(now: number): (cost: number) => void {
    const reckonedMs = this.#costMs(this.#dearest);
    this.#free = Math.max(now, this.#free) + reckonedMs;
    return (cost) => {
      this.#dearest = Math.max(this.#dearest, cost);
      this.#free += this.#costMs(cost) - reckonedMs;
    };
  }

  /** Milliseconds until all that was used is paid for. */
  debtMs(now: number): number {
    const { windowMs } = this.#options;
    // After a whole window nothing of it counts; nor must a clock that was set back stop us for as long.
    if (this.#free - now > windowMs) this.#free = now + windowMs;
    return Math.max(0, this.#free - now);
  }

  /** Takes over what somebody else has used. */
  owe(ms: number, now: number): void {
    this.#free = Math.max(this.#free, now + ms);
  }

  #costMs(cost: number): number {
    const { max, windowMs, unpriced = 1 } = this.#options;
    // Room is kept for requests that are sent at the very end of a window.
    return Math.min(windowMs, (cost * windowMs) / Math.max(1, max - unpriced * this.#dearest));
  }
}
