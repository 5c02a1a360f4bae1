import { type Filters, is } from '../data/filters.ts';
import type { JsonObject } from '../data/mailbox.ts';
import { mimeOf } from '../data/mime.ts';
import { isObject, objectsOf } from '../data/untrusted.ts';
import { hasLabels } from '../data/v2-objects.ts';
import type { Exchange } from '../http/exchange.ts';
import { jsonReply, type Reply, textReply, v2Error } from '../http/reply.ts';
import type { Route } from '../http/router.ts';
import { v2List, v2ResourceRoutes } from './v2-resource.ts';
import { v2Missing } from './v2-write.ts';

const timestamp = (field: string) => (object: JsonObject) => object[field];
const inFolder = (object: JsonObject, value: string): boolean => {
  const lists = [object.folders, object.labels].flatMap(objectsOf);
  const places = isObject(object.folder) ? [object.folder, ...lists] : lists;
  return places.some((one) => one.id === value || one.name === value || one.display_name === value);
};

const messageFilters: Filters = {
  any_email: is.anyAddress,
  from: is.address('from'),
  to: is.address('to'),
  cc: is.address('cc'),
  bcc: is.address('bcc'),
  subject: is.text('subject'),
  in: inFolder,
  unread: is.exactly('unread'),
  starred: is.exactly('starred'),
  thread_id: is.exactly('thread_id'),
  has_attachment: is.filled('files'),
  received_after: is.after(timestamp('date')),
  received_before: is.before(timestamp('date')),
  metadata_pair: is.metadata,
  q: is.text('subject'),
};
const threadFilters: Filters = {
  any_email: is.anyAddress,
  subject: is.text('subject'),
  in: inFolder,
  unread: is.exactly('unread'),
  starred: is.exactly('starred'),
  last_message_after: is.after(timestamp('last_message_timestamp')),
  last_message_before: is.before(timestamp('last_message_timestamp')),
  started_after: is.after(timestamp('first_message_timestamp')),
  started_before: is.before(timestamp('first_message_timestamp')),
  q: is.text('subject'),
};

/** One message, several (`id1,id2`), or its MIME when `Accept` asks for it. */
function findMessage(x: Exchange): Reply {
  const { mailboxes, v2 } = x.world;
  const wanted = x.param('message_id');
  if (wanted.includes(',')) {
    // The SDK pages through these too: everything is on the first page.
    const offset = Number(x.query.get('offset') ?? 0) || 0;
    const found = wanted.split(',').map((id) => mailboxes.find(v2.message, x.holder, id));
    return jsonReply(200, found.filter((one) => one !== undefined).slice(offset));
  }
  const message = mailboxes.find(v2.message, x.holder, wanted);
  if (message === undefined) return v2Missing(v2.message, wanted);
  if ((x.header('accept') ?? '').includes('message/rfc822')) {
    return textReply(200, mimeOf(message), 'message/rfc822');
  }
  return jsonReply(200, x.query.get('view') === 'expanded' ? { ...message, headers: {} } : message);
}

function search(kind: 'message' | 'thread'): (x: Exchange) => Reply {
  return (x) => {
    const q = x.query.get('q');
    if (q === null || q === '') return v2Error(400, 'invalid_request_error', 'q is required');
    return v2List(x, x.world.v2[kind], kind === 'message' ? messageFilters : threadFilters);
  };
}

/** An account has labels or folders, never both. */
const needs =
  (labels: boolean) =>
  (x: Exchange): Reply | undefined =>
    hasLabels(x.holder) === labels
      ? undefined
      : v2Error(
          404,
          'invalid_request_error',
          `This account has ${labels ? 'folders, not labels' : 'labels, not folders'}`,
        );

const folderCheck = ({ display_name, name }: JsonObject): string | undefined =>
  typeof display_name === 'string' || typeof name === 'string' ? undefined : 'display_name is required';

/** v2 messages, threads, folders and labels. */
export const mailRoutes: readonly Route[] = [
  ...v2ResourceRoutes({
    template: '/messages',
    parameter: 'message_id',
    kind: (kinds) => kinds.message,
    filters: messageFilters,
    operations: ['list', 'update'],
  }),
  { method: 'GET', template: '/messages/{message_id}', handle: findMessage },
  { method: 'GET', template: '/messages/search', handle: search('message') },
  ...v2ResourceRoutes({
    template: '/threads',
    parameter: 'thread_id',
    kind: (kinds) => kinds.thread,
    filters: threadFilters,
    operations: ['list', 'find', 'update'],
  }),
  { method: 'GET', template: '/threads/search', handle: search('thread') },
  ...[true, false].flatMap((labels) =>
    v2ResourceRoutes({
      template: labels ? '/labels' : '/folders',
      parameter: labels ? 'label_id' : 'folder_id',
      kind: (kinds) => kinds.folder,
      operations: ['list', 'create', 'find', 'update', 'destroy'],
      guard: needs(labels),
      check: folderCheck,
      defaults: () => ({ object: labels ? 'label' : 'folder', name: null }),
    }),
  ),
];
