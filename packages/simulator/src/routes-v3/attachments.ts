import { emptyKind, type JsonObject } from '../data/mailbox.ts';
import { objectsOf } from '../data/untrusted.ts';
import { downloadReply } from '../http/download.ts';
import type { Exchange } from '../http/exchange.ts';
import type { Reply } from '../http/reply.ts';
import type { Route } from '../http/router.ts';

const ONE = '/v3/grants/{grant_id}/attachments/{attachment_id}';
const UPLOADS = '/v3/grants/{grant_id}/attachment-uploads';
const MAX_UPLOAD = 157_286_400;
const UPLOAD_SECONDS = 3600;

const uploads = emptyKind('v3.upload', 32);

/** The attachment of the path, or the reply that says why there is none. `message_id` is required. */
function attachmentOf(x: Exchange): JsonObject | Reply {
  const messageId = x.query.get('message_id');
  if (messageId === null || messageId === '')
    return x.fail(400, 'invalid_request_error', 'message_id is required');
  const { mailboxes, v3 } = x.world;
  const message = mailboxes.find(v3.message, x.mailbox, messageId);
  const attachments = objectsOf(message?.attachments);
  return attachments.find((one) => one.id === x.param('attachment_id')) ?? x.missing();
}

const isReply = (value: JsonObject | Reply): value is Reply =>
  'status' in value && 'body' in value && 'type' in value;

function find(x: Exchange): Reply {
  const attachment = attachmentOf(x);
  return isReply(attachment) ? attachment : x.item(attachment);
}

function download(x: Exchange): Reply {
  const attachment = attachmentOf(x);
  return isReply(attachment) ? attachment : downloadReply(attachment);
}

function openUpload(x: Exchange): Reply {
  const { filename, content_type: type, size } = x.body;
  if (typeof filename !== 'string' || typeof type !== 'string') {
    return x.fail(400, 'invalid_request_error', 'filename and content_type are required');
  }
  if (
    size !== undefined &&
    !(Number.isInteger(size) && (size as number) > 0 && (size as number) <= MAX_UPLOAD)
  ) {
    return x.fail(400, 'invalid_request_error', `size must be a number of bytes, at most ${MAX_UPLOAD}`);
  }
  const upload = x.world.mailboxes.insert(uploads, x.mailbox, {
    filename,
    content_type: type,
    size: size ?? 0,
    expires: x.world.seconds() + UPLOAD_SECONDS,
    status: 'uploading',
  });
  return x.item(
    {
      attachment_id: upload.id,
      method: 'PUT',
      url: `https://storage.example.com/uploads/${String(upload.id)}`,
      headers: { 'Content-Type': type },
      expires_at: new Date(Number(upload.expires) * 1000).toISOString(),
      max_size: MAX_UPLOAD,
      size: upload.size,
      content_type: type,
      filename,
      grant_id: x.mailbox.id,
    },
    201,
  );
}

function completeUpload(x: Exchange): Reply {
  const { mailboxes } = x.world;
  const upload = mailboxes.find(uploads, x.mailbox, x.param('attachment_id'));
  if (upload === undefined) return x.missing();
  if (upload.status === 'ready') return x.fail(409, 'conflict', 'the upload session is complete already');
  if (Number(upload.expires) <= x.world.seconds())
    return x.fail(410, 'api.gone', 'the upload session is expired');
  mailboxes.update(uploads, x.mailbox, String(upload.id), { status: 'ready' });
  return x.item({ attachment_id: upload.id, grant_id: x.mailbox.id, status: 'ready' });
}

/** Attachments: metadata, streaming download, upload sessions. */
export const attachmentRoutes: readonly Route[] = [
  { method: 'GET', template: ONE, handle: find },
  { method: 'GET', template: `${ONE}/download`, handle: download },
  { method: 'POST', template: UPLOADS, json: 'required', handle: openUpload },
  { method: 'POST', template: `${UPLOADS}/{attachment_id}/complete`, handle: completeUpload },
];
