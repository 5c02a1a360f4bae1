import type { AttemptReport } from './engine/report.ts';

/** An option that is not valid. The message names the option, what it got and what it wants. */
export class NylasRetryOptionsError extends TypeError {
  override readonly name = 'NylasRetryOptionsError';
  /** Stable code for programs. */
  readonly code = 'NYLAS_RETRY_INVALID_OPTION';
  /** The option, with its path: `budget.ratio`. */
  readonly option: string;

  constructor(option: string, message: string) {
    super(message);
    this.option = option;
  }
}

/**
 * A request that was not sent, because a rate limit that is known already would have refused it: the gate of its grant
 * stays closed longer than the caller may wait, or too many wait for it. Shaped like the SDK's own error for a 429, so
 * that code which handles one handles the other.
 */
export class NylasHeldBackError extends Error {
  override readonly name = 'NylasHeldBackError';
  /** Stable code for programs. */
  readonly code = 'NYLAS_HELD_BACK';
  readonly statusCode = 429;
  readonly type = 'rate_limit_error';
  /** When the gate opens at the earliest. */
  readonly retryAt: Date;
  /** Attempts of this call before; none when it never was sent. Not enumerable, as on the SDK's errors. */
  declare readonly attempts: readonly AttemptReport[];

  constructor(retryAt: number, why: 'deadline' | 'queue') {
    super(
      why === 'deadline'
        ? `Nylas limits this grant until ${isoTime(retryAt)}, after this call's deadline, so the request was not sent. ` +
            'Try again at error.retryAt, or allow more with the option deadlineMs.'
        : `Too many requests wait for a rate limit of this grant, so this one was not sent. Send fewer at a time, or try again at ${isoTime(retryAt)} (error.retryAt).`,
    );
    this.retryAt = new Date(retryAt);
  }
}

/**
 * The deadline passed while an attempt was under way or waited for its turn, and there is no answer of Nylas to give.
 */
export class NylasDeadlineError extends Error {
  override readonly name = 'NylasDeadlineError';
  /** Stable code for programs. */
  readonly code = 'NYLAS_DEADLINE';
  /** The deadline, in milliseconds from the start of the call. */
  readonly deadlineMs: number;
  /** The attempts of the call. Not enumerable, as on the SDK's errors. */
  declare readonly attempts: readonly AttemptReport[];

  constructor(deadlineMs: number) {
    super(
      `No answer from Nylas within the deadline of ${Math.round(deadlineMs)} ms (option deadlineMs, or withRetryLimits). ` +
        'error.attempts says what was tried.',
    );
    this.deadlineMs = deadlineMs;
  }
}

function isoTime(time: number): string {
  // A Retry-After of centuries is no valid date.
  return Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : 'a time out of reach';
}
