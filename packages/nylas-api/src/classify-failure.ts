import { CANCELLED_CODES, LASTING_CODES, TIMEOUT_CODES, TRANSIENT_CODES } from './network-error-types.ts';
import type { RetryReason } from './outcomes.ts';
import { property, textProperty } from './untrusted.ts';

/** What a request that got no answer died of. */
export interface FailureClass {
  readonly outcome: 'timeout' | 'network_error' | 'cancelled';
  /** One of `NETWORK_ERROR_TYPES` or `_OTHER`; undefined when the caller cancelled, which is no error. */
  readonly errorType: string | undefined;
  /** Whether sending again may help. Whether it is safe (method, idempotency) is for the one who sends. */
  readonly retryable: boolean;
  /** Set whenever `retryable` is true. */
  readonly retryReason: RetryReason | undefined;
}

const CANCELLED: FailureClass = {
  outcome: 'cancelled',
  errorType: undefined,
  retryable: false,
  retryReason: undefined,
};
const TIMEOUT: FailureClass = {
  outcome: 'timeout',
  errorType: 'timeout',
  retryable: true,
  retryReason: 'timeout',
};
const UNKNOWN = lasting('_OTHER');

// An error's own words in the order they are worth hearing: a known code says more than the class around it.
const BY_CODE = new Map<string, FailureClass>([
  ...TIMEOUT_CODES.map((code): [string, FailureClass] => [code, TIMEOUT]),
  ...CANCELLED_CODES.map((code): [string, FailureClass] => [code, CANCELLED]),
  ...TRANSIENT_CODES.map((code): [string, FailureClass] => [code, transient(code)]),
  ...LASTING_CODES.map((code): [string, FailureClass] => [code, lasting(code)]),
]);
const BY_NAME = new Map<string, FailureClass>([
  ['TimeoutError', TIMEOUT],
  ['NylasSdkTimeoutError', TIMEOUT],
  ['AbortError', CANCELLED],
  ['CanceledError', CANCELLED],
  ['CancelError', CANCELLED],
]);
// What a fetch without a cause says of a broken connection: undici, Chromium, Safari, Firefox. No class or code does.
const FETCH_FAILURES = new Set([
  'fetch failed',
  'terminated',
  'Failed to fetch',
  'network error',
  'Load failed',
  'NetworkError when attempting to fetch resource.',
]);
const FETCH_FAILED = transient('TypeError');

// Chains are two or three long; the bounds are for cycles and hostile ones.
const MOST_ERRORS = 32;
const MOST_OF_AGGREGATE = 8;

/**
 * Why a request got no answer, from whatever was thrown or published: errors of undici, Node, node-fetch, axios, got and
 * browsers, the SDK's `NylasSdkTimeoutError` (known by its shape, as its `name` is "Error"), `DOMException`s, causes and
 * aggregates around them, strings.
 *
 * - The outermost code that is known decides. An unknown error is `network_error`, `_OTHER`, not retryable.
 * - An abort is the caller's own, unless a time-out is its cause (`AbortSignal.timeout` hides behind an abort).
 * - So is anything that is no error: only a caller's `abort(reason)` rejects with such. Among them is undici's
 *   "Response object has been garbage collected".
 *
 * SDK 6 reports its own time-out as node-fetch's `AbortError`, which looks like any abort: who knows better (the SDK was
 * given no signal) has to say so.
 *
 * Never throws. Nothing of the error's text is in the result.
 */
export function classifyFailure(error: unknown): FailureClass {
  if (typeof error === 'string') return BY_CODE.get(error) ?? CANCELLED;
  if (error === undefined) return UNKNOWN;
  if (typeof error !== 'object' || error === null) return CANCELLED;
  const queue: unknown[] = [error];
  let cancelled = false;
  let guessed: FailureClass | undefined;
  for (let index = 0; index < queue.length && index < MOST_ERRORS; index++) {
    const current = queue[index];
    const known = classifyOne(current);
    if (known === CANCELLED) cancelled = true;
    else if (known !== undefined && !(cancelled && known !== TIMEOUT)) return known;
    // The innermost class: what is wrapped says more than the wrapper.
    guessed = guess(current) ?? guessed;
    push(queue, current);
  }
  return cancelled ? CANCELLED : (guessed ?? UNKNOWN);
}

function push(queue: unknown[], error: unknown): void {
  const cause = property(error, 'cause');
  if (typeof cause === 'object' && cause !== null) queue.push(cause);
  const errors = property(error, 'errors');
  for (let index = 0; index < MOST_OF_AGGREGATE; index++) {
    const inner = property(errors, `${index}`);
    if (typeof inner === 'object' && inner !== null) queue.push(inner);
  }
}

function classifyOne(error: unknown): FailureClass | undefined {
  const name = textProperty(error, 'name');
  const byName = name === undefined ? undefined : BY_NAME.get(name);
  if (byName !== undefined) return byName;
  const className = textProperty(property(error, 'constructor'), 'name');
  if (className === 'NylasSdkTimeoutError' || isSdkTimeout(error)) return TIMEOUT;
  // The code of a DOMException is a number from another age; its name has said all.
  if (className === 'DOMException') return name === undefined ? undefined : BY_CODE.get(name);
  const code = textProperty(error, 'code');
  if (code === 'ECONNABORTED' && textProperty(error, 'message')?.startsWith('timeout')) return TIMEOUT; // axios
  // A wrapper's word for "see the cause".
  if (code === 'ERR_NETWORK' && property(error, 'cause') !== undefined) return undefined;
  const byCode = code === undefined ? undefined : BY_CODE.get(code);
  if (byCode !== undefined) return byCode;
  const type = textProperty(error, 'type');
  return type === undefined || type === 'system' ? undefined : BY_CODE.get(type); // node-fetch
}

// A bundler may have renamed the class; no other error of the SDK has both.
function isSdkTimeout(error: unknown): boolean {
  return typeof property(error, 'timeout') === 'number' && typeof property(error, 'url') === 'string';
}

function guess(error: unknown): FailureClass | undefined {
  const name = textProperty(error, 'name');
  if (name === 'TypeError' && FETCH_FAILURES.has(textProperty(error, 'message') ?? '')) return FETCH_FAILED;
  return name === undefined ? undefined : BY_CODE.get(name);
}

function transient(errorType: string): FailureClass {
  return { outcome: 'network_error', errorType, retryable: true, retryReason: 'network_error' };
}

function lasting(errorType: string): FailureClass {
  return { outcome: 'network_error', errorType, retryable: false, retryReason: undefined };
}
