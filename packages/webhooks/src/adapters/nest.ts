import type { WebhookOptions } from '../receiver/options.ts';
import { receiverOf, type WebhookReceiver } from '../receiver/receiver.ts';
import { type FastifyLike, fastifyWebhooks } from './fastify.ts';
import { nylasWebhooks } from './node-http.ts';

/** What is needed of a Nest application. */
export interface NestApplicationLike {
  getHttpAdapter(): { getType(): string; getInstance(): unknown };
}

/**
 * Receives webhooks in NestJS, on Express or Fastify: `mountNestWebhooks(app, '/webhooks/nylas', {...})` between
 * `NestFactory.create()` and `app.listen()`, where Nest has not added its body parsers yet. The path is taken as it is:
 * a global prefix does not apply.
 *
 * @returns the receiver
 * @throws {NylasWebhookError} for options that cannot be used
 */
export function mountNestWebhooks(
  app: NestApplicationLike,
  path: string,
  options: WebhookOptions | WebhookReceiver,
): WebhookReceiver {
  const receiver = receiverOf(options);
  const adapter = app.getHttpAdapter();
  if (adapter.getType() === 'fastify') {
    const fastify = adapter.getInstance() as {
      register(plugin: (instance: FastifyLike) => Promise<void>, options: { prefix: string }): unknown;
    };
    void fastify.register(fastifyWebhooks(receiver), { prefix: path });
  } else {
    const express = adapter.getInstance() as { use(path: string, handler: unknown): unknown };
    express.use(path, nylasWebhooks(receiver));
  }
  return receiver;
}
