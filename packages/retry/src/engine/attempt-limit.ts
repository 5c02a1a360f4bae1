import type { Clock } from '../clock.ts';

/** Ends an attempt at the deadline or when the caller aborts. */
export interface AttemptLimit {
  /** For the transport; fires with the deadline's error or the caller's reason. */
  readonly signal: AbortSignal;
  /** Settles when the attempt must end, never otherwise. */
  readonly cut: Promise<'cut'>;
  /** Lets go of clock and caller. */
  release(): void;
}

/**
 * The limit of one attempt; undefined when nothing limits it.
 *
 * @param deadline Unix milliseconds, may be Infinity
 * @param deadlineError made only when the deadline fires
 */
export function limitAttempt(
  clock: Clock,
  deadline: number,
  signal: AbortSignal | undefined,
  deadlineError: () => Error,
): AttemptLimit | undefined {
  if (signal === undefined && !Number.isFinite(deadline)) return undefined;
  const controller = new AbortController();
  let onCut: (outcome: 'cut') => void = () => undefined;
  const cut = new Promise<'cut'>((resolve) => {
    onCut = resolve;
  });
  const end = (reason: unknown): void => {
    controller.abort(reason);
    onCut('cut');
  };
  const onAbort = (): void => end(signal?.reason);
  const timer = Number.isFinite(deadline)
    ? clock.setTimeout(() => end(deadlineError()), deadline - clock.now())
    : undefined;
  signal?.addEventListener('abort', onAbort, { once: true });
  return {
    signal: controller.signal,
    cut,
    release: () => {
      if (timer !== undefined) clock.clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    },
  };
}
