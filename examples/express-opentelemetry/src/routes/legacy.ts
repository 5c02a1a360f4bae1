import { withNylasAccount } from '@nylas-otel/instrumentation'; // + nylas-otel
import { Router } from 'express';
import { config } from '../config.ts';
import { NylasV2 } from '../nylas.ts';

/** The mailboxes that are still on API v2. */
export const legacy = Router();

/** The newest messages. */
legacy.get('/:accountId/messages', async (request, response) => {
  const { accountId } = request.params;
  const token = config.legacyTokens.get(accountId);
  if (token === undefined) {
    response.status(404).json({ error: 'unknown_mailbox' });
    return;
  }
  const list = () => NylasV2.with(token).messages.list({ limit: 10 });
  const messages = await withNylasAccount(accountId, list); // + nylas-otel: API v2 has no account in its URLs
  response.json(messages.map(({ id, subject, date }) => ({ id, subject, date })));
});
