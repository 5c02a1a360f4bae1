import { AsyncLocalStorage } from 'node:async_hooks';
import { getMaxListeners, setMaxListeners } from 'node:events';
import { processState } from '@nylas-otel/telemetry';
import { NylasRetryOptionsError } from '../errors.ts';
import { integer, milliseconds, refuse } from '../option-checks.ts';

/** What a piece of code allows the Nylas calls made in it. */
export interface RetryLimits {
  /** All calls together end within this time, in milliseconds from now. */
  readonly deadlineMs?: number;
  /** Ends waits and attempts when it fires; calls then reject with its reason. */
  readonly signal?: AbortSignal;
  /** Most attempts of each call; never more than the option `attempts` allows. */
  readonly attempts?: number;
}

/** Limits in force: the deadline is a time. */
export interface LimitsInForce {
  readonly until: number | undefined;
  readonly deadlineMs: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly attempts: number | undefined;
}

const storage = processState('retry-limits', () => new AsyncLocalStorage<LimitsInForce>());
const KNOWN: readonly string[] = ['deadlineMs', 'signal', 'attempts'];

/** The limits of the calling frame. */
export function currentLimits(): LimitsInForce | undefined {
  return storage.getStore();
}

/**
 * Limits the Nylas calls made inside `work`, whichever way they are made. The Nylas SDK has no `signal` of its own; this
 * is how a request handler passes its deadline or its client's abort on. Limits inside limits only tighten.
 *
 * @throws {NylasRetryOptionsError} naming the limit, the type of its value and the fix
 */
export function withRetryLimits<T>(limits: RetryLimits, work: () => T): T {
  for (const name of Object.keys(limits)) {
    if (!KNOWN.includes(name)) {
      throw new NylasRetryOptionsError(name, `Unknown limit ${name}. Known are ${KNOWN.join(', ')}.`);
    }
  }
  const outer = storage.getStore();
  const { signal } = limits;
  if (signal !== undefined && !(signal instanceof AbortSignal)) refuse('signal', signal, 'an AbortSignal');
  const deadlineMs =
    limits.deadlineMs === undefined
      ? undefined
      : milliseconds('deadlineMs', limits.deadlineMs, 0, { positive: true });
  const until = deadlineMs === undefined ? undefined : performance.now() + deadlineMs;
  const attempts =
    limits.attempts === undefined ? undefined : integer('attempts', limits.attempts, 1, 1, 100);
  const tighter = outer?.until !== undefined && (until === undefined || outer.until < until);
  return storage.run(
    {
      until: tighter ? outer.until : until,
      deadlineMs: tighter ? outer.deadlineMs : deadlineMs,
      signal: bothSignals(outer?.signal, signal),
      attempts: least(outer?.attempts, attempts),
    },
    work,
  );
}

/** A signal that fires with the first of two. */
export function bothSignals(
  one: AbortSignal | undefined,
  other: AbortSignal | undefined,
): AbortSignal | undefined {
  if (one === undefined || one === other) return other;
  return other === undefined ? one : AbortSignal.any([one, other]);
}

/**
 * Lets many calls listen to one signal: a signal warns of a leak at the eleventh listener, and a page of a job makes
 * more calls than that. The number is the one that fetch itself sets.
 */
export function mayListen(signal: AbortSignal | undefined): void {
  if (signal !== undefined && getMaxListeners(signal) < MANY_LISTENERS)
    setMaxListeners(MANY_LISTENERS, signal);
}

const MANY_LISTENERS = 1_500;

function least(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined) return other;
  return other === undefined ? one : Math.min(one, other);
}
