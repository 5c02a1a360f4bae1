// Receives deliveries on a port until it is killed: node receiver.ts DATABASE_URL PORT SECRET
import { createServer } from 'node:http';
import { nylasWebhooks } from '@nylas-otel/webhooks';
import { opened } from './opened.ts';

const [databaseUrl = '', port = '', secret = ''] = process.argv.slice(2);
const store = await opened(databaseUrl);
createServer(nylasWebhooks({ secret, inbox: store.inbox })).listen(Number(port), '127.0.0.1', () =>
  console.log('ready'),
);
