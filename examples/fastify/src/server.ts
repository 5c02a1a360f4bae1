import { nylasTelemetryFastify } from '@nylas-otel/node'; // + nylas-otel
import Fastify from 'fastify';
import sdk from 'nylas';

const { NYLAS_API_KEY: apiKey = '', NYLAS_API_URI: apiUri, PORT = '3000' } = process.env;
// The package's types describe its CommonJS face.
const Nylas = sdk as unknown as typeof sdk.default;
const nylas = new Nylas({ apiKey, ...(apiUri && { apiUri }) });

const fastify = Fastify();
await fastify.register(nylasTelemetryFastify({ metrics: '/metrics', callers: true })); // + nylas-otel

fastify.get<{ Params: { grantId: string } }>('/mailboxes/:grantId/messages', async ({ params }) => {
  const { data } = await nylas.messages.list({ identifier: params.grantId, queryParams: { limit: 10 } });
  return data.map(({ id, subject }) => ({ id, subject }));
});
fastify.setErrorHandler<Error & { statusCode?: number }>(async ({ statusCode }, _request, reply) =>
  reply.code(502).send({ error: 'mailbox_unreachable', status: statusCode }),
);

console.log(`listening on ${await fastify.listen({ port: Number(PORT), host: '127.0.0.1' })}`);
process.once('SIGTERM', () => fastify.close());
