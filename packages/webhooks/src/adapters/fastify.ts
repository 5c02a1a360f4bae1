import type { IncomingMessage } from 'node:http';
import type { WebhookOptions } from '../receiver/options.ts';
import { receiverOf, type WebhookReceiver } from '../receiver/receiver.ts';
import { nodeHeaders, nodeRequest } from './node-http.ts';

/** What is needed of a Fastify instance. */
export interface FastifyLike {
  all(path: string, options: { onRequest: FastifyHook }, handler: FastifyHook): unknown;
}

/** What is needed of Fastify's reply. */
export interface FastifyReplyLike {
  code(status: number): FastifyReplyLike;
  headers(headers: Record<string, string>): FastifyReplyLike;
  send(body: string): FastifyReplyLike;
}

/** A Fastify hook or handler that answers. */
export type FastifyHook = (
  request: { readonly raw: IncomingMessage },
  reply: FastifyReplyLike,
) => Promise<FastifyReplyLike>;

/** A Fastify plugin. */
export interface FastifyWebhooks {
  (fastify: FastifyLike, options?: unknown): Promise<void>;
  readonly receiver: WebhookReceiver;
}

const REMEDY =
  'Something read the request in an earlier onRequest hook; let it pass over the path of the webhooks.';

/**
 * Receives webhooks in Fastify 5: `fastify.register(fastifyWebhooks({...}), { prefix: '/webhooks/nylas' })`.
 *
 * It answers before Fastify parses: its parsers refuse compressed deliveries with 400 and large ones with 413.
 *
 * @throws {NylasWebhookError} for options that cannot be used
 */
export function fastifyWebhooks(options: WebhookOptions | WebhookReceiver): FastifyWebhooks {
  const receiver = receiverOf(options);
  const answer: FastifyHook = async (request, reply) => {
    const given = await receiver.receive(nodeRequest(request.raw, REMEDY));
    return reply.code(given.status).headers(nodeHeaders(request.raw, given)).send(given.body);
  };
  const plugin = async (fastify: FastifyLike): Promise<void> => {
    fastify.all('/', { onRequest: answer }, answer);
  };
  return Object.assign(plugin, { receiver });
}
