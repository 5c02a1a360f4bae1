import type { Route } from '@nylas-otel/nylas-api';
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_SCHEME,
} from '@nylas-otel/semantic-conventions';
import { type Attributes, type Histogram, type MeterProvider, metrics, ValueType } from '@opentelemetry/api';
import type { Attempt } from '../requests/attempt.ts';

// Semantic conventions, HTTP metrics: http.client.request.duration.
const NAME = 'http.client.request.duration';
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const ATTR_NETWORK_PROTOCOL_VERSION = 'network.protocol.version';

/** The instrumentation on whose behalf the histogram is kept. */
export interface OnBehalfOf {
  readonly instrumentationName: string;
  readonly instrumentationVersion: string;
  /** Its own words, so that both handles name one instrument. */
  readonly description: string;
  /** Whether it sets `url.scheme` (undici does, http does not). */
  readonly withScheme: boolean;
}

/**
 * Keeps `http.client.request.duration` going for the Nylas hosts we took over from an HTTP instrumentation: under its
 * scope, name and attributes, so that it lands in the same series as before.
 */
export class HttpClientDuration {
  readonly #behalf: OnBehalfOf;
  // Answers are found by numbers alone: a key put together for each request would have to be hashed each time.
  readonly #answers = new Map<Route, Map<number, Attributes>>();
  readonly #failures = new Map<string, Attributes>();
  #provider: MeterProvider | undefined;
  #given: MeterProvider | undefined;
  #histogram: Histogram | undefined;

  constructor(behalf: OnBehalfOf) {
    this.#behalf = behalf;
  }

  /** The provider the instrumentation records to; without it the global one. */
  use(provider: MeterProvider): void {
    this.#given = provider;
  }

  /** Records an attempt that is over. `protocol` is `1.1` or `2`. */
  record(attempt: Attempt, protocol: string, errorType: string | undefined): void {
    const provider = this.#given ?? metrics.getMeterProvider();
    if (provider !== this.#provider || this.#histogram === undefined) {
      this.#provider = provider;
      const { instrumentationName, instrumentationVersion, description } = this.#behalf;
      this.#histogram = provider.getMeter(instrumentationName, instrumentationVersion).createHistogram(NAME, {
        description,
        unit: 's',
        valueType: ValueType.DOUBLE,
        advice: { explicitBucketBoundaries: BUCKETS },
      });
    }
    const seconds = (attempt.endedAt - attempt.startedAt) / 1_000;
    this.#histogram.record(seconds, this.#attributes(attempt, protocol, errorType), attempt.context);
  }

  #attributes(attempt: Attempt, protocol: string, errorType: string | undefined): Attributes {
    const { target, route, status, method } = attempt;
    if (status === 0) {
      const key = `${target.origin} ${method} ${protocol} ${errorType}`;
      let attributes = this.#failures.get(key);
      if (attributes === undefined) {
        attributes = this.#made(attempt, protocol, errorType);
        this.#failures.set(key, attributes);
      }
      return attributes;
    }
    let answers = this.#answers.get(route);
    if (answers === undefined) {
      answers = new Map();
      this.#answers.set(route, answers);
    }
    let attributes = answers.get(status);
    // One route is nearly always asked of one target over one protocol.
    if (
      attributes === undefined ||
      attributes[ATTR_SERVER_PORT] !== target.port ||
      attributes[ATTR_SERVER_ADDRESS] !== target.address ||
      attributes[ATTR_NETWORK_PROTOCOL_VERSION] !== protocol
    ) {
      attributes = this.#made(attempt, protocol, errorType);
      answers.set(status, attributes);
    }
    return attributes;
  }

  #made({ target, status, method }: Attempt, protocol: string, errorType: string | undefined): Attributes {
    // In the order in which the SDK sorts them at every record.
    return {
      ...(errorType === undefined ? {} : { [ATTR_ERROR_TYPE]: errorType }),
      [ATTR_HTTP_REQUEST_METHOD]: method,
      ...(status === 0 ? {} : { [ATTR_HTTP_RESPONSE_STATUS_CODE]: status }),
      ...(protocol === '' ? {} : { [ATTR_NETWORK_PROTOCOL_VERSION]: protocol }),
      [ATTR_SERVER_ADDRESS]: target.address,
      [ATTR_SERVER_PORT]: target.port,
      ...(this.#behalf.withScheme ? { [ATTR_URL_SCHEME]: target.scheme } : {}),
    };
  }
}

/** The `error.type` that the stock instrumentations give this metric: the status, else the error's code or name. */
export function stockErrorType(attempt: Attempt): string | undefined {
  if (attempt.status >= 400) return String(attempt.status);
  return attempt.status === 0 ? attempt.failure?.errorType : undefined;
}
