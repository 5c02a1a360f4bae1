import type { Simulator } from '@nylas-otel/simulator';
import { SCENES, STAR } from '../story/scenes.ts';
import { RECIPIENT } from '../story/visitor.ts';
import type { Span } from '../world/span-receiver.ts';
import { type AccountCount, differenceOf } from './account-counts.ts';
import type { MetricsPage } from './metrics-page.ts';
import { isAttempt, isOurs, type NylasCall, nylasCalls } from './trace.ts';

/** Everything that was collected: what the service says of itself, and the truth to compare it with. */
export interface Evidence {
  readonly spans: readonly Span[];
  /** The page of Nylas metrics, as text and read. */
  readonly text: string;
  readonly page: MetricsPage;
  /** The service's own page. */
  readonly ownPage: MetricsPage;
  readonly log: readonly Readonly<Record<string, unknown>>[];
  readonly before: AccountComparison;
  readonly after: AccountComparison;
  /** The trace of the scene with this mailbox is the one that is shown. */
  readonly starMailbox: string;
  /** The mailbox that a message was sent from into an error. */
  readonly sender: string;
  readonly truth: Pick<Simulator, 'requests' | 'sent' | 'defects' | 'grants' | 'accounts' | 'apiKey'>;
  /** What Prometheus says; undefined where there is none. */
  readonly prometheus: { readonly targets: number; readonly requests: number } | undefined;
}

/** The account gauges beside what is true. */
export interface AccountComparison {
  readonly gauged: readonly AccountCount[];
  readonly real: readonly AccountCount[];
}

/** Something the demo says that one will see. */
export interface Promised {
  readonly title: string;
  /** What is missing, in words; undefined when it was seen. */
  readonly missing: (evidence: Evidence) => string | undefined;
}

const OUTCOMES = [
  'success',
  'rate_limited',
  'provider_limited',
  'server_error',
  'provider_error',
  'timeout',
  'network_error',
  'invalid_credentials',
  'client_error',
];
const RETRY_REASONS = ['rate_limited', 'server_error', 'provider_error', 'network_error'];
const SERVICE_ROUTES = [
  '/mailboxes/:grantId/messages',
  '/mailboxes/:grantId/messages/:messageId',
  '/scheduling/:grantId/free-busy',
  '/legacy/:accountId/messages',
];

