import { context, metrics, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  CompositePropagator,
  ExportResultCode,
  W3CBaggagePropagator,
  W3CTraceContextPropagator,
} from '@opentelemetry/core';
import { type Histogram, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import {
  BatchSpanProcessor,
  type SpanExporter,
  type SpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';

/** Counts spans and lets them go: what an exporter sends costs the same for everybody. */
export class CountingExporter implements SpanExporter {
  /** Spans so far, by the name of their scope. */
  readonly byScope = new Map<string, number>();

  export(...[spans, done]: Parameters<SpanExporter['export']>): void {
    for (const { instrumentationScope } of spans) {
      this.byScope.set(instrumentationScope.name, (this.byScope.get(instrumentationScope.name) ?? 0) + 1);
    }
    done({ code: ExportResultCode.SUCCESS });
  }

  async shutdown(): Promise<void> {}
}

class ScrapedReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

/** An OpenTelemetry SDK, as a service has it: always sampled, batches of spans, metrics that somebody scrapes. */
export interface Sdk {
  readonly tracerProvider: TracerProvider;
  readonly meterProvider: MeterProvider;
  /** Reads all metrics, as a scrape does. */
  scrape(): Promise<void>;
  /** Sum of a counter, or count of a histogram, over all its series. */
  total(metric: string): Promise<number>;
  /** Sends what is still waiting to the exporter. */
  flush(): Promise<void>;
}

/** Starts the SDK and makes it global. */
export function startSdk(exporter: SpanExporter, processors: readonly SpanProcessor[] = []): Sdk {
  const tracerProvider = new TracerProvider({
    spanProcessors: [...processors, new BatchSpanProcessor({ exporter })],
  });
  const reader = new ScrapedReader();
  const meterProvider = new MeterProvider({ readers: [reader] });
  trace.setGlobalTracerProvider(tracerProvider);
  metrics.setGlobalMeterProvider(meterProvider);
  propagation.setGlobalPropagator(
    new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] }),
  );
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  return {
    tracerProvider,
    meterProvider,
    async scrape() {
      await reader.collect();
    },
    async total(metric) {
      const { resourceMetrics } = await reader.collect();
      return resourceMetrics.scopeMetrics
        .flatMap(({ metrics: all }) => all)
        .filter(({ descriptor }) => descriptor.name === metric)
        .flatMap(({ dataPoints }) => dataPoints as Array<{ value: unknown }>)
        .reduce<number>(
          (sum, { value }) => sum + (typeof value === 'number' ? value : (value as Histogram).count),
          0,
        );
    },
    flush: () => tracerProvider.forceFlush(),
  };
}
