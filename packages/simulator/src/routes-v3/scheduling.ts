import { emptyKind, type JsonObject } from '../data/mailbox.ts';
import { freeSlots } from '../data/time-slots.ts';
import type { Exchange } from '../http/exchange.ts';
import type { Reply } from '../http/reply.ts';
import type { Route } from '../http/router.ts';
import { resourceRoutes } from './resource-routes.ts';

const SCHEDULING = '/v3/scheduling';
const BOOKING = `${SCHEDULING}/bookings/{booking_id}`;

const configurations = emptyKind('v3.configuration', 47);
const bookings = emptyKind('v3.booking', 48);
const session = { credential: 'session' } as const;

function createBooking(x: Exchange): Reply {
  const { start_time, end_time, guest } = x.body;
  if (
    !Number.isInteger(start_time) ||
    !Number.isInteger(end_time) ||
    typeof guest !== 'object' ||
    guest === null
  ) {
    return x.fail(400, 'invalid_request_error', 'start_time, end_time and guest are required');
  }
  const booking = x.world.mailboxes.insert(bookings, x.world.application, {
    event_id: x.requestId,
    title: 'Booking',
    organizer: { email: 'organizer@example.com', name: 'Organizer' },
    status: 'booked',
    description: '',
    ...x.body,
  });
  return x.item(asBooking(booking));
}

const asBooking = ({ id, event_id, title, organizer, status, description }: JsonObject): JsonObject => ({
  booking_id: id,
  event_id,
  title,
  organizer,
  status,
  description,
});

/** Changes a booking, or answers 404. */
function change(changes: (x: Exchange) => JsonObject, reply: (x: Exchange, booking: JsonObject) => Reply) {
  return (x: Exchange): Reply => {
    const booking = x.world.mailboxes.update(
      bookings,
      x.world.application,
      x.param('booking_id'),
      changes(x),
    );
    return booking === undefined ? x.missing() : reply(x, booking);
  };
}
const showBooking = (x: Exchange, booking: JsonObject): Reply => x.item(asBooking(booking));

function availability(x: Exchange): Reply {
  const start = Number(x.query.get('start_time'));
  const end = Number(x.query.get('end_time'));
  if (!(end > start && start > 0)) {
    return x.fail(400, 'invalid_request_error', 'start_time and end_time are required');
  }
  const emails = ['organizer@example.com'];
  const slots = freeSlots(x.world.settings.seed, emails, start, end, 1800);
  return x.item({ order: emails, time_slots: slots.map((slot) => ({ emails, ...slot })) });
}

/** Scheduler: configurations, sessions, bookings, availability. */
export const schedulingRoutes: readonly Route[] = [
  ...resourceRoutes({
    template: '/v3/grants/{grant_id}/scheduling/configurations',
    parameter: 'configuration_id',
    kind: () => configurations,
    check: ({ participants }) => (Array.isArray(participants) ? undefined : 'participants is required'),
    defaults: () => ({ requires_session_auth: false, scheduler: {}, appearance: {} }),
  }),
  {
    method: 'POST',
    template: `${SCHEDULING}/sessions`,
    json: 'required',
    handle: (x) => {
      x.world.sessions.add(x.requestId);
      return x.item({ session_id: x.requestId });
    },
  },
  {
    method: 'DELETE',
    template: `${SCHEDULING}/sessions/{session_id}`,
    handle: (x) => (x.world.sessions.delete(x.param('session_id')) ? x.done() : x.missing()),
  },
  { method: 'GET', template: `${SCHEDULING}/availability`, ...session, handle: availability },
  { method: 'POST', template: `${SCHEDULING}/bookings`, ...session, json: 'required', handle: createBooking },
  {
    method: 'GET',
    template: BOOKING,
    ...session,
    handle: (x) => {
      const booking = x.world.mailboxes.find(bookings, x.world.application, x.param('booking_id'));
      return booking === undefined ? x.missing() : showBooking(x, booking);
    },
  },
  {
    method: 'PATCH',
    template: BOOKING,
    ...session,
    json: 'required',
    handle: change(
      (x) => x.body,
      (x) => x.done(),
    ),
  },
  {
    method: 'PUT',
    template: BOOKING,
    ...session,
    json: 'required',
    handle: change((x) => ({ status: x.body.status === 'cancelled' ? 'cancelled' : 'booked' }), showBooking),
  },
  {
    method: 'DELETE',
    template: BOOKING,
    ...session,
    handle: change(
      () => ({ status: 'cancelled' }),
      (x) => x.done(),
    ),
  },
];
