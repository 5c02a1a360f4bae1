import type { Outcome } from '@nylas-otel/nylas-api';
import { processState } from '@nylas-otel/telemetry';
import type { StopReason } from '../policy/decide.ts';
import type { Verdict } from '../policy/verdict.ts';

/** One attempt of a call. Holds nothing of bodies or addresses: fit for a log. */
export interface AttemptReport {
  /** 1 for the first. */
  readonly number: number;
  /** When it began, in Unix milliseconds. */
  readonly startedAt: number;
  /** Until its headers or its failure, in milliseconds. */
  readonly durationMs: number;
  /** What was waited before it: backoff, `Retry-After`, budget and gate together, in milliseconds. */
  readonly delayMs: number;
  /** HTTP status; 0 without an answer. */
  readonly status: number;
  readonly outcome: Outcome;
  /** As on `error.type` in telemetry; undefined on success. */
  readonly errorType: string | undefined;
  /** Nylas's id of the request. */
  readonly requestId: string | undefined;
  /** The server's `Retry-After`, in milliseconds. */
  readonly retryAfterMs: number | undefined;
}

/** What was tried for a call. */
export interface RetryReport {
  readonly attempts: readonly AttemptReport[];
  /** Why it was given up; undefined when it succeeded. */
  readonly stopped: StopReason | undefined;
  /** When the server (or a closed gate) allows the next try, where that is known. */
  readonly retryAt: Date | undefined;
}

const reports = processState('retry-reports', () => new WeakMap<object, RetryReport>());

/**
 * What was tried for a call: pass the error that it threw, or the `Response` that it gave. Undefined for anything that
 * did not go through this package.
 */
export function retryReport(subject: unknown): RetryReport | undefined {
  return (typeof subject === 'object' && subject !== null) || typeof subject === 'function'
    ? reports.get(subject)
    : undefined;
}

/** Makes the report of an attempt. */
export function reportAttempt(
  verdict: Verdict,
  number: number,
  startedAt: number,
  endedAt: number,
  delayMs: number,
): AttemptReport {
  return {
    number,
    startedAt,
    durationMs: endedAt - startedAt,
    delayMs,
    status: verdict.status,
    outcome: verdict.outcome,
    errorType: verdict.errorType,
    requestId: verdict.requestId,
    retryAfterMs: verdict.retryAfterMs,
  };
}

/**
 * Hangs the report on what the caller gets. An error also gets it as the properties `attempts` and `retryAt`: not
 * enumerable, so that an error serialises as before.
 */
export function attachReport(subject: unknown, report: RetryReport): void {
  if (typeof subject !== 'object' || subject === null) return;
  reports.set(subject, report);
  if (!(subject instanceof Error)) return;
  define(subject, 'attempts', report.attempts);
  if (report.retryAt !== undefined) define(subject, 'retryAt', report.retryAt);
}

function define(subject: object, name: string, value: unknown): void {
  // A frozen error keeps its report in the map only.
  if (!Object.isExtensible(subject)) return;
  const own = Object.getOwnPropertyDescriptor(subject, name);
  if (own !== undefined && own.configurable !== true) return;
  Object.defineProperty(subject, name, { value, enumerable: false, configurable: true, writable: true });
}
