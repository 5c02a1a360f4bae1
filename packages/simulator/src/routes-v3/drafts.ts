import { type Filters, is } from '../data/filters.ts';
import type { JsonObject } from '../data/mailbox.ts';
import { recipientsOf } from '../data/recipients.ts';
import { objectsOf, textOf } from '../data/untrusted.ts';
import type { Exchange } from '../http/exchange.ts';
import type { Reply } from '../http/reply.ts';
import type { Route } from '../http/router.ts';
import { resourceRoutes } from './resource-routes.ts';
import { asAttachments, type ComposedMail, readMail, sendMail } from './send-mail.ts';

const DRAFTS = '/v3/grants/{grant_id}/drafts';
const ONE = `${DRAFTS}/{draft_id}`;

const filters: Filters = {
  subject: is.text('subject'),
  any_email: is.anyAddress,
  to: is.address('to'),
  cc: is.address('cc'),
  bcc: is.address('bcc'),
  starred: is.exactly('starred'),
  thread_id: is.exactly('thread_id'),
  has_attachment: is.filled('attachments'),
  metadata_pair: is.metadata,
};

/** Reads a mail, JSON or multipart, and hands it on. */
function withMail(act: (x: Exchange, mail: ComposedMail) => Reply): Route['handle'] {
  const answer = (x: Exchange, mail: ComposedMail | Reply): Reply => ('status' in mail ? mail : act(x, mail));
  return (x) => {
    const mail = readMail(x);
    return mail instanceof Promise ? mail.then((read) => answer(x, read)) : answer(x, mail);
  };
}

function contentOf(x: Exchange, { body, attachments }: ComposedMail): JsonObject {
  return attachments.length === 0 ? body : { ...body, attachments: asAttachments(x, attachments) };
}

const create = withMail((x, mail) =>
  x.item(
    x.world.mailboxes.insert(x.world.v3.draft, x.mailbox, {
      object: 'draft',
      thread_id: '',
      subject: '',
      body: '',
      snippet: textOf(mail.body.body).slice(0, 100),
      date: x.world.seconds(),
      from: [{ name: x.mailbox.name, email: x.mailbox.email }],
      to: [],
      cc: [],
      bcc: [],
      reply_to: [],
      folders: [x.mailbox.provider === 'google' ? 'DRAFT' : 'Drafts'],
      starred: false,
      unread: false,
      attachments: [],
      ...contentOf(x, mail),
      grant_id: x.mailbox.id,
    }),
  ),
);

const update = withMail((x, mail) => {
  const draft = x.world.mailboxes.update(
    x.world.v3.draft,
    x.mailbox,
    x.param('draft_id'),
    contentOf(x, mail),
  );
  return draft === undefined ? x.missing() : x.item(draft);
});

/** `POST .../drafts/{draft_id}` sends the draft; the idempotency key does not count here. */
function send(x: Exchange): Reply {
  const { mailboxes, v3 } = x.world;
  const draft = mailboxes.find(v3.draft, x.mailbox, x.param('draft_id'));
  if (draft === undefined) return x.missing();
  if (recipientsOf(draft).length === 0)
    return x.fail(400, 'invalid_request_error', 'the draft has no recipients');
  const { id: _id, object: _object, folders: _folders, date: _date, attachments, ...content } = draft;
  const message = sendMail(x, { body: content, attachments: objectsOf(attachments), multipart: false });
  mailboxes.remove(v3.draft, x.mailbox, String(draft.id));
  return x.item(message);
}

/** Drafts: list, create, find, update, delete, send. */
export const draftRoutes: readonly Route[] = [
  ...resourceRoutes({
    template: DRAFTS,
    parameter: 'draft_id',
    kind: (kinds) => kinds.draft,
    filters,
    operations: ['list', 'find', 'destroy'],
  }),
  { method: 'POST', template: DRAFTS, json: 'required', handle: create },
  { method: 'PUT', template: ONE, json: 'required', handle: update },
  { method: 'POST', template: ONE, handle: send },
];
