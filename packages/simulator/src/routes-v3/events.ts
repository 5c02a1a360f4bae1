import { type Filters, is } from '../data/filters.ts';
import type { JsonObject } from '../data/mailbox.ts';
import { isObject, objectsOf } from '../data/untrusted.ts';
import type { Exchange } from '../http/exchange.ts';
import type { Reply } from '../http/reply.ts';
import type { Route } from '../http/router.ts';
import { listPage } from './list-query.ts';
import { resourceRoutes } from './resource-routes.ts';

const EVENTS = '/v3/grants/{grant_id}/events';

const when = (event: JsonObject): JsonObject => (isObject(event.when) ? event.when : {});
const startOf = (event: JsonObject): unknown => when(event).start_time ?? when(event).time;
const endOf = (event: JsonObject): unknown => when(event).end_time ?? when(event).time;

/** Set by us where a client did not ask for cancelled events. */
const HIDE_CANCELLED = 'hide_cancelled';

const filters: Filters = {
  calendar_id: is.exactly('calendar_id'),
  title: is.text('title'),
  description: is.text('description'),
  location: is.text('location'),
  busy: is.exactly('busy'),
  ical_uid: is.exactly('ical_uid'),
  master_event_id: is.exactly('master_event_id'),
  attendees: is.address('participants'),
  metadata_pair: is.metadata,
  start: is.after(endOf),
  end: is.before(startOf),
  [HIDE_CANCELLED]: (event) => event.status !== 'cancelled',
  updated_after: is.after((event) => event.updated_at),
  updated_before: is.before((event) => event.updated_at),
};

/** `primary` is the mailbox's own address. */
function calendarOf(x: Exchange): string | undefined {
  const asked = x.query.get('calendar_id');
  if (asked === null || asked === '') return undefined;
  return x.world.mailboxes.find(x.world.v3.calendar, x.mailbox, asked)?.id as string | undefined;
}

/** Lists of one calendar. */
function list(x: Exchange): Reply {
  const asked = x.query.get('calendar_id');
  if (asked === null || asked === '') return x.fail(400, 'invalid_request_error', 'calendar_id is required');
  const calendar = calendarOf(x);
  if (calendar === undefined) return x.missing();
  x.query.set('calendar_id', calendar);
  if (x.query.get('show_cancelled') !== 'true') x.query.set(HIDE_CANCELLED, 'true');
  return listPage(x, x.world.v3.event, x.mailbox, filters, (_x, event) => event);
}

function create(x: Exchange): Reply {
  const calendar = calendarOf(x);
  if (calendar === undefined)
    return x.fail(400, 'invalid_request_error', 'calendar_id is required and must exist');
  const wrong = checkWhen(x.body.when);
  if (wrong !== undefined) {
    return x.fail(400, 'invalid_request_error', 'when is not valid', { validationErrors: { when: wrong } });
  }
  const now = x.world.seconds();
  const event = x.world.mailboxes.insert(x.world.v3.event, x.mailbox, {
    object: 'event',
    calendar_id: calendar,
    title: '',
    description: '',
    status: 'confirmed',
    busy: true,
    read_only: false,
    location: null,
    ical_uid: `${x.requestId}@example.com`,
    organizer: { name: x.mailbox.name, email: x.mailbox.email },
    participants: [],
    resources: [],
    reminders: { use_default: true, overrides: null },
    visibility: 'default',
    conferencing: null,
    created_at: now,
    updated_at: now,
    ...x.body,
    when: withObject(x.body.when as JsonObject),
    grant_id: x.mailbox.id,
  });
  return x.item(event);
}

function checkWhen(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return 'is required';
  const { time, date, start_time, end_time, start_date, end_date } = value as JsonObject;
  if (Number.isInteger(time) || typeof date === 'string') return undefined;
  if (Number.isInteger(start_time) && Number.isInteger(end_time)) {
    return (end_time as number) > (start_time as number) ? undefined : 'end_time must be after start_time';
  }
  return typeof start_date === 'string' && typeof end_date === 'string'
    ? undefined
    : 'needs time, date, start_time and end_time, or start_date and end_date';
}

/** Clients leave `object` out; Nylas adds it. */
function withObject(value: JsonObject): JsonObject {
  const object =
    value.time !== undefined
      ? 'time'
      : value.date !== undefined
        ? 'date'
        : value.start_time !== undefined
          ? 'timespan'
          : 'datespan';
  return { object, ...value };
}

function update(x: Exchange): Reply {
  const { mailboxes, v3 } = x.world;
  const changes = { ...x.body, updated_at: x.world.seconds() };
  const event = mailboxes.update(v3.event, x.mailbox, x.param('event_id'), changes);
  return event === undefined ? x.missing() : x.item(event);
}

function respond(x: Exchange): Reply {
  const { mailboxes, v3 } = x.world;
  const event = mailboxes.find(v3.event, x.mailbox, x.param('event_id'));
  if (event === undefined) return x.missing();
  const { status } = x.body;
  if (status !== 'yes' && status !== 'no' && status !== 'maybe') {
    return x.fail(400, 'invalid_request_error', 'status must be yes, no or maybe');
  }
  const others = objectsOf(event.participants).filter((one) => one.email !== x.mailbox.email);
  const own = { name: x.mailbox.name, email: x.mailbox.email, status };
  mailboxes.update(v3.event, x.mailbox, String(event.id), { participants: [...others, own] });
  return x.done();
}

/** Events: list, import list, create, find, update, delete, RSVP. `calendar_id` is required. */
export const eventRoutes: readonly Route[] = [
  ...resourceRoutes({
    template: EVENTS,
    parameter: 'event_id',
    kind: (kinds) => kinds.event,
    operations: ['find', 'destroy'],
  }),
  { method: 'GET', template: EVENTS, handle: list },
  { method: 'GET', template: `${EVENTS}/import`, handle: list },
  { method: 'POST', template: EVENTS, json: 'required', handle: create },
  { method: 'PUT', template: `${EVENTS}/{event_id}`, json: 'required', handle: update },
  { method: 'POST', template: `${EVENTS}/{event_id}/send-rsvp`, json: 'required', handle: respond },
];
