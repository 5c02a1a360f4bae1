import type { Outcome, RateLimitSource, RetryReason, Route } from '@nylas-otel/nylas-api';
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_NYLAS_API_VERSION,
  ATTR_NYLAS_CALLER,
  ATTR_NYLAS_OUTCOME,
  ATTR_NYLAS_RATE_LIMIT_SOURCE,
  ATTR_NYLAS_RETRY_DETECTION,
  ATTR_NYLAS_RETRY_REASON,
  ATTR_SERVER_ADDRESS,
  ATTR_URL_TEMPLATE,
  METRIC_NYLAS_CLIENT_CALLER_REQUESTS,
  METRIC_NYLAS_CLIENT_GMAIL_QUOTA,
  METRIC_NYLAS_CLIENT_PROVIDER_REQUESTS,
  METRIC_NYLAS_CLIENT_RATE_LIMITS,
  METRIC_NYLAS_CLIENT_REQUEST_DURATION,
  METRIC_NYLAS_CLIENT_REQUESTS,
  METRIC_NYLAS_CLIENT_REQUESTS_ACTIVE,
  METRIC_NYLAS_CLIENT_RETRIES,
  RATE_LIMIT_SOURCES,
} from '@nylas-otel/semantic-conventions';
import { type CountEntry, CountTable, createEmitter } from '@nylas-otel/telemetry';
import { type Attributes, type Context, trace } from '@opentelemetry/api';
import { SCOPE } from '../version.ts';
import type { Attempt } from './attempt.ts';
import type { Target } from './targets.ts';

const emitter = createEmitter(SCOPE);

// Callers come from the host's routes; after this many the rest is one.
const MOST_CALLERS = 100;

/** The series of one route on one target, found once: the hot path raises numbers and reuses attribute objects. */
export class RouteSeries {
  readonly success = new Map<number, CountEntry>();
  readonly failures = new Map<string, CountEntry>();
  readonly durations = new Map<Outcome, Attributes>();
  readonly active: CountEntry;
  provider: CountEntry | undefined;
  gmail: CountEntry | undefined;

  constructor(active: CountEntry) {
    this.active = active;
  }
}

