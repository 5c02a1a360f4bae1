import { instrumentHub } from '@nylas-otel/telemetry';
import type { Attributes } from '@opentelemetry/api';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';

class Reader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

/** What a scrape of this process would show. */
export class Readout {
  readonly #reader = new Reader();

  constructor() {
    instrumentHub.bind(this, new MeterProvider({ readers: [this.#reader] }));
  }

  /** The values of one metric that have at least these attributes. */
  async values(
    name: string,
    having: Attributes = {},
  ): Promise<{ readonly value: number; readonly attributes: Attributes }[]> {
    const { resourceMetrics } = await this.#reader.collect();
    return resourceMetrics.scopeMetrics
      .flatMap(({ metrics }) => metrics)
      .filter(({ descriptor }) => descriptor.name === name)
      .flatMap(({ dataPoints }) => dataPoints as { value: number; attributes: Attributes }[])
      .filter(({ attributes }) => Object.entries(having).every(([key, value]) => attributes[key] === value));
  }
}
