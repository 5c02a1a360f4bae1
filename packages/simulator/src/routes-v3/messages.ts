import { type Filters, is } from '../data/filters.ts';
import { emptyKind, type JsonObject } from '../data/mailbox.ts';
import { headersOf, mimeOf } from '../data/mime.ts';
import { recipientsOf } from '../data/recipients.ts';
import { textOf } from '../data/untrusted.ts';
import type { Exchange } from '../http/exchange.ts';
import { jsonReply, type Reply } from '../http/reply.ts';
import type { Route } from '../http/router.ts';
import { answerOnce } from '../idempotency.ts';
import { resourceRoutes } from './resource-routes.ts';
import { type ComposedMail, readMail, sendMail } from './send-mail.ts';

const MESSAGES = '/v3/grants/{grant_id}/messages';

const filters: Filters = {
  any_email: is.anyAddress,
  from: is.address('from'),
  to: is.address('to'),
  cc: is.address('cc'),
  bcc: is.address('bcc'),
  subject: is.text('subject'),
  search_query_native: is.text('subject'),
  in: is.oneOf('folders'),
  thread_id: is.exactly('thread_id'),
  unread: is.exactly('unread'),
  starred: is.exactly('starred'),
  has_attachment: is.filled('attachments'),
  received_after: is.after((message) => message.date),
  received_before: is.before((message) => message.date),
  metadata_pair: is.metadata,
};

/** The `fields` parameter: raw MIME and headers are only there when asked for. */
function present(x: Exchange, message: JsonObject): JsonObject {
  switch (x.search === '' ? null : x.query.get('fields')) {
    case 'raw_mime': {
      const { grant_id, object, id } = message;
      return { grant_id, object, id, raw_mime: Buffer.from(mimeOf(message)).toString('base64url') };
    }
    case 'include_headers':
    case 'include_basic_headers':
      return { ...message, headers: headersOf(message) };
    case 'include_tracking_options':
      return {
        ...message,
        tracking_options: { opens: false, links: false, thread_replies: false, label: '' },
      };
    default:
      return message;
  }
}

const schedules = emptyKind('v3.schedule', 31);

function send(x: Exchange): Reply | Promise<Reply> {
  const mail = readMail(x);
  return mail instanceof Promise ? mail.then((read) => answerSend(x, read)) : answerSend(x, mail);
}

function answerSend(x: Exchange, mail: ComposedMail | Reply): Reply {
  return answerOnce(x, x.mailbox.id, () => {
    if ('status' in mail) return mail;
    if (recipientsOf(mail.body).length === 0) {
      return x.fail(400, 'invalid_request_error', 'at least one of to, cc and bcc is required');
    }
    const sendAt = mail.body.send_at;
    if (sendAt === undefined || sendAt === null) {
      const message = sendMail(x, mail);
      return jsonReply(200, { request_id: x.requestId, grant_id: x.mailbox.id, data: message });
    }
    if (!Number.isInteger(sendAt) || (sendAt as number) <= x.world.seconds()) {
      return x.fail(400, 'invalid_request_error', 'send_at must be a Unix timestamp in the future');
    }
    const schedule = x.world.mailboxes.insert(schedules, x.mailbox, {
      status: { code: 'pending', description: 'schedule send awaiting send at time' },
      close_time: sendAt,
    });
    const data = { ...mail.body, object: 'message', grant_id: x.mailbox.id, schedule_id: schedule.id };
    return jsonReply(202, { request_id: x.requestId, grant_id: x.mailbox.id, data });
  });
}

const asSchedule = ({ id, status, close_time }: JsonObject): JsonObject => ({
  schedule_id: id,
  status,
  close_time,
});

/** Marks what a schedule has come to: nothing runs in the background, so it is worked out when asked. */
function settled(x: Exchange, schedule: JsonObject): JsonObject {
  const due = Number(schedule.close_time) <= x.world.seconds();
  return due
    ? { ...schedule, status: { code: 'success', description: 'schedule send succeeded' } }
    : schedule;
}

function clean(x: Exchange): Reply {
  const ids = x.body.message_id;
  if (!Array.isArray(ids) || ids.length === 0 || ids.length > 20) {
    return x.fail(400, 'invalid_request_error', 'message_id must be a list of 1 to 20 ids');
  }
  const cleaned: JsonObject[] = [];
  for (const id of ids) {
    const message = x.world.mailboxes.find(x.world.v3.message, x.mailbox, textOf(id));
    if (message === undefined) return x.missing();
    cleaned.push({ ...message, conversation: textOf(message.body).replace(/<[^>]*>/g, '') });
  }
  return x.item(cleaned);
}

function compose(x: Exchange): Reply {
  if (typeof x.body.prompt !== 'string' || x.body.prompt === '') {
    return x.fail(400, 'prompt_required_error', 'prompt is required');
  }
  const id = x.params.message_id;
  if (id !== undefined && x.world.mailboxes.find(x.world.v3.message, x.mailbox, id) === undefined)
    return x.missing();
  return x.item({ suggestion: 'Thank you for your message. I will come back to you tomorrow.' });
}

/** Messages: list, find, update, delete, send, schedules, clean and smart compose. */
export const messageRoutes: readonly Route[] = [
  ...resourceRoutes({
    template: MESSAGES,
    parameter: 'message_id',
    kind: (kinds) => kinds.message,
    filters,
    present,
    operations: ['list', 'find', 'update', 'destroy'],
  }),
  { method: 'POST', template: `${MESSAGES}/send`, json: 'required', handle: send },
  { method: 'PUT', template: `${MESSAGES}/clean`, json: 'required', handle: clean },
  { method: 'POST', template: `${MESSAGES}/smart-compose`, json: 'required', handle: compose },
  { method: 'POST', template: `${MESSAGES}/{message_id}/smart-compose`, json: 'required', handle: compose },
  {
    method: 'GET',
    template: `${MESSAGES}/schedules`,
    // A bare array, without an envelope: one of Nylas's oddities.
    handle: (x) =>
      jsonReply(
        200,
        x.world.mailboxes.slice(schedules, x.mailbox, 0, 1000).map((one) => asSchedule(settled(x, one))),
      ),
  },
  {
    method: 'GET',
    template: `${MESSAGES}/schedules/{schedule_id}`,
    handle: (x) => {
      const schedule = x.world.mailboxes.find(schedules, x.mailbox, x.param('schedule_id'));
      return schedule === undefined ? x.missing() : x.item(asSchedule(settled(x, schedule)));
    },
  },
  {
    method: 'DELETE',
    template: `${MESSAGES}/schedules/{schedule_id}`,
    handle: (x) =>
      x.world.mailboxes.remove(schedules, x.mailbox, x.param('schedule_id'))
        ? x.item({ message: 'requested cancelation for workflow' }, 202)
        : x.missing(),
  },
];
