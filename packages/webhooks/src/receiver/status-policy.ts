import type { WebhookOutcome } from '@nylas-otel/semantic-conventions';
import type { EnvelopeFault } from '../envelope/webhook-event.ts';
import type { SignatureFault } from '../signature/verify-signature.ts';

/** Why a delivery was not stored (`error.type` of `nylas.webhook.rejected`): a closed list. */
export type RejectionReason =
  | SignatureFault
  | EnvelopeFault
  | 'body_already_parsed'
  | 'body_changed'
  | 'body_too_large'
  | 'inflated_too_large'
  | 'body_aborted'
  | 'body_timeout'
  | 'deadline'
  | 'overloaded'
  | 'inbox_full'
  | 'inbox_failed'
  | 'inbox_closed'
  | 'unexpected';

/** How a delivery is answered and counted. */
export interface Verdict {
  readonly status: number;
  readonly outcome: WebhookOutcome;
}

/**
 * What each reason is answered with. Nylas delivers again only after 408, 429, 502, 503, 504 and 507, so what may be
 * better the next time is 503 (never 500), and what no retry mends is not.
 */
export const REJECTIONS: { readonly [Reason in RejectionReason]: Verdict } = {
  signature_missing: { status: 401, outcome: 'invalid_signature' },
  signature_malformed: { status: 401, outcome: 'invalid_signature' },
  signature_mismatch: { status: 401, outcome: 'invalid_signature' },
  // Kept in quarantine: a retry would bring the same bytes, and other answers push the destination towards `failing`.
  bad_gzip: { status: 200, outcome: 'unreadable' },
  not_json: { status: 200, outcome: 'unreadable' },
  unknown_shape: { status: 200, outcome: 'unreadable' },
  // Not retried: lost for good, so it is counted apart.
  body_too_large: { status: 413, outcome: 'too_large' },
  inflated_too_large: { status: 413, outcome: 'too_large' },
  // A mistake in the set-up: a retry saves the event if it is mended within minutes.
  body_already_parsed: { status: 503, outcome: 'failed' },
  body_changed: { status: 503, outcome: 'invalid_signature' },
  body_aborted: { status: 503, outcome: 'failed' },
  body_timeout: { status: 503, outcome: 'failed' },
  deadline: { status: 503, outcome: 'overloaded' },
  overloaded: { status: 503, outcome: 'overloaded' },
  inbox_full: { status: 503, outcome: 'overloaded' },
  inbox_failed: { status: 503, outcome: 'failed' },
  inbox_closed: { status: 503, outcome: 'failed' },
  unexpected: { status: 503, outcome: 'failed' },
};

/** What became of one event at the inbox. */
export type EventVerdict = 'accepted' | 'duplicate';

/** The verdict on a delivery that the inbox took: a duplicate only when nothing in it was new. */
export function storedVerdict(events: readonly EventVerdict[]): Verdict {
  return events.includes('accepted') ? STORED : DUPLICATE;
}

const STORED: Verdict = { status: 200, outcome: 'stored' };
const DUPLICATE: Verdict = { status: 200, outcome: 'duplicate' };

/** True for reasons that say that the receiver could not accept, whatever was sent: they make downtime. */
export function isDowntime(reason: RejectionReason): boolean {
  return DOWN.has(reason);
}

const DOWN: ReadonlySet<RejectionReason> = new Set<RejectionReason>([
  'deadline',
  'overloaded',
  'inbox_full',
  'inbox_failed',
  'inbox_closed',
  'unexpected',
]);
