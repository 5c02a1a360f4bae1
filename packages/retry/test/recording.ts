import { context, metrics, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { type DataPoint, type Histogram, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';

class OnDemandReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

/** A real OpenTelemetry SDK, global, whose spans and metrics a test can read. */
export interface Recording {
  spans(): ReadableSpan[];
  reset(): void;
  /** The sum of a counter or gauge over the series that have these attributes. */
  sum(metric: string, attributes?: Record<string, unknown>): Promise<number>;
  /** Count of a histogram over the series that have these attributes. */
  count(metric: string, attributes?: Record<string, unknown>): Promise<number>;
  /** The series of an instrument. */
  points(metric: string): Promise<DataPoint<unknown>[]>;
  shutdown(): Promise<void>;
}

/** Starts the SDK and makes it global. */
export function startRecording(): Recording {
  const exporter = new InMemorySpanExporter();
  const tracerProvider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const reader = new OnDemandReader();
  const meterProvider = new MeterProvider({ readers: [reader] });
  trace.setGlobalTracerProvider(tracerProvider);
  metrics.setGlobalMeterProvider(meterProvider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const points = async (metric: string): Promise<DataPoint<unknown>[]> =>
    (await reader.collect()).resourceMetrics.scopeMetrics
      .flatMap((scoped) => scoped.metrics)
      .filter(({ descriptor }) => descriptor.name === metric)
      .flatMap(({ dataPoints }) => dataPoints as DataPoint<unknown>[]);
  const total = async (
    metric: string,
    wanted: Record<string, unknown>,
    value: (point: DataPoint<unknown>) => number,
  ): Promise<number> =>
    (await points(metric))
      .filter(({ attributes }) => Object.entries(wanted).every(([name, is]) => attributes[name] === is))
      .reduce((sum, point) => sum + value(point), 0);
  return {
    spans: () => exporter.getFinishedSpans(),
    reset: () => exporter.reset(),
    sum: (metric, attributes = {}) => total(metric, attributes, ({ value }) => value as number),
    count: (metric, attributes = {}) => total(metric, attributes, ({ value }) => (value as Histogram).count),
    points,
    async shutdown() {
      await tracerProvider.shutdown();
      await meterProvider.shutdown();
      trace.disable();
      metrics.disable();
      context.disable();
    },
  };
}
