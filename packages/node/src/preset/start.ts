import { isMainThread } from 'node:worker_threads';
import { nylasSpanProcessor, withNylas } from '@nylas-otel/instrumentation';
import { dropError, processState } from '@nylas-otel/telemetry';
import { context, diag, logs, metrics, propagation, trace } from '@opentelemetry/api';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';
import type { IMetricReader } from '@opentelemetry/sdk-metrics';
import { NodeSDK } from '@opentelemetry/sdk-node';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import {
  type NylasMetricReader,
  nylasMetricReader,
  retireReader,
  switchMetricsOff,
} from '../metrics/metric-reader.ts';
import { MetricsEndpoint, type MetricsEndpointOptions } from '../metrics/metrics-endpoint.ts';
import { MetricsServer } from '../metrics/metrics-server.ts';
import { announceScrapePort, isScrape } from '../metrics/scrape-paths.ts';
import { NylasTelemetryConfigError } from '../options/config-error.ts';
import { type EnvironmentSettings, environment, environmentWarnings } from '../options/environment.ts';
import { type Accounts, startAccounts } from './accounts.ts';
import { showDiagnostics } from './diagnostics.ts';
import { flushOnExit } from './exit-flush.ts';
import {
  batchSpans,
  logProcessorsFromEnvironment,
  metricReadersFromEnvironment,
  metricsAreUnwanted,
  spanProcessorsFromEnvironment,
} from './pipelines.ts';
import {
  checkPresetOptions,
  type Instrumentation,
  type NylasTelemetryOptions,
  nylasOptions,
  type PresetMetricsOptions,
  type SdkOptions,
} from './preset-options.ts';

/** A running preset. */
export interface NylasTelemetry {
  /** False where telemetry is disabled, runs elsewhere already, or could not be started; then nothing else has effect. */
  readonly active: boolean;
  /** The URL of the metrics once their port is open; undefined where there is none. */
  readonly metricsUrl: Promise<string | undefined>;
  /** Watches accounts, where that was asked for. */
  readonly accounts: Accounts | undefined;
  /** Sends what waits to be sent. Never rejects. */
  flush(): Promise<void>;
  /** Sends what waits, and ends everything the preset began. Every call gives the same promise; it never rejects. */
  shutdown(): Promise<void>;
}

