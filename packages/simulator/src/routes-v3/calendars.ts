import { is } from '../data/filters.ts';
import { busySlots, freeSlots } from '../data/time-slots.ts';
import { objectsOf, textOf } from '../data/untrusted.ts';
import type { Exchange } from '../http/exchange.ts';
import type { Reply } from '../http/reply.ts';
import type { Route } from '../http/router.ts';
import { resourceRoutes } from './resource-routes.ts';

const CALENDARS = '/v3/grants/{grant_id}/calendars';

const isTime = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function rangeOf(x: Exchange): { start: number; end: number } | undefined {
  const { start_time: start, end_time: end } = x.body;
  return isTime(start) && isTime(end) && end > start ? { start, end } : undefined;
}

/** One entry for each address; an address that cannot be resolved is an error inside a 200. */
function freeBusy(x: Exchange): Reply {
  const range = rangeOf(x);
  if (range === undefined)
    return x.fail(400, 'invalid_request_error', 'start_time and end_time are required');
  const emails = x.body.emails;
  if (!Array.isArray(emails) || emails.length === 0) {
    return x.fail(400, 'invalid_request_error', 'emails must be a list of addresses');
  }
  return x.item(
    emails.map((email) =>
      typeof email === 'string' && isResolvable(x, email)
        ? {
            email,
            object: 'free_busy',
            time_slots: busySlots(x.world.settings.seed, email, range.start, range.end).map((slot) => ({
              object: 'time_slot',
              ...slot,
              status: 'busy',
            })),
          }
        : {
            email,
            object: 'error',
            error: `Unable to resolve e-mail address ${textOf(email).slice(0, 200)}`,
          },
    ),
  );
}

/** Addresses of the simulator and of the example domains are known to its providers; others are not. */
function isResolvable(x: Exchange, email: string): boolean {
  return x.world.grants.get(email) !== undefined || /@(?:[\w-]+\.)*example\.(?:com|org|net)$/i.test(email);
}

function availability(x: Exchange): Reply {
  const range = rangeOf(x);
  const { participants, duration_minutes: duration } = x.body;
  if (range === undefined || !Number.isInteger(duration) || (duration as number) < 5) {
    return x.fail(400, 'invalid_request_error', 'start_time, end_time and duration_minutes are required');
  }
  if (!Array.isArray(participants) || participants.length === 0) {
    return x.fail(400, 'invalid_request_error', 'participants must be a list of {"email"}');
  }
  const emails = objectsOf(participants).map((one) => textOf(one.email));
  const slots = freeSlots(x.world.settings.seed, emails, range.start, range.end, (duration as number) * 60);
  return x.item({ order: emails, time_slots: slots.map((slot) => ({ emails, ...slot, event_id: null })) });
}

/** Calendars: list, create, find, update, delete, free-busy, availability. */
export const calendarRoutes: readonly Route[] = [
  ...resourceRoutes({
    template: CALENDARS,
    parameter: 'calendar_id',
    kind: (kinds) => kinds.calendar,
    filters: { metadata_pair: is.metadata },
    check: (body) => (typeof body.name === 'string' && body.name !== '' ? undefined : 'name is required'),
    defaults: () => ({
      object: 'calendar',
      description: '',
      location: '',
      timezone: 'UTC',
      is_primary: false,
      is_owned_by_user: true,
      read_only: false,
      hex_color: '#039BE5',
      hex_foreground_color: '#FFFFFF',
      metadata: {},
    }),
  }),
  { method: 'POST', template: `${CALENDARS}/free-busy`, json: 'required', handle: freeBusy },
  { method: 'POST', template: '/v3/calendars/availability', json: 'required', handle: availability },
];
