import type { WebhookResponse } from './exchange.ts';

/** An answer with words, for whoever looks at it by hand. */
export function text(status: number, body: string, more: Record<string, string> = {}): WebhookResponse {
  return {
    status,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'content-length': String(Buffer.byteLength(body)),
      'x-content-type-options': 'nosniff',
      // Compression would chunk the challenge, which Nylas refuses.
      'cache-control': 'no-store, no-transform',
      ...more,
    },
    body,
  };
}

/** Most answers. Nothing is said of a body that there is not. */
export const ACCEPTED: WebhookResponse = { status: 200, headers: { 'content-length': '0' }, body: '' };