const INACTIVE: NylasTelemetry = {
  active: false,
  metricsUrl: Promise.resolve(undefined),
  accounts: undefined,
  flush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

const preset = processState('preset', (): { running: NylasTelemetry | undefined } => ({
  running: undefined,
}));

const METRICS_PORT = 9_464;
const FLUSH_TIMEOUT_MS = 2_000;

/**
 * Starts OpenTelemetry with everything for Nylas: spans and log events over OTLP as the standard `OTEL_*` variables say,
 * metrics on `/metrics`, instrumentations for http, undici and the `nylas` SDK. Call it before the application loads, or
 * use `node --import @nylas-otel/node/register`.
 *
 * Only a wrong option throws; whatever else fails is reported through `diag` and the host goes on. A second call gives
 * the preset that runs.
 *
 * @throws NylasTelemetryConfigError for an option that is not known or cannot be used
 */
export function startNylasTelemetry(options: NylasTelemetryOptions = {}): NylasTelemetry {
  checkPresetOptions(options);
  if (preset.running !== undefined) {
    diag.warn(
      'nylas-otel: startNylasTelemetry() was called again; the options are ignored, the first call holds.',
    );
    return preset.running;
  }
  const settings = environment();
  showDiagnostics(options.logLevel ?? settings.logLevel ?? 'warn', options.logger);
  const refusal = reasonNotToStart(settings);
  if (refusal !== undefined) {
    for (const warning of environmentWarnings()) diag.warn(`nylas-otel: ${warning}`);
    return INACTIVE;
  }
  try {
    preset.running = start(options, settings);
    for (const warning of environmentWarnings()) diag.warn(`nylas-otel: ${warning}`);
    return preset.running;
  } catch (error) {
    const wrongOption = asConfigError(error);
    if (wrongOption !== undefined) throw wrongOption;
    diag.error('nylas-otel: telemetry could not be started; the process goes on without it.', error);
    return INACTIVE;
  }
}

function reasonNotToStart(settings: EnvironmentSettings): string | undefined {
  if (process.env.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true') return 'OTEL_SDK_DISABLED';
  if (settings.disabled) {
    switchMetricsOff('NYLAS_OTEL_DISABLED is true');
    return 'NYLAS_OTEL_DISABLED';
  }
  const registry = (globalThis as { [key: symbol]: { trace?: unknown; metrics?: unknown } | undefined })[
    Symbol.for('opentelemetry.js.api.1')
  ];
  if (registry?.trace === undefined && registry?.metrics === undefined) return undefined;
  diag.error(
    'nylas-otel: an OpenTelemetry SDK runs in this process already, so the preset was not started. Use `instrumentations: withNylas([...])` in that SDK, and mount nylasTelemetry() for /metrics.',
  );
  return 'another SDK';
}

function start(options: NylasTelemetryOptions, settings: EnvironmentSettings): NylasTelemetry {
  const undo: Array<() => unknown> = [];
  try {
    return startAll(options, settings, undo);
  } catch (error) {
    for (const step of undo.reverse()) void quietly(step);
    throw error;
  }
}

function startAll(
  options: NylasTelemetryOptions,
  settings: EnvironmentSettings,
  undo: Array<() => unknown>,
): NylasTelemetry {
  const instrumentations = makeInstrumentations(options, settings);
  undo.push(() => {
    for (const instrumentation of instrumentations) instrumentation.disable();
  });
  const accounts = startAccounts(options, settings);
  undo.push(() => accounts?.stop());

  const reader =
    options.metrics === false
      ? undefined
      : nylasMetricReader({ metricProducers: options.metricProducers ?? [] });
  undo.push(() => reader && retireReader(reader));
  const pipelines = makePipelines(options, reader);
  const sdk = new NodeSDK({
    ...withoutPipelines(options.sdk),
    ...(options.serviceName === undefined ? {} : { serviceName: options.serviceName }),
    instrumentations,
    ...pipelines,
  });
  undo.push(async () => {
    await sdk.shutdown();
    for (const api of [trace, metrics, logs, propagation, context]) api.disable();
  });
  sdk.start();

  const server = reader === undefined ? undefined : openPort(options, settings);
  undo.push(() => server?.close());
  const flush = async (): Promise<void> => {
    const parts = [...pipelines.spanProcessors, ...pipelines.logRecordProcessors, ...pipelines.metricReaders];
    await Promise.allSettled(parts.map((part) => part.forceFlush()));
  };
  if (options.flushOnExit !== false && isMainThread) {
    undo.push(flushOnExit(flush, options.flushTimeoutMillis ?? FLUSH_TIMEOUT_MS));
  }
  let ended: Promise<void> | undefined;
  return {
    active: true,
    metricsUrl: server?.url ?? Promise.resolve(undefined),
    accounts,
    flush,
    shutdown: () => {
      ended ??= endAll(undo);
      return ended;
    },
  };
}

async function endAll(undo: ReadonlyArray<() => unknown>): Promise<void> {
  for (const step of undo.toReversed()) await quietly(step);
  preset.running = undefined;
}

async function quietly(step: () => unknown): Promise<void> {
  try {
    await step();
  } catch (error) {
    dropError('endpoint', error);
  }
}

function makeInstrumentations(
  options: NylasTelemetryOptions,
  settings: EnvironmentSettings,
): Instrumentation[] {
  const given = ([options.instrumentations ?? []] as unknown[]).flat(
    Number.POSITIVE_INFINITY,
  ) as Instrumentation[];
  const isGiven = (name: string): boolean =>
    given.some(({ instrumentationName }) => instrumentationName === name);
  const brought: Instrumentation[] = [];
  if (!isGiven('@opentelemetry/instrumentation-http')) {
    brought.push(new HttpInstrumentation({ ignoreIncomingRequestHook: isScrape }));
  }
  if (!isGiven('@opentelemetry/instrumentation-undici')) brought.push(new UndiciInstrumentation());
  return withNylas<Instrumentation>([...brought, ...given], {
    // Nothing names a caller but what the application asks for: the middleware's option, withNylasCaller.
    callers: true,
    ...settings.nylas,
    ...nylasOptions(options),
  });
}

interface Pipelines {
  readonly spanProcessors: SpanProcessor[];
  readonly logRecordProcessors: LogRecordProcessor[];
  readonly metricReaders: IMetricReader[];
}

function makePipelines(
  { sdk = {} }: NylasTelemetryOptions,
  reader: NylasMetricReader | undefined,
): Pipelines {
  const exporting =
    sdk.spanProcessors ??
    (sdk.traceExporter === undefined ? spanProcessorsFromEnvironment() : [batchSpans(sdk.traceExporter)]);
  return {
    // Without an exporter there is no reason to make spans.
    spanProcessors: exporting.length === 0 ? [] : [nylasSpanProcessor(), ...exporting],
    logRecordProcessors: sdk.logRecordProcessors ?? logProcessorsFromEnvironment(),
    metricReaders: [
      ...(reader === undefined ? [] : [reader]),
      ...(sdk.metricReaders ?? metricReadersFromEnvironment()),
    ],
  };
}

function openPort(options: NylasTelemetryOptions, settings: EnvironmentSettings): MetricsServer | undefined {
  const given = { ...settings.metrics, ...defined(options.metrics || {}) } as PresetMetricsOptions;
  const port = given.port ?? (metricsAreUnwanted() ? false : METRICS_PORT);
  // A worker has its own metrics, but not a port for each; mount nylasMetricsHandler() where they are wanted.
  if (port === false || !isMainThread) return undefined;
  const { host = 'localhost', path = '/metrics', auth, timeoutMillis, onCollectError } = given;
  const endpoint = new MetricsEndpoint(
    defined({ auth, timeoutMillis, onCollectError }) as MetricsEndpointOptions,
  );
  const server = new MetricsServer(endpoint, { port, host, path });
  void server.url.then(() => {
    if (server.port !== undefined) announceScrapePort(server.port);
  });
  return server;
}

function withoutPipelines({
  spanProcessors,
  traceExporter,
  logRecordProcessors,
  metricReaders,
  ...rest
}: SdkOptions = {}): SdkOptions {
  return rest;
}

/** Options without those left undefined, which would hide a default or the environment. */
function defined<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}

// Errors of the packages that check their own options are known by name: two copies of one have two classes.
const CONFIG_ERRORS = ['NylasTelemetryConfigError', 'NylasConfigError', 'NylasAccountsConfigError'];

/** The error to throw for a wrong option; undefined for any other failure. */
function asConfigError(error: unknown): NylasTelemetryConfigError | undefined {
  if (error instanceof NylasTelemetryConfigError) return error;
  if (!(error instanceof Error) || !CONFIG_ERRORS.includes(error.name)) return undefined;
  return new NylasTelemetryConfigError((error as Error & { option: string }).option, error.message, error);
}