/** The request metrics of the contract, for the process. */
export class RequestMetrics {
  readonly #requests = emitter.count(METRIC_NYLAS_CLIENT_REQUESTS);
  readonly #duration = emitter.histogram(METRIC_NYLAS_CLIENT_REQUEST_DURATION);
  readonly #active = emitter.count(METRIC_NYLAS_CLIENT_REQUESTS_ACTIVE);
  readonly #rateLimits = emitter.count(METRIC_NYLAS_CLIENT_RATE_LIMITS);
  readonly #retries = emitter.count(METRIC_NYLAS_CLIENT_RETRIES);
  readonly #providerRequests = emitter.count(METRIC_NYLAS_CLIENT_PROVIDER_REQUESTS);
  readonly #gmailQuota = emitter.count(METRIC_NYLAS_CLIENT_GMAIL_QUOTA);
  readonly #callerRequests = emitter.count(METRIC_NYLAS_CLIENT_CALLER_REQUESTS);
  readonly #callers = new Set<string>();
  readonly #series = new Map<Target, Map<Route, RouteSeries>>();
  // The histogram's sets are bounded as the counters' are: a table that only hands out attribute objects.
  readonly #durationSets = new CountTable(
    // In the order in which the SDK sorts them at every record.
    [ATTR_HTTP_REQUEST_METHOD, ATTR_NYLAS_API_VERSION, ATTR_NYLAS_OUTCOME, ATTR_URL_TEMPLATE],
    [(attributes) => ({ ...attributes, [ATTR_URL_TEMPLATE]: 'other' })],
  );

  /** A request begins. */
  began(attempt: Attempt): void {
    attempt.series = this.#of(attempt);
    attempt.series.active.value++;
  }

  /** A request is over: response headers read, or failed. */
  recorded(
    attempt: Attempt,
    outcome: Outcome,
    errorType: string | undefined,
    rateLimit: RateLimitSource | undefined,
  ): void {
    const series = attempt.series ?? this.#of(attempt);
    series.active.value--;
    this.#countOf(series, attempt, errorType).value++;
    const seconds = (attempt.endedAt - attempt.startedAt) / 1_000;
    this.#duration.record(
      seconds,
      this.#durationOf(series, attempt.route, outcome),
      exemplarContext(attempt),
    );
    if (attempt.providerRequests !== undefined) {
      series.provider ??= this.#providerRequests.entry({ [ATTR_URL_TEMPLATE]: attempt.route.template });
      series.provider.value += attempt.providerRequests;
    }
    if (attempt.gmailQuota !== undefined) {
      series.gmail ??= this.#gmailQuota.entry({ [ATTR_URL_TEMPLATE]: attempt.route.template });
      series.gmail.value += attempt.gmailQuota;
    }
    if (rateLimit !== undefined) this.#rateLimits.add(rateLimitSet(attempt.route, rateLimit));
    if (attempt.caller !== undefined) {
      this.#callerRequests.add({ [ATTR_NYLAS_CALLER]: attempt.caller, [ATTR_NYLAS_OUTCOME]: outcome });
    }
  }

  /** A resend that nobody announced was recognised. */
  retried(attempt: Attempt, reason: RetryReason): void {
    this.#retries.add({
      [ATTR_HTTP_REQUEST_METHOD]: attempt.method,
      [ATTR_URL_TEMPLATE]: attempt.route.template,
      [ATTR_NYLAS_RETRY_REASON]: reason,
      [ATTR_NYLAS_RETRY_DETECTION]: 'inferred',
    });
  }

  /** The label of a caller: itself, or `other` after 100 different ones. */
  callerLabel(caller: string): string {
    if (this.#callers.has(caller)) return caller;
    if (this.#callers.size >= MOST_CALLERS) return 'other';
    this.#callers.add(caller);
    return caller;
  }

  #of({ target, route }: Attempt): RouteSeries {
    let routes = this.#series.get(target);
    if (routes === undefined) {
      routes = new Map();
      this.#series.set(target, routes);
    }
    let series = routes.get(route);
    if (series === undefined) {
      const active = { [ATTR_NYLAS_API_VERSION]: route.version, [ATTR_SERVER_ADDRESS]: target.address };
      series = new RouteSeries(this.#active.entry(active));
      routes.set(route, series);
      // Born at 0 with the route's first request, so that `increase()` sees its first 429.
      for (const source of RATE_LIMIT_SOURCES) this.#rateLimits.entry(rateLimitSet(route, source));
    }
    return series;
  }

  #countOf(series: RouteSeries, attempt: Attempt, errorType: string | undefined): CountEntry {
    const { status, route } = attempt;
    const known =
      errorType === undefined ? series.success.get(status) : series.failures.get(`${status}${errorType}`);
    if (known !== undefined) return known;
    const attributes: Attributes = {
      [ATTR_HTTP_REQUEST_METHOD]: route.method,
      [ATTR_URL_TEMPLATE]: route.template,
      [ATTR_NYLAS_API_VERSION]: route.version,
      [ATTR_SERVER_ADDRESS]: attempt.target.address,
    };
    if (status !== 0) attributes[ATTR_HTTP_RESPONSE_STATUS_CODE] = status;
    if (errorType !== undefined) attributes[ATTR_ERROR_TYPE] = errorType;
    const entry = this.#requests.entry(attributes);
    if (errorType === undefined) series.success.set(status, entry);
    else series.failures.set(`${status}${errorType}`, entry);
    return entry;
  }

  #durationOf(series: RouteSeries, route: Route, outcome: Outcome): Attributes {
    let attributes = series.durations.get(outcome);
    if (attributes === undefined) {
      attributes = this.#durationSets.entry({
        [ATTR_HTTP_REQUEST_METHOD]: route.method,
        [ATTR_URL_TEMPLATE]: route.template,
        [ATTR_NYLAS_OUTCOME]: outcome,
        [ATTR_NYLAS_API_VERSION]: route.version,
      }).attributes;
      series.durations.set(outcome, attributes);
    }
    return attributes;
  }
}

// An exemplar points to the caller's trace; without a caller's span, to the request's own.
function exemplarContext({ context, span, parentSpanId }: Attempt): Context {
  return span === undefined || parentSpanId !== undefined ? context : trace.setSpan(context, span);
}

function rateLimitSet(route: Route, source: RateLimitSource): Attributes {
  return {
    [ATTR_URL_TEMPLATE]: route.template,
    [ATTR_NYLAS_RATE_LIMIT_SOURCE]: source,
    [ATTR_NYLAS_API_VERSION]: route.version,
  };
}
