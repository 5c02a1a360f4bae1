import type { Attributes } from '@opentelemetry/api';
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import {
  type CollectionResult,
  MeterProvider,
  type MetricProducer,
  MetricReader,
} from '@opentelemetry/sdk-metrics';

class Reader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

/** A meter provider that is read like `/metrics` is. */
export class Readout {
  readonly provider: MeterProvider;
  readonly #reader: Reader;

  constructor(metricProducers: MetricProducer[] = []) {
    this.#reader = new Reader({ metricProducers });
    this.provider = new MeterProvider({ readers: [this.#reader] });
  }

  collect(): Promise<CollectionResult> {
    return this.#reader.collect();
  }

  /** The values of one metric. */
  async points(name: string): Promise<{ readonly value: number; readonly attributes: Attributes }[]> {
    const { resourceMetrics } = await this.collect();
    return resourceMetrics.scopeMetrics
      .flatMap(({ metrics }) => metrics)
      .filter(({ descriptor }) => descriptor.name === name)
      .flatMap(({ dataPoints }) => dataPoints as { value: number; attributes: Attributes }[]);
  }

  /** All metrics whose name begins so, in Prometheus's text format. */
  async text(prefix: string): Promise<string> {
    const { resourceMetrics } = await this.collect();
    const scopeMetrics = resourceMetrics.scopeMetrics.map(({ scope, metrics }) => ({
      scope,
      metrics: metrics.filter(({ descriptor }) => descriptor.name.startsWith(prefix)),
    }));
    return new PrometheusSerializer().serialize({ ...resourceMetrics, scopeMetrics });
  }
}
