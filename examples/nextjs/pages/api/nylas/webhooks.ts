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
  // + nylas-otel
  try {
    const { inbox } = await openedStore();
    webhooks ??= nylasWebhooks({ secret: process.env.NYLAS_WEBHOOK_SECRET ?? '', inbox });
  } catch (error) {
    // Nylas sends again after a 503, and never after the 500 that Next.js would answer.
    console.error(error);
    response.status(503).end();
    return;
  }
  webhooks(request, response); // + nylas-otel
}
