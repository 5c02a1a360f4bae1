import { nylasWebhooks } from '@nylas-otel/webhooks'; // + nylas-otel
import type { NextApiRequest, NextApiResponse } from 'next';
import { openedStore } from '../../../lib/webhooks'; // + nylas-otel

// An API route and no route handler: `next start` chunks what those answer, and Nylas refuses a chunked challenge.
// The signature is over the bytes, so nobody may parse them before. // + nylas-otel
export const config = { api: { bodyParser: false, externalResolver: true } };

// At the first delivery: `next build` loads this file too, without the secret and the database. // + nylas-otel
let webhooks: ReturnType<typeof nylasWebhooks> | undefined;

// biome-ignore lint/style/noDefaultExport: where Next.js looks for it
export default async function handler(request: NextApiRequest, response: NextApiResponse): Promise<void> {
  const { inbox } = await openedStore(); // + nylas-otel
  webhooks ??= nylasWebhooks({ secret: process.env.NYLAS_WEBHOOK_SECRET ?? '', inbox }); // + nylas-otel
  webhooks(request, response); // + nylas-otel
}
