import { context, metrics, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  type DataPoint,
  type Histogram,
  MeterProvider,
  MetricReader,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import {
  InMemorySpanExporter,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
  type SpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';

class OnDemandReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

/** One series as a test reads it. */
export interface Series {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly value: number;
}

/** A real OpenTelemetry SDK, global, whose spans and metrics a test can read. */
export interface Recording {
  readonly meterProvider: MeterProvider;
  readonly tracerProvider: TracerProvider;
  /** Finished spans, oldest first. */
  spans(): ReadableSpan[];
  /** Forgets the spans so far. */
  reset(): void;
  /** All series of a counter or gauge that are not 0, of every scope. */
  series(metric: string): Promise<Series[]>;
  /** The sum of a counter over the series that have these attributes. */
  sum(metric: string, attributes?: Record<string, unknown>): Promise<number>;
  /** Count of a histogram over the series that have these attributes, of one scope when given. */
  count(metric: string, attributes?: Record<string, unknown>, scope?: string): Promise<number>;
  collect(): Promise<ResourceMetrics>;
  /** Runs `work` in a span of the test's own and returns that span. */
  inSpan<T>(name: string, work: () => Promise<T>): Promise<{ span: ReadableSpan; result: T }>;
  shutdown(): Promise<void>;
}

/** Starts the SDK and makes it global. */
export function startRecording(options: { sampler?: Sampler; processors?: SpanProcessor[] } = {}): Recording {
  const exporter = new InMemorySpanExporter();
  const tracerProvider = new TracerProvider({
    ...(options.sampler === undefined ? {} : { sampler: options.sampler }),
    spanProcessors: [...(options.processors ?? []), new SimpleSpanProcessor({ exporter })],
  });
  const reader = new OnDemandReader();
  const meterProvider = new MeterProvider({ readers: [reader] });
  trace.setGlobalTracerProvider(tracerProvider);
  metrics.setGlobalMeterProvider(meterProvider);
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const collect = async () => (await reader.collect()).resourceMetrics;
  const points = async (metric: string, scope?: string): Promise<DataPoint<unknown>[]> => {
    const collected = await collect();
    return collected.scopeMetrics
      .filter((scoped) => scope === undefined || scoped.scope.name === scope)
      .flatMap((scoped) => scoped.metrics)
      .filter(({ descriptor }) => descriptor.name === metric)
      .flatMap(({ dataPoints }) => dataPoints as DataPoint<unknown>[]);
  };
  const matches = (attributes: Record<string, unknown>, wanted: Record<string, unknown>) =>
    Object.entries(wanted).every(([name, value]) => attributes[name] === value);
  return {
    meterProvider,
    tracerProvider,
    spans: () => exporter.getFinishedSpans(),
    reset: () => exporter.reset(),
    collect,
    async series(metric) {
      return (await points(metric))
        .filter((point) => point.value !== 0)
        .map((point) => ({ attributes: point.attributes, value: point.value as number }));
    },
    async sum(metric, attributes = {}) {
      return (await points(metric))
        .filter((point) => matches(point.attributes, attributes))
        .reduce((sum, point) => sum + (point.value as number), 0);
    },
    async count(metric, attributes = {}, scope) {
      return (await points(metric, scope))
        .filter((point) => matches(point.attributes, attributes))
        .reduce((sum, point) => sum + (point.value as Histogram).count, 0);
    },
    async inSpan(name, work) {
      const span = trace.getTracer('test').startSpan(name);
      const result = await context.with(trace.setSpan(context.active(), span), work);
      span.end();
      return { span: span as unknown as ReadableSpan, result };
    },
    async shutdown() {
      await tracerProvider.shutdown();
      await meterProvider.shutdown();
      trace.disable();
      metrics.disable();
      propagation.disable();
      context.disable();
    },
  };
}

/** The parent's span id, on the 2.x and the 3.x line. */
export function parentOf(span: ReadableSpan): string | undefined {
  return span.parentSpanContext?.spanId;
}
