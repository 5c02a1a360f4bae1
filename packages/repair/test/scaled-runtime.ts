import type { Runtime } from '@nylas-otel/accounts/tracking';

/** How a simulator's time runs beside real time. */
export interface TimeScale {
  /** Simulated Unix milliseconds at `realAt`. */
  readonly simulatedAt: number;
  readonly realAt: number;
  /** Simulated milliseconds in a real one. */
  readonly scale: number;
}

/** The time of a simulator in another process: what waits for so long there, waits for as long here. */
export function scaledRuntime({ simulatedAt, realAt, scale }: TimeScale): Runtime {
  return {
    now: () => simulatedAt + (Date.now() - realAt) * scale,
    random: Math.random,
    sleep: (ms, signal) => sleepFor(ms / scale, signal),
  };
}

/** Resolves after so many real milliseconds, or when the signal aborts. */
export function sleepFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