/** In the order they are shown. */
export const PROMISES: readonly Promised[] = [
  {
    title: 'every request that reached Nylas counted once, with one span',
    missing: ({ page, spans, truth }) => {
      const [sent, counted] = [truth.requests.total, page.sum('nylas_client_requests_total')];
      const traced = spans.filter(isAttempt).length;
      return sent > 0 && counted === sent && traced === sent
        ? undefined
        : `${sent} requests, ${counted} counted, ${traced} spans`;
    },
  },
  {
    title: 'every attempt in the trace of the request that caused it',
    missing: ({ spans }) => {
      const calls = nylasCalls(spans).filter(({ server }) => server !== undefined);
      const stray = calls.find((call) => !isAtHome(call));
      if (calls.length === 0) return 'no call has a server span above it';
      return stray && `"${stray.operation.name}" is in a trace of ${stray.server?.attributes['http.route']}`;
    },
  },
  {
    title: 'a call with a 429, a 502 and a success, its resends numbered',
    missing: ({ spans, starMailbox }) => {
      const call = callOf(spans, starMailbox);
      if (call === undefined) return `no trace of "${STAR.title}"`;
      const seen = call.attempts.map(
        ({ attributes }) =>
          `${attributes['http.response.status_code']}/${attributes['http.request.resend_count'] ?? 0}`,
      );
      return seen.join(' ') === '429/0 502/1 200/2' ? undefined : `status/resend are ${seen.join(' ')}`;
    },
  },
  {
    title: 'a time-out of the SDK told as an error',
    missing: ({ spans }) =>
      nylasCalls(spans).some(
        ({ operation }) => operation.failed && operation.attributes['error.type'] === 'timeout',
      )
        ? undefined
        : 'no failed operation with error.type timeout',
  },
  {
    title: 'both APIs, v2 and v3',
    missing: ({ page }) => absent(page, 'nylas_client_requests_total', 'nylas_api_version', ['v2', 'v3']),
  },
  {
    title: `${OUTCOMES.length} kinds of outcome, each with its latency`,
    missing: ({ page }) =>
      absent(page, 'nylas_client_request_duration_seconds_count', 'nylas_outcome', OUTCOMES),
  },
  {
    title: "Nylas's own 429s told from those of the mail provider",
    missing: ({ page }) =>
      absent(page, 'nylas_client_rate_limits_total', 'nylas_rate_limit_source', ['nylas', 'provider']),
  },
  {
    title: 'retries by reason, and a call given up after its last one',
    missing: ({ page }) =>
      absent(page, 'nylas_client_retries_total', 'nylas_retry_reason', RETRY_REASONS) ??
      (page.sum('nylas_client_retries_exhausted_total') > 0 ? undefined : 'no call given up'),
  },
  {
    title: 'a message sent again after an error, delivered once',
    missing: ({ spans, sender, truth }) => {
      const attempts = callOf(spans, sender)?.attempts.length ?? 0;
      const delivered = truth.sent.filter((message) => message.grantId === sender).length;
      return attempts === 2 && delivered === 1 ? undefined : `${attempts} attempts, ${delivered} delivered`;
    },
  },
  {
    title: 'the routes of the service that use the quota',
    missing: ({ page }) => absent(page, 'nylas_client_caller_requests_total', 'nylas_caller', SERVICE_ROUTES),
  },
  {
    title: 'accounts by provider and state, exact before and after',
    missing: ({ before, after }) =>
      differenceOf(before.gauged, before.real) ?? differenceOf(after.gauged, after.real),
  },
  {
    title: 'broken accounts noticed by a failed request and by a look at all',
    missing: ({ page }) =>
      absent(page, 'nylas_account_transitions_total', 'nylas_account_signal', ['request', 'poll']),
  },
  {
    title: 'a line for Nylas support with a request id that Nylas knows',
    missing: ({ log, truth }) => {
      const line = supportLine(log);
      const id = line?.['nylas.request.id'];
      if (line === undefined) return 'no nylas.client.error in the log';
      return truth.requests.list().some(({ requestId }) => requestId === id)
        ? undefined
        : 'its request id is unknown';
    },
  },
  {
    title: 'no address, raw path or key in spans and metrics',
    missing: ({ spans, text, truth }) => {
      const ours = spans.filter(isOurs);
      if (ours.length === 0) return 'no spans to look at';
      const seen = `${text}${JSON.stringify(ours)}`;
      const grants = truth.grants.list();
      const addresses = [...grants, ...truth.accounts.list()].map(({ email }) => email);
      const secrets = [...addresses, RECIPIENT, truth.apiKey, ...grants.map(({ id }) => `/grants/${id}`)];
      const found = secrets.filter((secret) => seen.includes(secret)).length;
      return found === 0 ? undefined : `${found} of them`;
    },
  },
  {
    title: 'the metrics the service had before, untouched',
    missing: ({ ownPage }) =>
      ownPage.sum('mail_service_requests_total') > SCENES.length ? undefined : 'no requests on its page',
  },
  {
    title: 'nothing dropped inside nylas-otel',
    missing: ({ page, truth }) => {
      const errors = page.sum('nylas_telemetry_errors_total');
      if (page.samples('nylas_telemetry_errors_total').length === 0) return 'no such counter';
      return errors + truth.defects.length === 0
        ? undefined
        : `${errors} errors inside nylas-otel, ${truth.defects.length} inside the simulator`;
    },
  },
];

/** Promised where Prometheus is installed. */
export const SCRAPED: Promised = {
  title: 'Prometheus scrapes both pages',
  missing: ({ prometheus }) =>
    prometheus?.targets === 2 && prometheus.requests > 0
      ? undefined
      : `${prometheus?.targets ?? 0} targets are up, ${prometheus?.requests ?? 0} requests to Nylas in it`,
};

/** The newest failure with a request id, the line that Nylas support asks for. */
export function supportLine(
  log: readonly Readonly<Record<string, unknown>>[],
): Readonly<Record<string, unknown>> | undefined {
  return log.findLast(
    (line) => line['event.name'] === 'nylas.client.error' && typeof line['nylas.request.id'] === 'string',
  );
}

/** The first call for a mailbox that was made for a user. */
export function callOf(spans: readonly Span[], mailbox: string): NylasCall | undefined {
  return nylasCalls(spans).find(
    ({ server, operation }) => server !== undefined && accountOf(operation) === mailbox,
  );
}

/** The mailbox is in the path of the service's own routes, so a call in somebody else's trace would give itself away. */
function isAtHome({ server, operation, attempts }: NylasCall): boolean {
  const path = String(server?.attributes['url.path']).split('/');
  return [operation, ...attempts].every(
    (span) => span.traceId === server?.traceId && path.includes(String(accountOf(span))),
  );
}

function accountOf({ attributes }: Span): unknown {
  return attributes['nylas.grant.id'] ?? attributes['nylas.account.id'];
}

/** Says which values of a label have no samples above 0. */
function absent(
  page: MetricsPage,
  metric: string,
  label: string,
  values: readonly string[],
): string | undefined {
  const missing = values.filter((value) => page.sum(metric, { [label]: value }) === 0);
  return missing.length === 0 ? undefined : `${metric} has no ${label} ${missing.join(', ')}`;
}
