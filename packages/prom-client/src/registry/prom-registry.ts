/**
 * What prom-client 15 and its successor `@prometheus-io/client` have in common, as far as we use it. Neither is
 * imported: a metric is any object with these members, and a registry any object that takes it.
 */

/** How a cluster's workers are put together, by prom-client's names. */
export type Aggregator = 'sum' | 'max' | 'min' | 'average' | 'first' | 'omit';

/** Label names and values of a series, as prom-client prints them. */
export type Labels = Readonly<Record<string, string | number>>;

/** A traced measurement beside a histogram bucket (OpenMetrics only). */
export interface Exemplar {
  readonly labelSet: Labels;
  readonly value: number;
  /** Unix time in seconds. */
  readonly timestamp: number;
}

/** One line of the exposition. */
export interface Point {
  /** Printed anew at every scrape. */
  readonly labels: Labels;
  /** Printed once and kept by the registry for as long as this object lives; wins over default labels. */
  readonly sharedLabels?: Labels;
  value: number;
  /** The sample's name where it is not the family's: `x_bucket`, `x_sum`, `x_count`. */
  readonly metricName?: string;
  exemplar?: Exemplar | undefined;
}

/** All lines under one HELP and TYPE. */
export interface MetricSnapshot {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly aggregator: Aggregator;
  readonly values: readonly Point[];
}

/** What a registry holds. */
export interface PromMetric {
  /** Written by the registry: an OpenMetrics scrape takes `_total` off a counter's name. */
  name: string;
  readonly help: string;
  readonly type: MetricSnapshot['type'];
  readonly aggregator: Aggregator;
  /** For `getMetricsAsJSON`: objects of the caller's own, to be changed and sent to another process. */
  get(): Promise<MetricSnapshot>;
  /** For `metrics`: objects that are only read. */
  getForPromString(): Promise<MetricSnapshot>;
  reset(): void;
}

/** A prom-client or `@prometheus-io/client` registry. */
export interface PromRegistry {
  readonly contentType: string;
  registerMetric(metric: never): void;
  getSingleMetric(name: string): unknown;
  removeSingleMetric(name: string): void;
}

const OPENMETRICS = 'application/openmetrics-text';

/** Whether the registry answers in OpenMetrics, the only format with exemplars. */
export function speaksOpenMetrics(registry: PromRegistry): boolean {
  return registry.contentType.startsWith(OPENMETRICS);
}

/** Whether a value can be used as a registry. */
export function isRegistry(value: unknown): value is PromRegistry {
  const candidate = value as Partial<PromRegistry> | null | undefined;
  return (
    typeof candidate === 'object' &&
    candidate !== null &&
    typeof candidate.registerMetric === 'function' &&
    typeof candidate.getSingleMetric === 'function' &&
    typeof candidate.removeSingleMetric === 'function' &&
    typeof candidate.contentType === 'string'
  );
}
