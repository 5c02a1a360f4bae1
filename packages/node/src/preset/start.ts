import { isMainThread } from 'node:worker_threads';
import type { AccountWatch } from '@nylas-otel/accounts';
import { dropError, processState } from '@nylas-otel/telemetry';
import { context, diag, logs, metrics, propagation, trace } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { nylasMetricReader, retireReader, switchMetricsOff } from '../metrics/metric-reader.ts';
import { NylasTelemetryConfigError } from '../options/config-error.ts';
import { type EnvironmentSettings, environment, environmentWarnings } from '../options/environment.ts';
import { startAccounts } from './accounts.ts';
import { handOverDiagnostics, showDiagnostics } from './diagnostics.ts';
import { installEsmHook } from './esm-hook.ts';
import { flushOnExit } from './exit-flush.ts';
import { openPort } from './own-port.ts';
import { checkPresetOptions, type NylasTelemetryOptions } from './preset-options.ts';
import { makeInstrumentations, makePipelines, withoutPipelines } from './sdk-configuration.ts';

/** A running preset. */
export interface NylasTelemetry {
  /** False where telemetry is disabled, runs elsewhere already, or could not be started; then nothing else has effect. */
  readonly active: boolean;
  /** The URL of the metrics once their port is open; undefined where there is none. */
  readonly metricsUrl: Promise<string | undefined>;
  /** Watches accounts, where that was asked for. */
  readonly accounts: AccountWatch | undefined;
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
    if (options.esmHook !== false) installEsmHook();
    for (const warning of environmentWarnings()) diag.warn(`nylas-otel: ${warning}`);
    return preset.running;
  } catch (error) {
    const wrongOption = asConfigError(error);
    if (wrongOption !== undefined) throw wrongOption;
    diag.error('nylas-otel: telemetry could not be started; the process goes on without it.', error);
    return INACTIVE;
  }
}

/** The preset that runs in this process, also where `@nylas-otel/node/register` started it. */
export function runningNylasTelemetry(): NylasTelemetry | undefined {
  return preset.running;
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
  undo.push(() => accounts?.end());

  const reader =
    options.metrics === false
      ? undefined
      : nylasMetricReader({ metricProducers: options.metricProducers ?? [] });
  undo.push(() => reader && retireReader(reader));
  const pipelines = makePipelines(options, reader);
  handOverDiagnostics();
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
    accounts: accounts?.watch,
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
    dropError('hook', error);
  }
}

// Errors of the packages that check their own options are known by name: two copies of one have two classes.
const CONFIG_ERRORS = ['NylasTelemetryConfigError', 'NylasConfigError', 'NylasAccountsConfigError'];

/** The error to throw for a wrong option; undefined for any other failure. */
function asConfigError(error: unknown): NylasTelemetryConfigError | undefined {
  if (error instanceof NylasTelemetryConfigError) return error;
  if (!(error instanceof Error) || !CONFIG_ERRORS.includes(error.name)) return undefined;
  return new NylasTelemetryConfigError((error as Error & { option: string }).option, error.message, error);
}
