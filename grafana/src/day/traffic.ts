import type { Outcome } from '@nylas-otel/semantic-conventions';
import { hourOf } from './clock.ts';
import { STORY, within } from './story.ts';

/** One route, its share of the traffic and how long it usually takes. */
export interface RouteTraffic {
  readonly method: string;
  readonly template: string;
  readonly version: 'v2' | 'v3';
  readonly host: string;
  readonly share: number;
  /** Median of its duration, in seconds. */
  readonly median: number;
}

const US = 'api.us.nylas.com';
const EU = 'api.eu.nylas.com';

export const ROUTES: readonly RouteTraffic[] = [
  {
    method: 'GET',
    template: '/v3/grants/{grant_id}/messages',
    version: 'v3',
    host: US,
    share: 0.36,
    median: 0.32,
  },
  {
    method: 'GET',
    template: '/v3/grants/{grant_id}/messages/{message_id}',
    version: 'v3',
    host: US,
    share: 0.2,
    median: 0.18,
  },
  {
    method: 'GET',
    template: '/v3/grants/{grant_id}/threads',
    version: 'v3',
    host: EU,
    share: 0.12,
    median: 0.9,
  },
  {
    method: 'GET',
    template: '/v3/grants/{grant_id}/events',
    version: 'v3',
    host: US,
    share: 0.12,
    median: 0.4,
  },
  {
    method: 'PUT',
    template: '/v3/grants/{grant_id}/messages/{message_id}',
    version: 'v3',
    host: US,
    share: 0.08,
    median: 0.25,
  },
  {
    method: 'POST',
    template: '/v3/grants/{grant_id}/messages/send',
    version: 'v3',
    host: US,
    share: 0.05,
    median: 1.4,
  },
  { method: 'GET', template: '/v3/grants', version: 'v3', host: US, share: 0.03, median: 0.12 },
  { method: 'GET', template: '/messages', version: 'v2', host: 'api.nylas.com', share: 0.04, median: 0.5 },
];

/** Requests a minute of the whole service: an office day, with a quiet night. */
export function requestsPerMinute(time: number): number {
  const hour = hourOf(time);
  const day = ((hour % 24) + 24) % 24;
  const office = Math.exp(-(((day - 13.5) / 5) ** 2));
  const batch = time >= 0 ? 900 * within(STORY.batch, hour) : 0;
  return 240 + 960 * office + batch;
}

// Weeks before the day had bad hours, too: hours since the beginning of the day, for how long, and how bad.
const EARLIER: readonly (readonly [hour: number, hours: number, share: number])[] = [
  [-26 * 24 + 10, 3, 0.12],
  [-15 * 24 + 14, 1.5, 0.3],
  [-6 * 24 + 8, 4, 0.04],
];

/** Which share of the requests ends how; what is left ends well. */
export function outcomeShares(time: number): Readonly<Partial<Record<Outcome, number>>> {
  const hour = hourOf(time);
  const outage = within(STORY.outage, hour) + earlierOutage(hour);
  return {
    client_error: 0.006,
    invalid_credentials: 0.002 + 0.03 * within(STORY.passwords, hour),
    rate_limited: 0.0002 + 0.22 * within(STORY.batch, hour),
    provider_limited: 0.001 + 0.09 * within(STORY.gmail, hour),
    server_error: 0.0006 + 0.16 * outage,
    provider_error: 0.0003,
    timeout: 0.0002 + 0.07 * outage,
    network_error: 0.0001,
    cancelled: 0.001,
  };
}

/** How much slower than usual everything is. */
export function slowness(time: number): number {
  return 1 + 7 * within(STORY.outage, hourOf(time)) + 0.6 * within(STORY.batch, hourOf(time));
}

function earlierOutage(hour: number): number {
  return EARLIER.reduce(
    (sum, [from, hours, share]) => sum + (hour >= from && hour < from + hours ? share : 0),
    0,
  );
}
