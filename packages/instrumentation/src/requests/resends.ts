import type { RetryReason } from '@nylas-otel/nylas-api';
import type { Attempt } from './attempt.ts';
import { parentSpanId } from './attempt-span.ts';

interface Failed {
  readonly reason: RetryReason;
  readonly resendCount: number;
  readonly at: number;
}

/** How long after a failure the same request under the same parent counts as its resend, in milliseconds. */
const RESEND_WINDOW_MS = 120_000;
const MOST_REMEMBERED = 1_000;

/** What makes an attempt a resend: said by whoever retries, or inferred. */
export interface ResendFinding {
  readonly count: number;
  /** The reason, when the resend is a retry nobody announced. */
  readonly inferred: RetryReason | undefined;
}

const FIRST: ResendFinding = { count: 0, inferred: undefined };

/**
 * Recognises resends: a later attempt of one operation (a retry after a retryable failure, or a redirect's next hop), or
 * without an operation the same method and path under the same parent span after a retryable failure.
 */
export class Resends {
  readonly #failed = new Map<string, Failed>();

  /** Looks at an attempt that begins. Takes an announced resend from its operation. */
  find(attempt: Attempt): ResendFinding {
    const { operation } = attempt;
    if (operation !== undefined) {
      const announced = operation.nextResend;
      operation.nextResend = undefined;
      const count = operation.requests++;
      if (count > 0) {
        const reason = operation.previous?.retryReason;
        if (announced !== undefined || reason !== undefined) operation.retries++;
        return { count, inferred: announced === undefined ? reason : undefined };
      }
      if (announced !== undefined) return FIRST;
    }
    if (this.#failed.size === 0) return FIRST;
    const key = this.#key(attempt);
    const failed = key === undefined ? undefined : this.#failed.get(key);
    if (key === undefined || failed === undefined) return FIRST;
    this.#failed.delete(key);
    if (attempt.startedAt - failed.at > RESEND_WINDOW_MS) return FIRST;
    return { count: failed.resendCount + 1, inferred: failed.reason };
  }

  /** Remembers an attempt that failed in a way that people retry. */
  failed(attempt: Attempt, reason: RetryReason): void {
    const key = this.#key(attempt);
    if (key === undefined) return;
    if (this.#failed.size >= MOST_REMEMBERED) {
      const [oldest] = this.#failed.keys();
      if (oldest !== undefined) this.#failed.delete(oldest);
    }
    this.#failed.set(key, { reason, resendCount: attempt.resendCount, at: attempt.endedAt });
  }

  /** Forgets a failure that the attempt healed, so that the caller's next call is no resend. */
  succeeded(attempt: Attempt): void {
    if (this.#failed.size === 0) return;
    const key = this.#key(attempt);
    if (key !== undefined) this.#failed.delete(key);
  }

  // The operation's own parent where there is one: the caller's next call has another operation, the same parent.
  #key(attempt: Attempt): string | undefined {
    const parent = attempt.operation?.parentSpanId ?? (attempt.operation ? undefined : parentSpanId(attempt));
    return parent === undefined ? undefined : `${parent} ${attempt.method} ${attempt.path}`;
  }
}
