/**
 * Time as the policy sees it. Everything that waits or asks the time does it through a clock, so that tests and
 * simulations run hours in milliseconds and always the same way.
 */
export interface Clock {
  /** Unix time in milliseconds. */
  now(): number;
  /** Calls `work` once, `ms` milliseconds from now. Returns what {@link Clock.clearTimeout} takes. */
  setTimeout(work: () => void, ms: number): unknown;
  /** Takes back what {@link Clock.setTimeout} began. */
  clearTimeout(timer: unknown): void;
}

// setTimeout fires at once above 2^31 - 1 ms; a Retry-After of a month must not become none.
const LONGEST_TIMER_MS = 2_147_483_647;

interface ChainedTimer {
  handle: ReturnType<typeof setTimeout> | undefined;
}

/**
 * The clock of the process. Its timers keep the process alive: somebody awaits the call that waits. A timer never
 * fires early, whatever its length.
 */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout(work, ms) {
    const due = Date.now() + ms;
    const timer: ChainedTimer = { handle: undefined };
    const arm = (left: number): void => {
      timer.handle = setTimeout(
        () => {
          const rest = due - Date.now();
          // Timers of Node may fire up to a millisecond early.
          if (rest > 0) arm(rest);
          else work();
        },
        Math.min(Math.max(left, 0), LONGEST_TIMER_MS),
      );
    };
    arm(ms);
    return timer;
  },
  clearTimeout(timer) {
    clearTimeout((timer as ChainedTimer | undefined)?.handle);
  },
};
