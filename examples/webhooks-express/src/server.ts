import type { AddressInfo } from 'node:net';
import { openStore } from '@nylas-otel/store'; // + nylas-otel
import { nylasWebhooks } from '@nylas-otel/webhooks'; // + nylas-otel
import express from 'express';

const { DATABASE_URL: databaseUrl, NYLAS_WEBHOOK_SECRET: secret = '', PORT = '3000' } = process.env;

// Without a database of yours: one in this folder. // + nylas-otel
const store = await openStore(databaseUrl ? { databaseUrl } : { folder: process.env.DATA ?? '.nylas-otel' }); // + nylas-otel
const webhooks = nylasWebhooks({ secret, inbox: store.inbox, logger: console }); // + nylas-otel

const app = express();
app.use('/webhooks/nylas', webhooks); // + nylas-otel: before express.json(), as the signature is over the bytes
app.use(express.json());
app.get('/', (_request, response) => {
  response.json({ service: 'mail' });
});

const server = app.listen(Number(PORT), () => {
  console.log(`listening on http://localhost:${(server.address() as AddressInfo).port}`);
});

// Handlers run after the answer, again after a failure, and after a restart for what was not done. // + nylas-otel
await store.inbox.work({
  onEvent: {
    'message.created': (event) => console.log(`new message ${event.objectId}`),
    'grant.expired': (event) => console.log(`${event.accountId} must authenticate again`),
    '*': (event) => console.log(`${event.type} passed over`),
  },
});

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, async () => {
    server.close();
    await webhooks.receiver.close(); // + nylas-otel
    await store.close(); // + nylas-otel
  });
}
