import type { RetryReason } from '@nylas-otel/nylas-api';
import type { Attempt } from './attempt.ts';
import { SLOTS, slotOf } from './span-slots.ts';

interface Failed {
  readonly method: string;
  readonly path: string;
  readonly reason: RetryReason;
  readonly resendCount: number;
  readonly at: number;
}

/** How long after a failure the same request under the same parent counts as its resend, in milliseconds. */
const RESEND_WINDOW_MS = 120_000;
const MOST_PARENTS = 1_000;
const MOST_A_PARENT = 32;

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
  // By the parent's span id, which exists already: joining it with the path would cost every request a hashed string.
  readonly #failed = new Map<string, Failed[]>();
  // How many of those parents fall in each slot: nearly every request is told from it alone that its parent has none.
  readonly #parents = new Uint16Array(SLOTS);

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
    const failed = this.#take(attempt);
    if (failed === undefined || attempt.startedAt - failed.at > RESEND_WINDOW_MS) return FIRST;
    return { count: failed.resendCount + 1, inferred: failed.reason };
  }

  /** Remembers an attempt that failed in a way that people retry. */
  failed(attempt: Attempt, reason: RetryReason): void {
    const parent = parentOf(attempt);
    if (parent === undefined) return;
    let failures = this.#failed.get(parent);
    if (failures === undefined) {
      if (this.#failed.size >= MOST_PARENTS) {
        const [oldest] = this.#failed.keys();
        if (oldest !== undefined) this.#forget(oldest);
      }
      failures = [];
      this.#failed.set(parent, failures);
      this.#parents[slotOf(parent)]!++;
    }
    if (failures.length >= MOST_A_PARENT) failures.shift();
    const { method, path, resendCount, endedAt: at } = attempt;
    failures.push({ method, path, reason, resendCount, at });
  }

  /** Forgets a failure that the attempt healed, so that the caller's next call is no resend. */
  succeeded(attempt: Attempt): void {
    if (this.#failed.size > 0) this.#take(attempt);
  }

  /** Takes out the failure of the same method and path under the same parent. */
  #take(attempt: Attempt): Failed | undefined {
    const parent = parentOf(attempt);
    if (parent === undefined || this.#parents[slotOf(parent)] === 0) return undefined;
    const failures = this.#failed.get(parent);
    if (failures === undefined) return undefined;
    const at = failures.findIndex(({ method, path }) => method === attempt.method && path === attempt.path);
    if (at < 0) return undefined;
    const [failed] = failures.splice(at, 1);
    if (failures.length === 0) this.#forget(parent);
    return failed;
  }

  #forget(parent: string): void {
    if (this.#failed.delete(parent)) this.#parents[slotOf(parent)]!--;
  }
}

// The operation's own parent where there is one: the caller's next call has another operation, the same parent.
function parentOf(attempt: Attempt): string | undefined {
  return (attempt.operation ?? attempt).parentSpanId;
}
