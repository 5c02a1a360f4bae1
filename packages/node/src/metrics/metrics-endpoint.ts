import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { anyOf, type Check, exactly, having, integer, oneOf, shape, text } from '../options/checks.ts';
import { environment } from '../options/environment.ts';
import { ScrapeCollector } from './collect.ts';
import { type CollectingReader, currentReader, metricsOff } from './metric-reader.ts';
import { type Gate, type ScrapeAuth, scrapeGate } from './scrape-auth.ts';
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

/** The parts of a request that matter to a `/metrics` endpoint. */
export interface ScrapeRequest {
  readonly method: string;
  readonly authorization: string | undefined;
  readonly acceptEncoding: string | undefined;
}

/** An answer, for an adapter to send. A `HEAD` request's has the headers of the `GET` and no body. */
export interface ScrapeReply {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

const COLLECT_TIMEOUT_MS = 10_000;

/** Checks of {@link MetricsEndpointOptions}, by option. */
export const ENDPOINT_CHECKS: { readonly [K in keyof MetricsEndpointOptions]-?: Check } = {
  reader: having('collect'),
  auth: anyOf(
    'Give { bearer }, { username, password } or false.',
    exactly(false),
    shape({ bearer: text }, ['bearer']),
    shape({ username: text, password: text }, ['username', 'password']),
  ),
  timeoutMillis: integer(1, 3_600_000),
  onCollectError: oneOf('fail', 'serve'),
};

const compress = promisify(gzip);
// Below this a compressed answer saves nothing.
const COMPRESS_FROM = 1_024;
const EMPTY: Buffer = Buffer.alloc(0);

/** Answers scrapes, without a framework. Never rejects. */
export class MetricsEndpoint {
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
  async reply(request: ScrapeRequest): Promise<ScrapeReply> {
    if (this.#gate !== undefined && !this.#gate.admits(request.authorization)) {
      return plain(401, 'Unauthorized: this endpoint wants credentials.', {
        'www-authenticate': this.#gate.challenge,
      });
    }
    const head = request.method === 'HEAD';
    if (!head && request.method !== 'GET') {
      return plain(405, 'Method Not Allowed: use GET or HEAD.', { allow: 'GET, HEAD' });
    }
    const reply = await this.#scraped(acceptsGzip(request.acceptEncoding));
    return head ? { ...reply, body: EMPTY } : reply;
  }

  async #scraped(gzipped: boolean): Promise<ScrapeReply> {
    const scrape = await this.#collector.scrape();
    if (!scrape.ok) return plain(scrape.status, scrape.reason);
    const text = Buffer.from(scrape.text, 'utf8');
    const headers = { 'content-type': TEXT_FORMAT, 'cache-control': 'no-store', vary: 'accept-encoding' };
    if (!gzipped || text.length < COMPRESS_FROM) return sized(200, headers, text);
    return sized(200, { ...headers, 'content-encoding': 'gzip' }, await compress(text));
  }
}

function plain(status: number, message: string, headers: Record<string, string> = {}): ScrapeReply {
  const body = Buffer.from(`${message}\n`, 'utf8');
  return sized(
    status,
    { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', ...headers },
    body,
  );
}

function sized(status: number, headers: Record<string, string>, body: Buffer): ScrapeReply {
  return { status, headers: { ...headers, 'content-length': String(body.length) }, body };
}

/** RFC 9110, 12.5.3: an encoding with weight 0 is refused, `*` stands for those not named. */
function acceptsGzip(acceptEncoding: string | undefined): boolean {
  if (acceptEncoding === undefined) return false;
  let any = false;
  for (const item of acceptEncoding.toLowerCase().split(',')) {
    const [coding, ...parameters] = item.split(';').map((part) => part.trim());
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    const accepted = weight === undefined || Number(weight.slice(2)) > 0;
    if (coding === 'gzip' || coding === 'x-gzip') return accepted;
    if (coding === '*') any = accepted;
  }
  return any;
}
