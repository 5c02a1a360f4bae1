import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openStore } from '@nylas-otel/store';
import { nylasWebhooks } from '@nylas-otel/webhooks';

// A service of its own process: its handlers write what they are told to a CRM, which may fail or hang.
const { DATABASE_URL: databaseUrl = '', NYLAS_WEBHOOK_SECRET: secret = '', CRM_URL: crm = '' } = process.env;

const store = await openStore({ databaseUrl, application: 'crm' });
await store.inbox.work({
  maxRuns: 2,
  async onEvent() {
    const answer = await fetch(crm, { method: 'POST' });
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`the CRM answered ${answer.status}`);
  },
});
const server = createServer(nylasWebhooks({ secret, inbox: store.inbox }));
server.listen(0, '127.0.0.1', () => {
  console.log(`listening at http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});

process.once('SIGTERM', async () => {
  server.close();
  server.closeAllConnections();
  await store.close();
});
