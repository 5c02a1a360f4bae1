import { type Filters, is } from '../data/filters.ts';
import type { Route } from '../http/router.ts';
import { resourceRoutes } from './resource-routes.ts';

const filters: Filters = {
  any_email: is.anyAddress,
  to: is.address('participants'),
  from: is.address('participants'),
  cc: is.address('participants'),
  bcc: is.address('participants'),
  in: is.oneOf('folders'),
  subject: is.text('subject'),
  search_query_native: is.text('subject'),
  unread: is.exactly('unread'),
  starred: is.exactly('starred'),
  has_attachment: is.exactly('has_attachments'),
  latest_message_after: is.after((thread) => thread.latest_message_received_date),
  latest_message_before: is.before((thread) => thread.latest_message_received_date),
  earliest_message_date: is.after((thread) => thread.earliest_message_date),
};

/** Threads: list, find, update, delete. */
export const threadRoutes: readonly Route[] = resourceRoutes({
  template: '/v3/grants/{grant_id}/threads',
  parameter: 'thread_id',
  kind: (kinds) => kinds.thread,
  filters,
  operations: ['list', 'find', 'update', 'destroy'],
});
