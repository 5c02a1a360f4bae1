/** Stable codes of {@link NylasWebhookError}, for programs. */
export type NylasWebhookErrorCode =
  | 'NYLAS_WEBHOOK_INVALID_OPTION'
  | 'NYLAS_WEBHOOK_MEMORY_INBOX_IN_PRODUCTION'
  | 'NYLAS_WEBHOOK_BODY_ALREADY_PARSED'
  | 'NYLAS_WEBHOOK_BODY_CHANGED'
  | 'NYLAS_WEBHOOK_BODY_TOO_LARGE'
  | 'NYLAS_WEBHOOK_BODY_ABORTED'
  | 'NYLAS_WEBHOOK_DEADLINE'
  | 'NYLAS_WEBHOOK_OVERLOADED'
  | 'NYLAS_WEBHOOK_INBOX_FULL'
  | 'NYLAS_WEBHOOK_INBOX_CLOSED'
  | 'NYLAS_WEBHOOK_INBOX_BROKEN'
  | 'NYLAS_WEBHOOK_UNEXPECTED';

/** Anything this package throws or hands to `onError`. The message says what to do; it never holds a payload. */
export class NylasWebhookError extends Error {
  override readonly name = 'NylasWebhookError';
  readonly code: NylasWebhookErrorCode;

  constructor(code: NylasWebhookErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The error for an option that cannot be used. */
export function invalidOption(option: string, wanted: string): NylasWebhookError {
  return new NylasWebhookError('NYLAS_WEBHOOK_INVALID_OPTION', `Webhook option \`${option}\`: ${wanted}`);
}

/**
 * The error for a body that somebody read before us: the signature is over the exact bytes, which are gone.
 *
 * @param culprit who probably read it
 * @param remedy how to mount the receiver
 */
export function bodyAlreadyParsed(culprit: string, remedy: string): NylasWebhookError {
  return new NylasWebhookError(
    'NYLAS_WEBHOOK_BODY_ALREADY_PARSED',
    `The request body was already parsed (${culprit}), so the bytes that Nylas signed are gone. ${remedy}`,
  );
}
