import { randomFrom } from '../measure/statistics.ts';

/** A request and its answer, as undici holds them. Many requests are made of one exchange. */
export interface Exchange {
  readonly origin: string;
  readonly method: string;
  readonly path: string;
  /** Flat list of names and values, as fetch hands it to its dispatcher. */
  readonly headers: readonly string[];
  readonly body: string | null;
  readonly status: number;
  /** Flat list of bytes, as the HTTP/1.1 parser gives it. */
  readonly responseHeaders: readonly Buffer[];
}

/** Method, path, share of the traffic. `{g}` is a grant, `{i}` an id of any other object. */
type Call = readonly [method: string, path: string, share: number];

// What a mail service does all day: mostly lists and single messages, some writing.
const CALLS: readonly Call[] = [
  ['GET', '/v3/grants/{g}/messages?limit=50&received_after=1731456000', 25],
  ['GET', '/v3/grants/{g}/messages/{i}', 25],
  ['GET', '/v3/grants/{g}/threads?limit=20&page_token={i}', 10],
  ['GET', '/v3/grants/{g}/threads/{i}', 8],
  ['GET', '/v3/grants/{g}/events?calendar_id=primary&limit=50', 8],
  ['PUT', '/v3/grants/{g}/events/{i}?calendar_id=primary', 3],
  ['GET', '/v3/grants/{g}/calendars', 4],
  ['POST', '/v3/grants/{g}/messages/send', 4],
  ['POST', '/v3/grants/{g}/drafts', 3],
  ['PUT', '/v3/grants/{g}/messages/{i}', 3],
  ['GET', '/v3/grants/{g}/contacts?limit=30', 3],
  ['GET', '/v3/grants/{g}/attachments/{i}?message_id={i}', 2],
  ['GET', '/v3/grants/{g}', 2],
];

/** Status and its share in per mille. Nylas fails now and then, in a service that works. */
const STATUSES = [
  [200, 980],
  [429, 8],
  [404, 7],
  [503, 5],
] as const;

/**
 * Exchanges with the Nylas API, the same in every process. Few enough to stay in the processor's cache: those of a
 * real request are fresh.
 */
export function nylasExchanges(count = 512, grants = 128): Exchange[] {
  const random = randomFrom(11);
  const ids = Array.from({ length: grants }, () => uuid(random));
  const answers = new Map(STATUSES.map(([status]) => [status, answersOf(status, random)]));
  return Array.from({ length: count }, (_, i) => {
    const [method, path] = weighted(CALLS, random);
    const [status] = weighted(STATUSES, random);
    return {
      ...requestOf('https://api.us.nylas.com', method),
      path: path
        .replaceAll('{g}', () => ids[Math.floor(random() * grants)] as string)
        .replaceAll('{i}', () => uuid(random).replaceAll('-', '')),
      status,
      responseHeaders: answers.get(status)?.[i % ANSWERS] as Buffer[],
    };
  });
}

const FOREIGN = [
  'https://api.stripe.com',
  'https://hooks.slack.com',
  'http://10.0.3.17:8080',
  'https://s3.eu-west-1.amazonaws.com',
];

/** Exchanges with hosts that are not Nylas. */
export function foreignExchanges(count = 512): Exchange[] {
  const random = randomFrom(12);
  const answers = answersOf(200, random);
  return Array.from({ length: count }, (_, i) => ({
    ...requestOf(FOREIGN[i % FOREIGN.length] as string, 'GET'),
    path: `/v1/customers/${uuid(random)}?expand=subscriptions`,
    status: 200,
    responseHeaders: answers[i % ANSWERS] as Buffer[],
  }));
}

function requestOf(origin: string, method: string): Pick<Exchange, 'origin' | 'method' | 'headers' | 'body'> {
  const writes = method === 'POST' || method === 'PUT';
  return {
    // A string of its own, as every URL object gives one: equal to the others, not the same.
    origin: new URL(origin).origin,
    method,
    body: writes
      ? JSON.stringify({ subject: 'Hello', body: 'x'.repeat(400), to: [{ email: 'a@example.com' }] })
      : null,
    headers: [
      'accept',
      'application/json',
      'user-agent',
      'Nylas Node SDK v8.4.0',
      'authorization',
      'Bearer nyk_v0_benchmark0000000000000000000000000000000000',
      ...(writes ? ['content-type', 'application/json'] : []),
      'accept-language',
      '*',
      'sec-fetch-mode',
      'cors',
      'accept-encoding',
      'gzip, deflate',
    ],
  };
}

const ANSWERS = 8;

function answersOf(status: number, random: () => number): Buffer[][] {
  return Array.from({ length: ANSWERS }, () => responseHeadersOf(status, random));
}

function responseHeadersOf(status: number, random: () => number): Buffer[] {
  return [
    ['content-type', 'application/json; charset=utf-8'],
    ['content-length', '2048'],
    ['date', 'Mon, 23 Nov 2026 15:00:00 GMT'],
    ['server', 'nginx'],
    ['via', '1.1 varnish'],
    ['x-fastly-id', String(Math.floor(random() * 1e9))],
    ['x-request-id', uuid(random)],
    ['nylas-provider-request-count', '1'],
    ['nylas-gmail-quota-usage', '5'],
    ['strict-transport-security', 'max-age=31536000'],
    ['vary', 'accept-encoding'],
    ...(status === 429 ? [['retry-after', '7']] : []),
  ]
    .flat()
    .map((text) => Buffer.from(text, 'latin1'));
}

function weighted<T extends readonly unknown[]>(rows: readonly T[], random: () => number): T {
  const shares = rows.map((row) => row.at(-1) as number);
  let left = random() * shares.reduce((sum, share) => sum + share, 0);
  for (const [i, share] of shares.entries()) {
    left -= share;
    if (left < 0) return rows[i] as T;
  }
  return rows[0] as T;
}

function uuid(random: () => number): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}
