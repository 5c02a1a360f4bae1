import { is } from '../data/filters.ts';
import { downloadReply } from '../http/download.ts';
import type { Exchange } from '../http/exchange.ts';
import { jsonReply, type Reply, v2Error } from '../http/reply.ts';
import { parseMultipart } from '../http/request-body.ts';
import type { Route } from '../http/router.ts';
import { v2ResourceRoutes } from './v2-resource.ts';
import { v2Missing } from './v2-write.ts';

/** Takes a multipart upload; answers a list, also for one file. */
async function upload(x: Exchange): Promise<Reply> {
  const form = await parseMultipart(x.bytes, x.header('content-type') ?? '');
  if (form === undefined || form.files.length === 0) {
    return v2Error(
      400,
      'invalid_request_error',
      'send the file as multipart/form-data in a field called file',
    );
  }
  const { mailboxes, v2 } = x.world;
  const files = form.files.map((file) =>
    mailboxes.insert(v2.file, x.holder, {
      object: 'file',
      account_id: x.holder.id,
      content_type: file.contentType,
      filename: file.filename,
      size: file.size,
      message_ids: [],
    }),
  );
  return jsonReply(200, files);
}

function download(x: Exchange): Reply {
  const id = x.param('file_id');
  const file = x.world.mailboxes.find(x.world.v2.file, x.holder, id);
  return file === undefined ? v2Missing(x.world.v2.file, id) : downloadReply(file);
}

/** v2 files: list, upload, find, download, delete. */
export const fileRoutes: readonly Route[] = [
  ...v2ResourceRoutes({
    template: '/files',
    parameter: 'file_id',
    kind: (kinds) => kinds.file,
    filters: {
      filename: is.text('filename'),
      content_type: is.exactly('content_type'),
      message_id: is.oneOf('message_ids'),
    },
    operations: ['list', 'find', 'destroy'],
  }),
  { method: 'POST', template: '/files', raw: true, json: 'required', handle: upload },
  { method: 'GET', template: '/files/{file_id}/download', handle: download },
];
