import type { WatchAccountsOptions } from '@nylas-otel/accounts';
import type { InstrumentationList, NylasInstrumentationConfig } from '@nylas-otel/instrumentation';
import type { MetricProducer } from '@opentelemetry/sdk-metrics';
import type { NodeSDKConfiguration } from '@opentelemetry/sdk-node';
import { HURTING_CHECK, type HurtingPathOptions } from '../metrics/hurting-endpoint.ts';
import { ENDPOINT_CHECKS, type MetricsEndpointOptions } from '../metrics/metrics-endpoint.ts';
import {
  anyOf,
  anything,
  type Check,
  exactly,
  having,
  integer,
  listOf,
  ofType,
  oneOf,
  shape,
  text,
  urlPath,
} from '../options/checks.ts';
import { LOG_LEVELS, type LogLevel } from '../options/environment.ts';

/** An instrumentation of OpenTelemetry. */
export type Instrumentation = Exclude<NodeSDKConfiguration['instrumentations'][number], readonly unknown[]>;

/** How the preset serves metrics. Options of the endpoint, and its address. */
export interface PresetMetricsOptions extends Omit<MetricsEndpointOptions, 'reader'> {
  /** Port of its own; 0 takes a free one, false opens none. Default 9464 (`NYLAS_OTEL_METRICS_PORT`). */
  port?: number | false;
  /** Address to listen on. Default `localhost` (`NYLAS_OTEL_METRICS_HOST`); in a container `0.0.0.0` or `::`. */
  host?: string;
  /** Path of the metrics. Default `/metrics` (`NYLAS_OTEL_METRICS_PATH`). */
  path?: string;
  /**
   * Path, on the same port, that serves who is hurting now (`hurtingAccounts()` as JSON). Needs credentials, `auth` or its
   * own. Default none (`NYLAS_OTEL_HURTING_PATH`).
   */
  hurting?: string | HurtingPathOptions;
}

/** What of NodeSDK's configuration is passed on: resource, sampler, views, processors, propagators, ... */
export type SdkOptions = Partial<Omit<NodeSDKConfiguration, 'instrumentations' | 'serviceName'>>;

/**
 * Options of `startNylasTelemetry`. Those of the request instrumentation (`mode`, `hosts`, `captureAccountId`, ...) stand
 * beside those below. What is given here goes before `NYLAS_OTEL_*` and `OTEL_*` variables.
 */
export interface NylasTelemetryOptions extends Omit<NylasInstrumentationConfig, 'enabled'> {
  /** `service.name` of all telemetry. Default `OTEL_SERVICE_NAME`, else `unknown_service:node`. */
  serviceName?: string;
  /**
   * Further instrumentations (Express, pg, ...). The preset brings those for http and undici; an instance given here
   * takes the place of the preset's.
   */
  instrumentations?: InstrumentationList<Instrumentation>;
  /** How metrics are served; false serves none. */
  metrics?: false | PresetMetricsOptions;
  /** Series from elsewhere for `/metrics`, collected with each scrape. Default none. */
  metricProducers?: readonly MetricProducer[];
  /** Watches the sync states of accounts: options of `watchAccounts`. Default off (`NYLAS_OTEL_WATCH_ACCOUNTS`). */
  accounts?: false | WatchAccountsOptions;
  /** What nylas-otel prints of its own diagnostics. Default `warn` (`NYLAS_OTEL_LOG_LEVEL`). */
  logLevel?: LogLevel;
  /** Passed on to NodeSDK. */
  sdk?: SdkOptions;
  /**
   * Register the hook of import-in-the-middle, without which nothing loaded with `import` is patched (the `nylas` SDK
   * among it). Default true; false where the application registers it itself.
   */
  esmHook?: boolean;
  /** Flush on `SIGTERM`, `SIGINT` and at the end of the process. Default true. */
  flushOnExit?: boolean;
  /** The longest a flush at the end may take, in milliseconds. Default 2,000. */
  flushTimeoutMillis?: number;
}

const NYLAS_CHECKS: { readonly [K in Exclude<keyof NylasInstrumentationConfig, 'enabled'>]-?: Check } = {
  // Checked by the instrumentation itself.
  mode: anything,
  hosts: anything,
  captureAccountId: anything,
  captureErrorMessage: anything,
  propagateTraceContext: anything,
  correlation: anything,
  callers: anything,
  logger: having('info', 'warn', 'error'),
  identifyAccount: anything,
  onRequest: anything,
  recordHttpClientDuration: anything,
};

const { reader: _reader, ...ENDPOINT } = ENDPOINT_CHECKS;

const CHECKS: { readonly [K in keyof NylasTelemetryOptions]-?: Check } = {
  ...NYLAS_CHECKS,
  serviceName: text,
  instrumentations: anything,
  metrics: eitherFalseOr(
    shape({
      ...ENDPOINT,
      port: anyOf('Give a whole number from 0 to 65535, or false.', exactly(false), integer(0, 65_535)),
      host: text,
      path: urlPath,
      hurting: HURTING_CHECK,
    }),
  ),
  metricProducers: listOf(having('collect')),
  // Checked by watchAccounts itself.
  accounts: eitherFalseOr(anything),
  logLevel: oneOf(...LOG_LEVELS),
  sdk: (option, value) => {
    if (typeof value !== 'object' || value === null) ofType('object')(option, value);
  },
  esmHook: ofType('boolean'),
  flushOnExit: ofType('boolean'),
  flushTimeoutMillis: integer(1, 600_000),
};

/** False, or what the check says; its message is kept. */
function eitherFalseOr(check: Check): Check {
  return (option, value) => {
    if (value !== false) check(option, value);
  };
}

/**
 * Checks the options of the preset.
 *
 * @throws NylasTelemetryConfigError for an option that is not known or cannot be used
 */
export function checkPresetOptions(options: NylasTelemetryOptions): void {
  shape(CHECKS)('', options);
}

/** The options that belong to the request instrumentation. */
export function nylasOptions(options: NylasTelemetryOptions): NylasInstrumentationConfig {
  return Object.fromEntries(
    Object.entries(options).filter(
      ([name, value]) => value !== undefined && Object.hasOwn(NYLAS_CHECKS, name),
    ),
  );
}
