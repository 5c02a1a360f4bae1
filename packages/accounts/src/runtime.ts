/** Time and chance, passed in so that a test can hold them. */
export interface Runtime {
  /** Unix milliseconds. */
  now(): number;
  /** From 0 to 1. */
  random(): number;
  /**
   * Resolves after `ms` milliseconds or when `signal` aborts, never rejects.
   *
   * @param holding true when the process should stay alive for it
   */
  sleep(ms: number, signal: AbortSignal, holding: boolean): Promise<void>;
}

// setTimeout turns longer delays into 1 ms.
const LONGEST_MS = 2 ** 31 - 1;

/** The clock, timers and randomness of the process. */
export const processRuntime: Runtime = {
  now: () => Date.now(),
  random: () => Math.random(),
  sleep: (ms, signal, holding) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, Math.min(ms, LONGEST_MS));
      if (!holding) timer.unref();
      signal.addEventListener('abort', end);
    }),
};
