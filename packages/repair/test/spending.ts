import { LIMITS } from '@nylas-otel/nylas-api';

/** A request as its sender saw it. */
export interface SentRequest {
  /** Simulated Unix milliseconds. */
  readonly time: number;
  readonly path: string;
  /** What it cost the mail provider; undefined when there was no answer. */
  readonly calls: number | undefined;
}

const CALLS = 'nylas-provider-request-count';
/** A page of Google's, and the list of it: the most that the simulator reckons. */
const DEAREST = 51;

/** A `fetch` that tells of every request when it is sent and when it is answered. */
export function countingFetch(
  now: () => number,
  tell: (n: number, request: SentRequest) => void,
  asked: typeof fetch = fetch,
): typeof fetch {
  let sent = 0;
  return async (input, init) => {
    const n = sent++;
    const request = { time: now(), path: new URL(String(input)).pathname };
    tell(n, { ...request, calls: undefined });
    const response = await asked(input, init);
    tell(n, { ...request, calls: Number(response.headers.get(CALLS) ?? 0) });
    return response;
  };
}

/** What was used at the most of limits that the simulator does not watch over, beside the half of them. */
export interface Spending {
  readonly requestsPerSecond: number;
  /** Calls to Google for one mailbox within any minute. */
  readonly mailboxPerMinute: number;
  /** Calls to Google for all mailboxes within any minute. */
  readonly projectPerMinute: number;
  /** Seconds that the work takes at least, at half of the limits. */
  readonly forcedSeconds: number;
}

const google = (per: 'mailbox' | 'project'): number =>
  LIMITS.providers.google.find((limit) => limit.what === 'requests' && limit.per === per)?.max ?? 0;
/** Half of the documented limits of Google, by the minute. */
export const HALF = { mailbox: google('mailbox') / 2, project: google('project') / 2 } as const;

/** What requests came to at the most. */
export function spendingOf(
  requests: readonly SentRequest[],
  isGoogle: (account: string) => boolean,
  requestsPerSecond: number,
): Spending {
  const byMailbox = new Map<string, SentRequest[]>();
  for (const request of requests) {
    const [, account = ''] = /^\/v3\/grants\/([^/]+)\//.exec(request.path) ?? [];
    if (!isGoogle(account)) continue;
    const known = byMailbox.get(account);
    if (known === undefined) byMailbox.set(account, [request]);
    else known.push(request);
  }
  const calls = ({ calls: made = DEAREST }: SentRequest): number => made;
  const all = [...byMailbox.values()].flat();
  const sum = (some: readonly SentRequest[]): number => some.reduce((total, one) => total + calls(one), 0);
  const mailboxes = [...byMailbox.values()];
  return {
    requestsPerSecond: peak(requests, 1_000, () => 1),
    mailboxPerMinute: Math.max(0, ...mailboxes.map((some) => peak(some, 60_000, calls))),
    projectPerMinute: peak(all, 60_000, calls),
    forcedSeconds: Math.max(
      requests.length / requestsPerSecond,
      (sum(all) / HALF.project) * 60,
      ...mailboxes.map((some) => (sum(some) / HALF.mailbox) * 60),
    ),
  };
}

function peak(
  requests: readonly SentRequest[],
  windowMs: number,
  weight: (request: SentRequest) => number,
): number {
  const sorted = [...requests].sort((a, b) => a.time - b.time);
  let most = 0;
  let within = 0;
  let first = 0;
  for (const request of sorted) {
    within += weight(request);
    for (let oldest = sorted[first]; oldest !== undefined && request.time - oldest.time >= windowMs; ) {
      within -= weight(oldest);
      oldest = sorted[++first];
    }
    most = Math.max(most, within);
  }
  return most;
}
