import type { WebhookOptions } from '../receiver/options.ts';
import type { WebhookReceiver } from '../receiver/receiver.ts';
import { fetchWebhooks } from './fetch.ts';

/** What is needed of Hono's context. */
export interface HonoContextLike {
  readonly req: { readonly raw: Request };
}

/** A handler for a Hono route. */
export interface HonoWebhooks {
  (context: HonoContextLike): Promise<Response>;
  readonly receiver: WebhookReceiver;
}

/**
 * Receives webhooks in Hono: `app.all('/webhooks/nylas', honoWebhooks({...}))`.
 *
 * @throws {NylasWebhookError} for options that cannot be used
 */
export function honoWebhooks(options: WebhookOptions | WebhookReceiver): HonoWebhooks {
  const handle = fetchWebhooks(options);
  return Object.assign((context: HonoContextLike) => handle(context.req.raw), { receiver: handle.receiver });
}
