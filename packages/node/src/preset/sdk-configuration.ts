import { nylasSpanProcessor, withNylas } from '@nylas-otel/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';
import type { IMetricReader } from '@opentelemetry/sdk-metrics';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import type { NylasMetricReader } from '../metrics/metric-reader.ts';
import { isScrape } from '../metrics/scrape-paths.ts';
import type { EnvironmentSettings } from '../options/environment.ts';
import {
  batchSpans,
  logProcessorsFromEnvironment,
  metricReadersFromEnvironment,
  spanProcessorsFromEnvironment,
} from './pipelines.ts';
import {
  type Instrumentation,
  type NylasTelemetryOptions,
  nylasOptions,
  type SdkOptions,
} from './preset-options.ts';

/**
 * The instrumentations of the preset: http and undici where none are given, those given, and Nylas.
 *
 * @throws NylasConfigError for an option of the request instrumentation that cannot be used
 */
export function makeInstrumentations(
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

/** What the SDK feeds. */
export interface Pipelines {
  readonly spanProcessors: SpanProcessor[];
  readonly logRecordProcessors: LogRecordProcessor[];
  readonly metricReaders: IMetricReader[];
}

/** What the options give, else what the standard variables ask for, and ours. */
export function makePipelines(
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

/** What is passed on to the SDK as it is. */
export function withoutPipelines({
  spanProcessors,
  traceExporter,
  logRecordProcessors,
  metricReaders,
  ...rest
}: SdkOptions = {}): SdkOptions {
  return rest;
}
