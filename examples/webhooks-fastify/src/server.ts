import { openStore } from '@nylas-otel/store'; // + nylas-otel
import { fastifyWebhooks } from '@nylas-otel/webhooks'; // + nylas-otel
import Fastify from 'fastify';

const { DATABASE_URL: databaseUrl, NYLAS_WEBHOOK_SECRET: secret = '', PORT = '3000' } = process.env;

const fastify = Fastify({ logger: true });
fastify.get('/', async () => ({ service: 'mail' }));

// Without a database of yours: one in this folder. // + nylas-otel
const store = await openStore(databaseUrl ? { databaseUrl } : { folder: process.env.DATA ?? '.nylas-otel' }); // + nylas-otel
const webhooks = fastifyWebhooks({ secret, inbox: store.inbox, logger: fastify.log }); // + nylas-otel
fastify.register(webhooks, { prefix: '/webhooks/nylas' }); // + nylas-otel
fastify.addHook('onClose', () => store.close()); // + nylas-otel

await store.inbox.work({
  onEvent: {
    'message.created': ({ objectId }) => fastify.log.info({ objectId }, 'new message'),
    'grant.expired': ({ accountId }) => fastify.log.warn({ accountId }, 'must authenticate again'),
  },
}); // + nylas-otel

await fastify.listen({ port: Number(PORT) });
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => fastify.close());
