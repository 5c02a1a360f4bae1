import type { IncomingMessage, ServerResponse } from 'node:http';
import type { WebhookOptions } from '../receiver/options.ts';
import { receiverOf, type WebhookReceiver } from '../receiver/receiver.ts';
import { nodeHeaders, nodeRequest } from './node-http.ts';

/** What is needed of Koa's context. */
export interface KoaContextLike {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly path: string;
  status: number;
  body: unknown;
  set(headers: { [name: string]: string }): void;
}

/** A Koa middleware. */
export interface KoaWebhooks {
  (context: KoaContextLike, next: () => Promise<unknown>): Promise<void>;
  readonly receiver: WebhookReceiver;
}

const REMEDY =
  'Use koaWebhooks() before koa-bodyparser or koa-body: app.use(koaWebhooks({...}, { path: "/webhooks/nylas" })).';

/**
 * Receives webhooks in Koa, with a `path` as a middleware of the application (before body parsers), without one as a
 * handler of a router.
 *
 * @throws {NylasWebhookError} for options that cannot be used
 */
export function koaWebhooks(
  options: WebhookOptions | WebhookReceiver,
  { path }: { readonly path?: string } = {},
): KoaWebhooks {
  const receiver = receiverOf(options);
  const handle = async (context: KoaContextLike, next: () => Promise<unknown>): Promise<void> => {
    if (path !== undefined && context.path !== path) {
      await next();
      return;
    }
    const answer = await receiver.receive(nodeRequest(context.req, REMEDY));
    if (context.res.headersSent) return;
    context.status = answer.status;
    context.body = answer.body;
    // After the body: Koa derives headers of its own from it.
    context.set(nodeHeaders(context.req, answer));
  };
  return Object.assign(handle, { receiver });
}
