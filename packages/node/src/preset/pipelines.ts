import { diag } from '@opentelemetry/api';
import { OTLPLogExporter as LogsGrpc } from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPLogExporter as LogsJson } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as LogsProtobuf } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter as MetricsGrpc } from '@opentelemetry/exporter-metrics-otlp-grpc';
import { OTLPMetricExporter as MetricsJson } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as MetricsProtobuf } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as TracesGrpc } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as TracesJson } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as TracesProtobuf } from '@opentelemetry/exporter-trace-otlp-proto';
import { ZipkinExporter } from '@opentelemetry/exporter-zipkin';
import {
  BatchLogRecordProcessor,
  ConsoleLogRecordExporter,
  type LogRecordExporter,
  type LogRecordProcessor,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs';
import {
  ConsoleMetricExporter,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from '@opentelemetry/sdk-metrics';
import {
  BatchSpanProcessor,
  ConsoleSpanExporter,
  SimpleSpanProcessor,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';
import { type CollectorAddress, collectorAddress, listens, type OtlpSignal } from './collector-probe.ts';
import { type ItemExporter, WaitingExporter } from './waiting-exporter.ts';

// The exporters that the standard OTEL_* variables ask for. NodeSDK (0.301) reads the same variables in the same way but
// takes either its own exporters or ours, so where a span processor of ours must join, all of them are made here.

interface Otlp<T> {
  readonly grpc: () => T;
  readonly 'http/json': () => T;
  readonly 'http/protobuf': () => T;
}

const TRACES: Otlp<SpanExporter> = {
  grpc: () => new TracesGrpc(),
  'http/json': () => new TracesJson(),
  'http/protobuf': () => new TracesProtobuf(),
};
const METRICS: Otlp<PushMetricExporter> = {
  grpc: () => new MetricsGrpc(),
  'http/json': () => new MetricsJson(),
  'http/protobuf': () => new MetricsProtobuf(),
};
const LOGS: Otlp<LogRecordExporter> = {
  grpc: () => new LogsGrpc(),
  'http/json': () => new LogsJson(),
  'http/protobuf': () => new LogsProtobuf(),
};

/** The span processors of `OTEL_TRACES_EXPORTER` (`otlp` by default, `console`, `zipkin`, `none`). */
export function spanProcessorsFromEnvironment(): SpanProcessor[] {
  return exporterNames('OTEL_TRACES_EXPORTER', ['otlp']).flatMap((name): SpanProcessor[] => {
    switch (name) {
      case 'otlp':
        return [batchSpans(waiting('TRACES', otlpExporter('TRACES', TRACES)))];
      case 'zipkin':
        return [batchSpans(new ZipkinExporter())];
      case 'console':
        return [new SimpleSpanProcessor({ exporter: new ConsoleSpanExporter() })];
      default:
        return unsupported('OTEL_TRACES_EXPORTER', 'otlp, console, zipkin or none');
    }
  });
}

/** A batch processor with the sizes and times of the `OTEL_BSP_*` variables. */
export function batchSpans(exporter: SpanExporter): SpanProcessor {
  return new BatchSpanProcessor({
    exporter,
    ...numbers({
      maxQueueSize: 'OTEL_BSP_MAX_QUEUE_SIZE',
      maxExportBatchSize: 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE',
      scheduledDelayMillis: 'OTEL_BSP_SCHEDULE_DELAY',
      exportTimeoutMillis: 'OTEL_BSP_EXPORT_TIMEOUT',
    }),
  });
}

/** The log processors of `OTEL_LOGS_EXPORTER` (`otlp` by default, `console`, `none`). */
export function logProcessorsFromEnvironment(): LogRecordProcessor[] {
  return exporterNames('OTEL_LOGS_EXPORTER', ['otlp']).flatMap((name): LogRecordProcessor[] => {
    switch (name) {
      case 'otlp':
        return [
          new BatchLogRecordProcessor({
            exporter: waiting('LOGS', otlpExporter('LOGS', LOGS)),
            ...numbers({
              maxQueueSize: 'OTEL_BLRP_MAX_QUEUE_SIZE',
              maxExportBatchSize: 'OTEL_BLRP_MAX_EXPORT_BATCH_SIZE',
              scheduledDelayMillis: 'OTEL_BLRP_SCHEDULE_DELAY',
              exportTimeoutMillis: 'OTEL_BLRP_EXPORT_TIMEOUT',
            }),
          }),
        ];
      case 'console':
        return [new SimpleLogRecordProcessor({ exporter: new ConsoleLogRecordExporter() })];
      default:
        return unsupported('OTEL_LOGS_EXPORTER', 'otlp, console or none');
    }
  });
}

/**
 * The readers that push metrics besides our `/metrics`, where `OTEL_METRICS_EXPORTER` names them (`otlp`, `console`).
 * Unset, metrics are only scraped; `prometheus` is what `/metrics` is.
 */
export function metricReadersFromEnvironment(): PeriodicExportingMetricReader[] {
  return exporterNames('OTEL_METRICS_EXPORTER', []).flatMap((name): PeriodicExportingMetricReader[] => {
    switch (name) {
      case 'otlp':
        return [periodic(otlpExporter('METRICS', METRICS))];
      case 'console':
        return [periodic(new ConsoleMetricExporter())];
      case 'prometheus':
        return [];
      default:
        return unsupported('OTEL_METRICS_EXPORTER', 'otlp, prometheus, console or none');
    }
  });
}

/** True when `OTEL_METRICS_EXPORTER` says that no metrics are to be exported unasked. */
export function metricsAreUnwanted(): boolean {
  return names('OTEL_METRICS_EXPORTER').includes('none');
}

function periodic(exporter: PushMetricExporter): PeriodicExportingMetricReader {
  const { interval = 60_000, timeout = 30_000 } = numbers({
    interval: 'OTEL_METRIC_EXPORT_INTERVAL',
    timeout: 'OTEL_METRIC_EXPORT_TIMEOUT',
  });
  return new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: interval,
    exportTimeoutMillis: Math.min(interval, timeout),
  });
}

function otlpExporter<T>(signal: OtlpSignal, exporters: Otlp<T>): T {
  for (const variable of [`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`, 'OTEL_EXPORTER_OTLP_ENDPOINT']) {
    const endpoint = process.env[variable]?.trim();
    if (endpoint?.includes('://') && !URL.canParse(endpoint)) {
      diag.warn(`nylas-otel: ${variable} is no URL. Give one such as http://localhost:4318.`);
    }
  }
  const protocol = otlpProtocol(signal);
  if (!(protocol in exporters)) {
    diag.warn(
      `nylas-otel: OTEL_EXPORTER_OTLP_PROTOCOL for ${signal.toLowerCase()} is none of grpc, http/json, http/protobuf. http/protobuf is used.`,
    );
    return exporters['http/protobuf']();
  }
  return exporters[protocol as keyof Otlp<T>]();
}

function otlpProtocol(signal: OtlpSignal): string {
  const { env } = process;
  return (
    env[`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`]?.trim() ||
    env.OTEL_EXPORTER_OTLP_PROTOCOL?.trim() ||
    'http/protobuf'
  );
}

function waiting<T>(
  signal: OtlpSignal,
  exporter: ItemExporter<T>,
): ItemExporter<T> & Required<ItemExporter<T>> {
  const address = collectorAddress(signal, otlpProtocol(signal));
  return new WaitingExporter(
    exporter,
    address === undefined ? () => Promise.resolve(true) : () => listens(address),
    address === undefined ? '' : advice(signal, address),
  );
}

function advice(signal: OtlpSignal, { host, port }: CollectorAddress): string {
  return `no collector listens on ${host}:${port}; ${signal.toLowerCase()} wait for it, the last 2048 of them. Start one, set OTEL_EXPORTER_OTLP_ENDPOINT, or OTEL_${signal}_EXPORTER=none.`;
}

function exporterNames(variable: string, otherwise: string[]): string[] {
  const given = names(variable);
  if (given.includes('none')) return [];
  return given.length === 0 ? otherwise : given;
}

function names(variable: string): string[] {
  const list = (process.env[variable] ?? '').split(',').map((name) => name.trim());
  return [...new Set(list.filter((name) => name !== ''))];
}

function unsupported(variable: string, supported: string): never[] {
  diag.warn(`nylas-otel: ${variable} names an exporter that is not known and is ignored. Give ${supported}.`);
  return [];
}

/** Positive numbers from variables; those that are unset or no such numbers are left out. */
function numbers<K extends string>(variables: Record<K, string>): Partial<Record<K, number>> {
  const found: Partial<Record<K, number>> = {};
  for (const [key, variable] of Object.entries(variables) as Array<[K, string]>) {
    const text = process.env[variable]?.trim();
    if (!text) continue;
    const value = Number(text);
    if (Number.isFinite(value) && value > 0) found[key] = value;
    else diag.warn(`nylas-otel: ${variable} is no number greater than 0; the default is used.`);
  }
  return found;
}
