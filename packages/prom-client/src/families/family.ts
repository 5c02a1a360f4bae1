import { type MetricKind, prometheusName } from '@nylas-otel/semantic-conventions';
import type { Attributes, Context } from '@opentelemetry/api';
import {
  type Aggregator,
  type MetricSnapshot,
  type Point,
  type PromMetric,
  type PromRegistry,
  speaksOpenMetrics,
} from '../registry/prom-registry.ts';

/** What a family is made from: an instrument's descriptor and the registry it is for. */
export interface FamilyDescriptor {
  /** OpenTelemetry name of the instrument. */
  readonly name: string;
  readonly kind: MetricKind;
  /** Whether its values come from callbacks. */
  readonly observable: boolean;
  readonly unit: string;
  readonly description: string;
  readonly aggregator: Aggregator;
  /** Attribute sets it keeps, the overflow series included. */
  readonly cardinalityLimit: number;
  readonly registry: PromRegistry;
}

/** Takes measurements of synchronous instruments. */
export interface Recorder {
  record(value: number, attributes: Attributes, context: Context | undefined): void;
}

const TYPES = { counter: 'counter', updowncounter: 'gauge', gauge: 'gauge', histogram: 'histogram' } as const;

/** One metric on a registry: what stands under one HELP and TYPE. */
export abstract class Family implements PromMetric {
  name: string;
  readonly help: string;
  readonly type: MetricSnapshot['type'];
  readonly aggregator: Aggregator;
  readonly descriptor: FamilyDescriptor;
  /** The Prometheus name, which is also the registry's key; `name` is changed by an OpenMetrics scrape. */
  readonly promName: string;

  constructor(descriptor: FamilyDescriptor) {
    this.descriptor = descriptor;
    this.promName = prometheusName(descriptor);
    this.name = this.promName;
    this.help = descriptor.description === '' ? 'description missing' : descriptor.description;
    this.type = TYPES[descriptor.kind];
    this.aggregator = descriptor.aggregator;
  }

  /** Brings the values up to date; a promise only where a callback needs time. */
  protected abstract refresh(): Promise<void> | undefined;

  /** The lines of now. */
  protected abstract points(): readonly Point[];

  abstract reset(): void;

  async getForPromString(): Promise<MetricSnapshot> {
    await this.refresh();
    return this.#snapshot(this.#printedName(), this.points());
  }

  // Always with `_total`, as a fresh prom-client Counter answers: the process that aggregates decides on the format.
  async get(): Promise<MetricSnapshot> {
    await this.refresh();
    const values = this.points().map(({ sharedLabels, ...point }) => ({
      ...point,
      labels: { ...point.labels, ...sharedLabels },
    }));
    return this.#snapshot(this.promName, values);
  }

  // An OpenMetrics registry prints `_total` itself.
  #printedName(): string {
    return this.type === 'counter' && speaksOpenMetrics(this.descriptor.registry)
      ? this.promName.replace(/_total$/, '')
      : this.promName;
  }

  #snapshot(name: string, values: readonly Point[]): MetricSnapshot {
    return { name, help: this.help, type: this.type, aggregator: this.aggregator, values };
  }
}
