import type { WebhookOptions } from '../receiver/options.ts';
import type { WebhookReceiver } from '../receiver/receiver.ts';
import { fetchWebhooks } from './fetch.ts';

/** The handlers of a Next.js route file. */
export interface NextWebhooks {
  readonly GET: (request: Request) => Promise<Response>;
  readonly POST: (request: Request) => Promise<Response>;
  readonly receiver: WebhookReceiver;
}

/**
 * Receives webhooks in a Next.js route handler, `app/webhooks/nylas/route.ts`:
 * `export const { GET, POST } = nextWebhooks({...})`, with `export const runtime = 'nodejs'`.
 *
 * @throws {NylasWebhookError} for options that cannot be used
 */
export function nextWebhooks(options: WebhookOptions | WebhookReceiver): NextWebhooks {
  const handle = fetchWebhooks(options);
  return { GET: handle, POST: handle, receiver: handle.receiver };
}
