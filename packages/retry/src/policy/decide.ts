import type { RetryReason } from '@nylas-otel/nylas-api';
import { fullJitter, type Random } from './backoff.ts';
import type { ResendKind } from './budget.ts';
import {
  KEY_LIFETIME_MS,
  SEND_RULES,
  type SendFailure,
  type SendRule,
  type SendState,
} from './idempotent-send.ts';
import type { Verdict } from './verdict.ts';

/** The numbers of the policy; see `RetryOptions`. */
export interface PolicyNumbers {
  readonly attempts: number;
  readonly baseDelayMs: number;
  readonly throttleDelayMs: number;
  readonly maxDelayMs: number;
  readonly resendProviderFailures: boolean;
}

/** What is asked of the policy after each attempt. */
export interface Situation {
  readonly verdict: Verdict;
  /** True when method or opt-in allow to send this request again (a send with a key is judged by its table). */
  readonly methodAllowed: boolean;
  /** True when the body can be sent again. */
  readonly replayable: boolean;
  /** The send in progress; undefined for everything that is not an idempotent send. */
  readonly send: SendState | undefined;
  /** True when the caller gave the key: we must not replace it. */
  readonly keyIsCallers: boolean;
  /** Attempts made so far, without those that only asked for a send that still ran. */
  readonly attempts: number;
  /** Resends made so far, of every kind. */
  readonly resends: number;
  readonly now: number;
  /** Latest time at which an attempt may begin, in Unix milliseconds. */
  readonly deadline: number;
}

/** Why a failed call is not tried again. */
export type StopReason =
  /** Not a failure that passes: 401, an invalid grant, 404, ... */
  | 'not_retryable'
  /** The method is not safe to repeat and nobody opted in. */
  | 'method'
  /** The body is a stream, it is gone. */
  | 'body'
  /** The send may have been delivered, or its real result is known. */
  | 'send'
  /** The `Idempotency-Key` would be too old: Nylas forgets it after an hour. */
  | 'key_expired'
  /** As often as allowed. */
  | 'attempts'
  /** The next attempt would begin after the deadline. */
  | 'deadline'
  /** The retry budget is used up. */
  | 'budget'
  /** Too many wait for the same rate limit. */
  | 'queue'
  /** The caller aborted. */
  | 'aborted';

/** What to do after an attempt. */
export type Decision =
  | { readonly action: 'done' }
  | { readonly action: 'stop'; readonly why: StopReason; readonly retryAt?: number | undefined }
  | {
      readonly action: 'retry';
      readonly reason: RetryReason;
      readonly kind: ResendKind;
      /** Wait from now, in milliseconds; never below the server's `Retry-After`. */
      readonly delayMs: number;
      /** The key of the next attempt of a send. */
      readonly key: 'same' | 'new' | undefined;
      /** Whether attempts with the present key may have been accepted. */
      readonly doubtful: boolean;
    };

// A send that still runs at Nylas: its provider may take 90 s, so ask every few seconds.
const POLL_BASE_MS = 1_000;
const POLL_CAP_MS = 5_000;

/** What is never tried again, whatever anybody says: the answer stays the same until a human acts. */
const FINAL_STATUS: ReadonlySet<number> = new Set([400, 401, 402, 403, 404, 410, 422, 423]);

/** Decides what to do after an attempt. Pure: the same situation and the same random number give the same decision. */
export function decide(situation: Situation, policy: PolicyNumbers, random: Random): Decision {
  const { verdict, send } = situation;
  if (verdict.outcome === 'success') return { action: 'done' };
  const retryAt = verdict.retryAfterMs === undefined ? undefined : situation.now + verdict.retryAfterMs;
  const stop = (why: StopReason): Decision => ({ action: 'stop', why, retryAt });

  if (verdict.outcome === 'cancelled') return stop('aborted');
  if (verdict.outcome === 'invalid_credentials' || FINAL_STATUS.has(verdict.status))
    return stop('not_retryable');
  const polling = send !== undefined && verdict.stillRunning;
  // Without a key of ours there is no send to ask for.
  if (!polling && (!verdict.retryable || verdict.stillRunning)) return stop('not_retryable');

  const rule = send === undefined ? undefined : SEND_RULES[sendFailure(verdict, send)];
  if (rule === undefined) {
    if (!situation.methodAllowed) return stop('method');
  } else if (!maySendAgain(rule, policy, situation.keyIsCallers)) {
    return stop('send');
  }
  if (!situation.replayable) return stop('body');
  if (!polling && situation.attempts >= policy.attempts) return stop('attempts');

  const throttled = polling || verdict.status === 429 || verdict.status === 503;
  const delayMs = wait(situation, policy, random, polling, throttled);
  if (situation.now + delayMs >= situation.deadline)
    return { action: 'stop', why: 'deadline', retryAt: retryAt ?? situation.now + delayMs };
  if (
    send !== undefined &&
    rule?.key === 'same' &&
    situation.now + delayMs > send.firstSentAt + KEY_LIFETIME_MS
  )
    return stop('key_expired');
  return {
    action: 'retry',
    reason: verdict.retryReason ?? 'server_error',
    kind: polling || verdict.status === 429 ? 'throttle' : 'outage',
    delayMs,
    key: rule?.key,
    doubtful:
      rule === undefined || send === undefined
        ? false
        : rule.key === 'same' && (send.doubtful || rule.doubtful),
  };
}

/** Which row of the decision table a failed send is. */
function sendFailure(verdict: Verdict, send: SendState): SendFailure {
  if (verdict.status === 0 || verdict.status === 408) return 'no_answer';
  if (verdict.stillRunning) return 'still_running';
  if (verdict.status === 429) {
    if (verdict.replayed) return 'limited_replayed';
    return send.doubtful ? 'limited_after_doubt' : 'limited';
  }
  if (verdict.providerCaused) return 'provider_error';
  return verdict.replayed ? 'nylas_error_replayed' : 'nylas_error';
}

function maySendAgain(rule: SendRule, policy: PolicyNumbers, keyIsCallers: boolean): boolean {
  if (rule.key === 'new' && keyIsCallers) return false;
  return rule.resend === 'yes' || (rule.resend === 'opt_in' && policy.resendProviderFailures);
}

function wait(
  situation: Situation,
  policy: PolicyNumbers,
  random: Random,
  polling: boolean,
  throttled: boolean,
): number {
  const floor = situation.verdict.retryAfterMs ?? 0;
  const base = throttled ? policy.throttleDelayMs : policy.baseDelayMs;
  const backoff = polling
    ? POLL_BASE_MS + fullJitter(situation.resends, POLL_BASE_MS, POLL_CAP_MS - POLL_BASE_MS, random)
    : fullJitter(situation.attempts - 1, base, policy.maxDelayMs, random);
  // A floor for everybody is a herd at its end: those who come later than it keep their jitter on top.
  return floor === 0 ? backoff : floor + Math.min(backoff, base);
}
