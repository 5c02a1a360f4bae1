import type { JsonObject } from '../data/mailbox.ts';
import { recipientsOf, wrongParticipants } from '../data/recipients.ts';
import { objectsOf, textOf } from '../data/untrusted.ts';
import type { Exchange } from '../http/exchange.ts';
import type { Reply } from '../http/reply.ts';
import { parseJsonObject, parseMultipart } from '../http/request-body.ts';

/** A mail as a client wrote it, whichever way it came. */
export interface ComposedMail {
  readonly body: JsonObject;
  readonly attachments: readonly JsonObject[];
  readonly multipart: boolean;
}

/** Reads a JSON or multipart mail; a reply refuses it. Only multipart needs a promise. */
export function readMail(x: Exchange): ComposedMail | Reply | Promise<ComposedMail | Reply> {
  const type = x.header('content-type') ?? '';
  if (!type.startsWith('multipart/')) return checkMail(x, x.body, jsonAttachments(x.body), false);
  return readMultipart(x, type);
}

async function readMultipart(x: Exchange, type: string): Promise<ComposedMail | Reply> {
  const parts = await parseMultipart(x.bytes, type);
  const body =
    parts === undefined ? undefined : parseJsonObject(Buffer.from(parts.fields.get('message') ?? ''));
  if (parts === undefined || body === undefined) {
    return x.fail(
      400,
      'invalid_request_error',
      'error parsing request body: the form needs a JSON field "message"',
    );
  }
  const attachments = parts.files.map((file) => ({
    content_id: file.field,
    filename: file.filename,
    content_type: file.contentType,
    size: file.size,
  }));
  return checkMail(x, body, attachments, true);
}

function jsonAttachments(body: JsonObject): JsonObject[] {
  return objectsOf(body.attachments).map(({ content_id, filename, content_type, content }) => ({
    content_id,
    filename,
    content_type,
    size: Buffer.byteLength(textOf(content), 'base64'),
  }));
}

function checkMail(
  x: Exchange,
  body: JsonObject,
  attachments: JsonObject[],
  multipart: boolean,
): ComposedMail | Reply {
  const wrong = wrongParticipants(body);
  if (wrong !== undefined) {
    return x.fail(400, 'invalid_request_error', `${wrong} must be a list of {"name", "email"}`);
  }
  return { body, attachments, multipart };
}

/** Gives the attachments of a mail their ids. */
export function asAttachments(x: Exchange, attachments: readonly JsonObject[]): JsonObject[] {
  return attachments.map((one, index) => ({
    id: `v0:${x.requestId}:${index}`,
    grant_id: x.mailbox.id,
    is_inline: false,
    ...one,
  }));
}

/** Puts an accepted mail into the sent folder and into the ground truth. */
export function sendMail(x: Exchange, mail: ComposedMail): JsonObject {
  const { world, mailbox } = x;
  const { body, attachments } = mail;
  const { tracking_options: _tracking, use_draft: _draft, send_at: _at, ...content } = body;
  const message = world.mailboxes.insert(world.v3.message, mailbox, {
    thread_id: '',
    subject: '',
    body: '',
    snippet: textOf(body.body).slice(0, 100),
    date: world.seconds(),
    from: [{ name: mailbox.name, email: mailbox.email }],
    to: [],
    cc: [],
    bcc: [],
    reply_to: [],
    folders: [world.v3.sent(mailbox)],
    starred: false,
    unread: false,
    ...content,
    attachments: asAttachments(x, attachments),
    object: 'message',
    grant_id: mailbox.id,
  });
  world.sent.add({
    time: world.now(),
    grantId: mailbox.id,
    accountId: undefined,
    messageId: String(message.id),
    subject: textOf(message.subject),
    recipients: recipientsOf(body),
    idempotencyKey: x.header('idempotency-key'),
    requestId: x.requestId,
    multipart: mail.multipart,
  });
  return message;
}
