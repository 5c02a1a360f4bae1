import { nextWebhooks } from '@nylas-otel/webhooks'; // + nylas-otel
import { openedStore } from '../../../../lib/webhooks'; // + nylas-otel

// Asked for at the first delivery: `next build` has neither the secret nor the database. // + nylas-otel
export const { GET, POST } = nextWebhooks(async () => ({
  secret: process.env.NYLAS_WEBHOOK_SECRET ?? '',
  inbox: (await openedStore()).inbox,
})); // + nylas-otel
