import { RETRYABLE_WEBHOOK_STATUS } from '@nylas-otel/nylas-api';

/** What came back from an attempt. */
export interface AttemptResult {
  /** Status of the answer; 0 when none came. */
  readonly status: number;
  /** `Retry-After` in milliseconds, on a 429. */
  readonly retryAfterMs: number | undefined;
}

/** v3 tries three times, v2 five. */
const ATTEMPTS = { v3: 3, v2: 5 } as const;
/** Milliseconds before the second attempt, at least; the next wait is twice as long, and so on. The spread is added. */
const FIRST_WAIT = { v3: 200_000, v2: 72_000 } as const;
/** v3: the last attempt comes 10 to 20 minutes after the first. v2: about 20. */
const SPREAD = { v3: 200_000, v2: 16_000 } as const;
/** A receiver cannot put a retry off for longer than the retries last. */
const LONGEST_RETRY_AFTER_MS = 1_200_000;

/** Whether Nylas tries again after this answer; also when nobody answered. */
export const isRetryable = ({ status }: AttemptResult): boolean =>
  status === 0 || RETRYABLE_WEBHOOK_STATUS.includes(status);

/**
 * Milliseconds until the next attempt; undefined when there is none.
 * @param attempt number of the attempt that was made, from 1
 * @param results what came back from it
 * @param chance in [0, 1)
 */
export function nextWait(
  version: 'v2' | 'v3',
  attempt: number,
  results: readonly AttemptResult[],
  chance: number,
): number | undefined {
  if (attempt >= ATTEMPTS[version] || !results.some(isRetryable)) return undefined;
  const backOff = (FIRST_WAIT[version] + chance * SPREAD[version]) * 2 ** (attempt - 1);
  const asked = Math.max(0, ...results.map((one) => one.retryAfterMs ?? 0));
  return Math.floor(asked > 0 ? Math.min(asked, LONGEST_RETRY_AFTER_MS) : backOff);
}
