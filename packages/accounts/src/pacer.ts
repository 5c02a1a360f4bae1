/** Spaces requests evenly, so that a sweep never comes near the application's rate limit. Pure: told the time. */
export class Pacer {
  readonly #spacingMs: number;
  #free = 0;

  /** @param requestsPerSecond highest rate of requests */
  constructor(requestsPerSecond: number) {
    this.#spacingMs = 1_000 / requestsPerSecond;
  }

  /** Milliseconds until the next request may start; 0 when it may at once. */
  waitMs(now: number): number {
    // A clock that was set back must not stop us for as long.
    if (this.#free - now > this.#spacingMs) this.#free = now + this.#spacingMs;
    return Math.max(0, this.#free - now);
  }

  /** Notes that a request starts. */
  take(now: number): void {
    this.#free = Math.max(now, this.#free) + this.#spacingMs;
  }
}

/** A pause that grows with every failure in a row. */
export interface BackoffShape {
  /** Pause after the first failure, in milliseconds. */
  readonly firstMs: number;
  readonly mostMs: number;
}

/**
 * The pause after `failures` failures in a row, in milliseconds: doubled each time, between half of it and all of it,
 * so that replicas that failed together do not come back together.
 *
 * @param random from 0 to 1
 */
export function backoffMs(failures: number, shape: BackoffShape, random: number): number {
  const whole = Math.min(shape.mostMs, shape.firstMs * 2 ** Math.max(0, Math.min(failures, 30) - 1));
  return whole * (0.5 + random / 2);
}

/** An interval that differs by up to a tenth either way, so that replicas drift apart. */
export function jittered(intervalMs: number, random: number): number {
  return intervalMs * (0.9 + random / 5);
}
