import { Router } from 'express';
import { nylas } from '../nylas.ts';

/** The mailboxes of API v3. */
export const mailboxes = Router();

/** The newest messages. */
mailboxes.get('/:grantId/messages', async (request, response) => {
  const { data } = await nylas.messages.list({
    identifier: request.params.grantId,
    queryParams: { limit: 10 },
  });
  response.json(data.map(({ id, subject, date }) => ({ id, subject, date })));
});

mailboxes.get('/:grantId/messages/:messageId', async (request, response) => {
  const { grantId, messageId } = request.params;
  const { data } = await nylas.messages.find({ identifier: grantId, messageId });
  response.json({ id: data.id, subject: data.subject, date: data.date, body: data.body });
});

/** Sends `{ to, subject, body }`. */
mailboxes.post('/:grantId/messages', async (request, response) => {
  const { to, subject, body } = request.body as { to: string; subject: string; body: string };
  const { data } = await nylas.messages.send({
    identifier: request.params.grantId,
    requestBody: { to: [{ email: to }], subject, body },
  });
  response.status(202).json({ id: data.id });
});
