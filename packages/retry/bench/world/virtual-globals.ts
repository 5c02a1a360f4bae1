import type { VirtualTime } from './virtual-time.ts';

/**
 * Puts libraries that know no clock of ours into virtual time: they find timers, dates and randomness of the process
 * replaced while `work` runs. Everything is put back afterwards.
 */
export async function withVirtualGlobals<T>(
  time: VirtualTime,
  random: () => number,
  work: () => Promise<T>,
): Promise<T> {
  const saved = {
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
    now: Date.now,
    performanceNow: performance.now,
    random: Math.random,
  };
  const start = time.now();
  globalThis.setTimeout = ((callback: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
    handle(time.setTimeout(() => callback(...args), ms))) as unknown as typeof setTimeout;
  globalThis.clearTimeout = ((timer: unknown) => time.clearTimeout(timer)) as typeof clearTimeout;
  Date.now = () => time.now();
  performance.now = () => time.now() - start;
  Math.random = random;
  try {
    return await work();
  } finally {
    globalThis.setTimeout = saved.setTimeout;
    globalThis.clearTimeout = saved.clearTimeout;
    Date.now = saved.now;
    performance.now = saved.performanceNow;
    Math.random = saved.random;
  }
}

// Node's timers have ref and unref, and libraries call them.
function handle(timer: unknown): unknown {
  return Object.assign(timer as object, { ref: () => timer, unref: () => timer, hasRef: () => true });
}
