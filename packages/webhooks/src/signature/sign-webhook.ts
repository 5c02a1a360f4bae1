import { createHmac } from 'node:crypto';

/** The header Nylas puts the signature in; header names are compared without case. */
export const SIGNATURE_HEADER = 'x-nylas-signature';

/**
 * Signs a body as Nylas does: lower-case hex HMAC-SHA256 over the bytes on the wire (for a compressed delivery the gzip
 * bytes).
 *
 * @param body the exact bytes; a string is encoded as UTF-8
 * @param secret the destination's `webhook_secret` (v3) or the application's client secret (v2)
 */
export function signWebhook(body: Uint8Array | string, secret: string): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}
