import { is } from '../data/filters.ts';
import type { JsonObject } from '../data/mailbox.ts';
import { busySlots, freeSlots } from '../data/time-slots.ts';
import { isObject, numberOf, objectsOf, textOf } from '../data/untrusted.ts';
import type { Exchange } from '../http/exchange.ts';
import { jsonReply, type Reply, textReply, v2Error } from '../http/reply.ts';
import type { Route } from '../http/router.ts';
import { v2ResourceRoutes } from './v2-resource.ts';
import { noteWrite, v2Missing } from './v2-write.ts';

const when = (event: JsonObject): JsonObject => (isObject(event.when) ? event.when : {});

/** SDK 6 sends these times as texts. */
function rangeOf(x: Exchange): { start: number; end: number } | undefined {
  const start = numberOf(x.body.start_time);
  const end = numberOf(x.body.end_time);
  return start > 0 && end > start ? { start, end } : undefined;
}

const emailsOf = (x: Exchange): string[] =>
  Array.isArray(x.body.emails) ? x.body.emails.flat().map(textOf) : [];

function freeBusy(x: Exchange): Reply {
  const range = rangeOf(x);
  if (range === undefined)
    return v2Error(400, 'invalid_request_error', 'start_time and end_time are required');
  return jsonReply(
    200,
    emailsOf(x).map((email) => ({
      object: 'free_busy',
      email,
      time_slots: busySlots(x.world.settings.seed, email, range.start, range.end).map((slot) => ({
        object: 'time_slot',
        status: 'busy',
        ...slot,
      })),
    })),
  );
}

function slotsOf(x: Exchange, range: { start: number; end: number }): JsonObject[] {
  const minutes = numberOf(x.body.duration_minutes);
  const seconds = (minutes > 0 ? minutes : 30) * 60;
  return freeSlots(x.world.settings.seed, emailsOf(x), range.start, range.end, seconds).map((slot) => ({
    object: 'time_slot',
    status: 'free',
    ...slot,
  }));
}

function availability(x: Exchange): Reply {
  const range = rangeOf(x);
  if (range === undefined)
    return v2Error(400, 'invalid_request_error', 'start_time and end_time are required');
  return jsonReply(200, { object: 'availability', order: emailsOf(x), time_slots: slotsOf(x, range) });
}

function consecutive(x: Exchange): Reply {
  const range = rangeOf(x);
  if (range === undefined)
    return v2Error(400, 'invalid_request_error', 'start_time and end_time are required');
  const emails = emailsOf(x);
  return jsonReply(
    200,
    slotsOf(x, range).map(({ start_time, end_time }) => [{ emails, start_time, end_time }]),
  );
}

function respond(x: Exchange): Reply {
  const { mailboxes, v2 } = x.world;
  const id = textOf(x.body.event_id);
  const event = mailboxes.find(v2.event, x.holder, id);
  if (event === undefined) return v2Missing(v2.event, id);
  const { status } = x.body;
  if (status !== 'yes' && status !== 'no' && status !== 'maybe') {
    return v2Error(400, 'invalid_request_error', 'status must be yes, no or maybe');
  }
  const others = objectsOf(event.participants).filter((one) => one.email !== x.holder.email);
  const own = { name: x.holder.name, email: x.holder.email, status, comment: x.body.comment ?? null };
  const changed = mailboxes.update(v2.event, x.holder, id, { participants: [...others, own] }) as JsonObject;
  return jsonReply(200, { ...changed, job_status_id: noteWrite(x, 'event_rsvp', changed) });
}

function checkEvent({ calendar_id, when: at }: JsonObject): string | undefined {
  if (typeof calendar_id !== 'string') return 'calendar_id is required';
  return typeof at === 'object' && at !== null ? undefined : 'when is required';
}

/** v2 calendars, events, free-busy, availability and RSVP. */
export const calendarRoutes: readonly Route[] = [
  ...v2ResourceRoutes({
    template: '/calendars',
    parameter: 'calendar_id',
    kind: (kinds) => kinds.calendar,
    filters: { metadata_pair: is.metadata },
    operations: ['list', 'create', 'find', 'update', 'destroy'],
    check: ({ name }) => (typeof name === 'string' ? undefined : 'name is required'),
    defaults: () => ({
      object: 'calendar',
      description: '',
      location: '',
      read_only: false,
      is_primary: false,
    }),
  }),
  { method: 'POST', template: '/calendars/free-busy', json: 'required', handle: freeBusy },
  { method: 'POST', template: '/calendars/availability', json: 'required', handle: availability },
  { method: 'POST', template: '/calendars/availability/consecutive', json: 'required', handle: consecutive },
  ...v2ResourceRoutes({
    template: '/events',
    parameter: 'event_id',
    kind: (kinds) => kinds.event,
    filters: {
      calendar_id: is.exactly('calendar_id'),
      event_id: is.exactly('id'),
      title: is.text('title'),
      description: is.text('description'),
      location: is.text('location'),
      starts_after: is.after((event) => when(event).start_time),
      starts_before: is.before((event) => when(event).start_time),
      ends_after: is.after((event) => when(event).end_time),
      ends_before: is.before((event) => when(event).end_time),
      metadata_pair: is.metadata,
    },
    operations: ['list', 'create', 'find', 'update', 'destroy'],
    check: checkEvent,
    defaults: (x) => ({
      object: 'event',
      title: '',
      description: '',
      participants: [],
      read_only: false,
      location: null,
      busy: true,
      status: 'confirmed',
      owner: `${x.holder.name} <${x.holder.email}>`,
    }),
  }),
  {
    method: 'POST',
    template: '/events/to-ics',
    json: 'required',
    handle: (x) =>
      jsonReply(200, {
        ics: `BEGIN:VCALENDAR\r\nPRODID:-//simulator//EN\r\nUID:${x.requestId}\r\nEND:VCALENDAR\r\n`,
      }),
  },
  { method: 'POST', template: '/send-rsvp', json: 'required', handle: respond },
  {
    method: 'GET',
    template: '/resources',
    handle: (x) =>
      jsonReply(200, [
        {
          object: 'room_resource',
          account_id: x.holder.id,
          email: 'room.1@example.org',
          name: 'Room 1',
          capacity: '8',
          building: 'Main',
          floor_name: '2',
          floor_number: null,
        },
      ]),
  },
];

/** v2 contacts, their groups and pictures. */
export const contactRoutes: readonly Route[] = [
  ...v2ResourceRoutes({
    template: '/contacts',
    parameter: 'contact_id',
    kind: (kinds) => kinds.contact,
    filters: { email: is.address('emails'), source: is.exactly('source') },
    operations: ['list', 'create', 'find', 'update', 'destroy'],
    defaults: () => ({
      object: 'contact',
      emails: [],
      phone_numbers: [],
      groups: [],
      source: 'address_book',
    }),
  }),
  {
    method: 'GET',
    template: '/contacts/groups',
    handle: (x) =>
      jsonReply(200, [
        { object: 'contact_group', id: 'starred', account_id: x.holder.id, name: 'Starred', path: 'Starred' },
      ]),
  },
  {
    method: 'GET',
    template: '/contacts/{contact_id}/picture',
    handle: (x) => {
      const { mailboxes, v2 } = x.world;
      const contact = mailboxes.find(v2.contact, x.holder, x.param('contact_id'));
      return contact === undefined
        ? v2Missing(v2.contact, x.param('contact_id'))
        : textReply(200, 'not really a picture', 'image/jpeg');
    },
  },
];
