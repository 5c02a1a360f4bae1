import { NylasWebhookError, type NylasWebhookErrorCode } from '../errors.ts';
import type { RejectionReason } from './status-policy.ts';

/** A delivery that was not stored, and the error to tell of it. */
export interface Rejected {
  readonly kind: 'rejected';
  readonly reason: RejectionReason;
  readonly error?: NylasWebhookError;
}

const REASONS: { readonly [Code in NylasWebhookErrorCode]?: RejectionReason } = {
  NYLAS_WEBHOOK_BODY_ALREADY_PARSED: 'body_already_parsed',
  NYLAS_WEBHOOK_BODY_CHANGED: 'body_changed',
  NYLAS_WEBHOOK_BODY_TOO_LARGE: 'body_too_large',
  NYLAS_WEBHOOK_BODY_ABORTED: 'body_aborted',
  NYLAS_WEBHOOK_DEADLINE: 'deadline',
  NYLAS_WEBHOOK_OVERLOADED: 'overloaded',
  NYLAS_WEBHOOK_INBOX_FULL: 'inbox_full',
  NYLAS_WEBHOOK_INBOX_CLOSED: 'inbox_closed',
  NYLAS_WEBHOOK_INBOX_BROKEN: 'inbox_failed',
};

/** A delivery that is refused for a reason. */
export function rejected(reason: RejectionReason, error?: NylasWebhookError): Rejected {
  return error === undefined ? { kind: 'rejected', reason } : { kind: 'rejected', reason, error };
}

/** What an inbox throws, at once or later, is told from our own mistakes. */
export function inboxFailure(error: unknown): unknown {
  return codeOf(error) === undefined ? inboxBroken(error) : error;
}

/** The error for an inbox that fails without one of ours. */
export function inboxBroken(cause: unknown): NylasWebhookError {
  return new NylasWebhookError(
    'NYLAS_WEBHOOK_INBOX_BROKEN',
    'The inbox did not store a webhook delivery; it was answered with 503 so that Nylas sends it again. See `cause`.',
    { cause },
  );
}

/** What was thrown on the way of a delivery, as the reason it was not stored. */
export function failed(error: unknown): Rejected {
  const code = codeOf(error);
  if (code !== undefined) return rejected(REASONS[code] ?? 'unexpected', error as NylasWebhookError);
  const wrapped = new NylasWebhookError(
    'NYLAS_WEBHOOK_UNEXPECTED',
    'A webhook delivery failed for a reason nobody thought of; it was answered with 503 so that Nylas sends it again. ' +
      'See `cause`.',
    { cause: error },
  );
  return rejected('unexpected', wrapped);
}

/** The code of an error of ours. */
export function codeOf(error: unknown): NylasWebhookErrorCode | undefined {
  // By name: an inbox may bring another copy of this package.
  return error instanceof Error && error.name === 'NylasWebhookError'
    ? (error as NylasWebhookError).code
    : undefined;
}
