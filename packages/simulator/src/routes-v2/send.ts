import type { JsonObject } from '../data/mailbox.ts';
import { recipientsOf, wrongParticipants } from '../data/recipients.ts';
import { textOf } from '../data/untrusted.ts';
import type { Exchange } from '../http/exchange.ts';
import { jsonReply, type Reply, v2Error } from '../http/reply.ts';
import { parseJsonObject } from '../http/request-body.ts';
import type { Route } from '../http/router.ts';
import { v2ResourceRoutes } from './v2-resource.ts';
import { noteWrite, v2Missing } from './v2-write.ts';

const versionConflict = (x: Exchange, known: JsonObject): Reply | undefined =>
  x.body.version === known.version
    ? undefined
    : v2Error(409, 'invalid_request_error', `The draft has version ${textOf(known.version)}; get it again.`);

/** JSON, a draft by its id, or raw MIME. */
function send(x: Exchange): Reply {
  if ((x.header('content-type') ?? '').startsWith('message/rfc822'))
    return accept(x, readMime(x.bytes.toString()));
  const body = parseJsonObject(x.bytes);
  if (body === undefined) return v2Error(400, 'invalid_request_error', 'error parsing request body');
  const draftId = body.draft_id;
  if (typeof draftId !== 'string') return accept(x, body);
  const { mailboxes, v2 } = x.world;
  const draft = mailboxes.find(v2.draft, x.holder, draftId);
  if (draft === undefined) return v2Missing(v2.draft, draftId);
  if (body.version !== draft.version) {
    return v2Error(
      409,
      'invalid_request_error',
      `The draft has version ${textOf(draft.version)}; get it again.`,
    );
  }
  const reply = accept(x, draft);
  if (reply.status === 200) mailboxes.remove(v2.draft, x.holder, draftId);
  return reply;
}

/** The headers of a raw message that the ground truth needs. */
function readMime(mime: string): JsonObject {
  const head = mime.split(/\r?\n\r?\n/, 1)[0] ?? '';
  const field = (name: string): string =>
    new RegExp(`^${name}:[ \\t]*(.*)$`, 'im').exec(head)?.[1]?.trim() ?? '';
  const addresses = (text: string): { email: string }[] =>
    (text.match(/[^\s<>,;"]+@[^\s<>,;"]+/g) ?? []).map((email) => ({ email }));
  return {
    subject: field('subject'),
    to: addresses(field('to')),
    cc: addresses(field('cc')),
    bcc: addresses(field('bcc')),
    body: mime.slice(head.length).trimStart(),
  };
}

function accept(x: Exchange, mail: JsonObject): Reply {
  const wrong = wrongParticipants(mail);
  if (wrong !== undefined) {
    return v2Error(400, 'invalid_request_error', `${wrong} must be a list of objects with an email`);
  }
  const recipients = recipientsOf(mail);
  if (recipients.length === 0) return v2Error(400, 'invalid_request_error', 'No recipients specified');
  const { world, holder } = x;
  const { id: _id, object: _object, version: _version, ...content } = mail;
  const message = world.mailboxes.insert(world.v2.message, holder, {
    thread_id: null,
    subject: '',
    body: '',
    snippet: textOf(mail.body).slice(0, 100),
    from: [{ name: holder.name, email: holder.email }],
    to: [],
    cc: [],
    bcc: [],
    reply_to: [],
    date: world.seconds(),
    unread: false,
    starred: false,
    files: [],
    events: [],
    ...content,
    object: 'message',
    account_id: holder.id,
  });
  world.sent.add({
    time: world.now(),
    grantId: undefined,
    accountId: holder.id,
    messageId: String(message.id),
    subject: textOf(message.subject),
    recipients,
    idempotencyKey: undefined,
    requestId: x.requestId,
    multipart: false,
  });
  return jsonReply(200, { ...message, job_status_id: noteWrite(x, 'send', message) });
}

/** v2 drafts and sending. */
export const sendRoutes: readonly Route[] = [
  ...v2ResourceRoutes({
    template: '/drafts',
    parameter: 'draft_id',
    kind: (kinds) => kinds.draft,
    operations: ['list', 'create', 'find', 'update', 'destroy'],
    defaults: (x) => ({
      object: 'draft',
      version: 0,
      thread_id: null,
      reply_to_message_id: null,
      subject: '',
      body: '',
      snippet: '',
      from: [{ name: x.holder.name, email: x.holder.email }],
      to: [],
      cc: [],
      bcc: [],
      reply_to: [],
      date: x.world.seconds(),
      unread: false,
      starred: false,
      files: [],
      events: [],
    }),
    conflict: versionConflict,
  }),
  { method: 'POST', template: '/send', raw: true, json: 'required', handle: send },
];
