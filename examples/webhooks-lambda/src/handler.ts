import { openStore } from '@nylas-otel/store';
import { lambdaWebhooks } from '@nylas-otel/webhooks';

const { DATABASE_URL: databaseUrl, NYLAS_WEBHOOK_SECRET: secret = '' } = process.env;

// Stored here, handled elsewhere: a Lambda function is frozen after its answer. A worker on the same database does
// `store.inbox.work({ onEvent })`. Memory is for `npm start` on a desk.
const store = await openStore(databaseUrl ? { databaseUrl, poolSize: 2 } : { memory: true });

export const handler = lambdaWebhooks({ secret, inbox: store.inbox, logger: console });

/** Ends what the local invoke has opened; AWS just freezes. */
export const close = (): Promise<void> => store.close();
