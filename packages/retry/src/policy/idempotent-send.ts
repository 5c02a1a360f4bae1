/**
 * Sends with an `Idempotency-Key`, by the rules of Nylas (developer.nylas.com/docs/v3/email/idempotent-send, 2026-04-28):
 * a key is remembered for one hour per grant, with the answer, **errors too**; a request with a key whose first request
 * still runs is answered 409 `concurrent_idempotent_request`; a replayed answer carries `Idempotent-Response: true`.
 */

/** What became of a send, as far as its idempotency goes. */
export type SendFailure =
  /** No answer: reset, time-out, 408. It may have been sent. */
  | 'no_answer'
  /** 409 `concurrent_idempotent_request`: the first request with this key still runs. */
  | 'still_running'
  /** 429, and no earlier attempt with this key can have been accepted. */
  | 'limited'
  /** 429, but an earlier attempt with this key went unanswered: the limit may stand before the key store. */
  | 'limited_after_doubt'
  /** 429 that the key store replayed: the first request was limited, nothing was sent. */
  | 'limited_replayed'
  /** 5xx of Nylas itself: it may have been sent, and the key store may know. */
  | 'nylas_error'
  /** 5xx of Nylas itself, replayed by the key store: this is the real result. */
  | 'nylas_error_replayed'
  /** 5xx or 504 the mail provider caused: it may have been delivered, and the same key only replays the error. */
  | 'provider_error';

/** What to do about a send that failed. */
export interface SendRule {
  /** `never`: the caller gets the error. `opt_in`: only with `resendProviderFailures`. */
  readonly resend: 'yes' | 'never' | 'opt_in';
  /** The key of the next attempt. */
  readonly key: 'same' | 'new';
  /** True when this attempt may have been accepted although it failed. */
  readonly doubtful: boolean;
}

/** The decision table. The README shows the same rows. */
export const SEND_RULES: Readonly<Record<SendFailure, SendRule>> = {
  no_answer: { resend: 'yes', key: 'same', doubtful: true },
  still_running: { resend: 'yes', key: 'same', doubtful: true },
  limited: { resend: 'yes', key: 'new', doubtful: false },
  limited_after_doubt: { resend: 'yes', key: 'same', doubtful: true },
  limited_replayed: { resend: 'yes', key: 'new', doubtful: false },
  nylas_error: { resend: 'yes', key: 'same', doubtful: true },
  nylas_error_replayed: { resend: 'never', key: 'same', doubtful: true },
  provider_error: { resend: 'opt_in', key: 'new', doubtful: true },
};

/** A send in progress: its key, since when, and whether an attempt with it may have been accepted. */
export interface SendState {
  readonly key: string;
  /** When the key was sent first, in Unix milliseconds. */
  readonly firstSentAt: number;
  readonly doubtful: boolean;
}

/**
 * How long after its first use a key may be used again: Nylas forgets it after one hour, and would then send a second
 * time. Ten minutes are left for an attempt that takes long to arrive.
 */
export const KEY_LIFETIME_MS: number = 50 * 60 * 1000;
