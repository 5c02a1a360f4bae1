/** What must be sent before a process ends. Never rejects. */
export type Flush = () => Promise<void>;

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * Flushes when the process is asked to end (`SIGTERM`, `SIGINT`) and when it has nothing left to do, for at most
 * `timeoutMillis`, and leaves the end itself to the host: where the host listens to the signal, it decides; where nobody
 * does, the signal's default follows after the flush.
 *
 * @returns what takes this back
 */
export function flushOnExit(flush: Flush, timeoutMillis: number): () => void {
  const undo = SIGNALS.map((signal) => {
    const listener = (): void => void onSignal(signal, flush, timeoutMillis);
    // First and only once: libraries that count listeners to decide whether to end (signal-exit) then find the same
    // number as without us, and a second Ctrl-C ends the process at once.
    process.prependOnceListener(signal, listener);
    return () => process.removeListener(signal, listener);
  });
  const listener = (): void => void onIdle(flush, timeoutMillis);
  process.once('beforeExit', listener);
  return () => {
    for (const remove of undo) remove();
    process.removeListener('beforeExit', listener);
  };
}

async function onSignal(signal: NodeJS.Signals, flush: Flush, timeoutMillis: number): Promise<void> {
  const hostDecides = process.listenerCount(signal) > 0;
  // Holds the process, which would else end as if nobody had asked it to.
  await within(flush(), timeoutMillis);
  if (!hostDecides) process.kill(process.pid, signal);
}

async function onIdle(flush: Flush, timeoutMillis: number): Promise<void> {
  const alone = process.listenerCount('beforeExit') === 0;
  if (await within(flush(), timeoutMillis)) return;
  // The host has nothing left to do; only an export that hangs keeps the process. Another listener may have more to do.
  if (alone) process.exit();
}

/** True when the work was done in time. */
async function within(work: Promise<void>, timeoutMillis: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, timeoutMillis, false);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
