import { type Check, having, integer, oneOf } from '../options/checks.ts';
import { environment } from '../options/environment.ts';
import { ScrapeCollector } from './collect.ts';
import {
  type Endpoint,
  type EndpointReply,
  type EndpointRequest,
  guardedReply,
  plainReply,
  textReply,
} from './endpoint.ts';
import { type CollectingReader, currentReader, metricsOff } from './metric-reader.ts';
import { AUTH_CHECK, type Gate, type ScrapeAuth, scrapeGate } from './scrape-auth.ts';
import { TEXT_FORMAT } from './serialize-metrics.ts';

/** Options of a `/metrics` endpoint. */
export interface MetricsEndpointOptions {
  /**
   * What is collected. Default: the reader of `startNylasTelemetry()` or the last `nylasMetricReader()`; where there is
   * none, the metrics of nylas-otel alone.
   */
  reader?: CollectingReader;
  /**
   * What a scrape must present; others get 401. Default: what `NYLAS_OTEL_METRICS_TOKEN` or
   * `NYLAS_OTEL_METRICS_BASIC_AUTH` says, else nothing. `false`: nothing, whatever they say.
   */
  auth?: ScrapeAuth | false;
  /** Milliseconds a collect may take before the scrape is answered with 503. Default 10,000. */
  timeoutMillis?: number;
  /**
   * What one failed metric callback of the process does. `fail` (default): the scrape is answered with 500, so that it is
   * seen. `serve`: the other metrics are served.
   */
  onCollectError?: 'fail' | 'serve';
}

const COLLECT_TIMEOUT_MS = 10_000;

/** Checks of {@link MetricsEndpointOptions}, by option. */
export const ENDPOINT_CHECKS: { readonly [K in keyof MetricsEndpointOptions]-?: Check } = {
  reader: having('collect'),
  auth: AUTH_CHECK,
  timeoutMillis: integer(1, 3_600_000),
  onCollectError: oneOf('fail', 'serve'),
};

/** Answers scrapes, without a framework. Never rejects. */
export class MetricsEndpoint implements Endpoint {
  readonly #collector: ScrapeCollector;
  readonly #gate: Gate | undefined;

  constructor(options: MetricsEndpointOptions = {}) {
    const { reader, onCollectError = 'fail' } = options;
    const fallback = environment().metrics;
    const auth = options.auth ?? fallback.auth;
    const timeoutMillis = options.timeoutMillis ?? fallback.timeoutMillis ?? COLLECT_TIMEOUT_MS;
    this.#gate = auth === undefined || auth === false ? undefined : scrapeGate(auth);
    this.#collector = new ScrapeCollector({ reader, timeoutMillis, onCollectError });
    // Made now, so that histograms recorded before the first scrape are seen.
    if (reader === undefined && metricsOff() === undefined) currentReader();
  }

  /** Answers one request. */
  reply(request: EndpointRequest): Promise<EndpointReply> {
    return guardedReply(this.#gate, request, async () => {
      const scrape = await this.#collector.scrape();
      if (!scrape.ok) return plainReply(scrape.status, scrape.reason);
      return textReply(TEXT_FORMAT, scrape.text, request.acceptEncoding);
    });
  }
}
