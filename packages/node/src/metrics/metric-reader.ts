import { instrumentHub, processState } from '@nylas-otel/telemetry';
import { metrics } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { defaultResource, detectResources, envDetector } from '@opentelemetry/resources';
import { type CollectionResult, MeterProvider, type MetricProducer } from '@opentelemetry/sdk-metrics';

/** What collects the metrics of an SDK: any `MetricReader` of OpenTelemetry JS. */
export interface CollectingReader {
  /** Collects once; rejects while the reader belongs to no SDK or after its shutdown. */
  collect(options?: { timeoutMillis?: number }): Promise<CollectionResult>;
}

interface Readers {
  /** Serves a `/metrics` that has no reader of its own. */
  current: CollectingReader | undefined;
  /** Shows the metrics of nylas-otel alone, while there is no `current`. */
  fallback: CollectingReader | undefined;
  /** Why there is nothing to serve. */
  off: string | undefined;
  readonly producers: Set<MetricProducer>;
}

const readers = processState(
  'metric-readers',
  (): Readers => ({ current: undefined, fallback: undefined, off: undefined, producers: new Set() }),
);

/** Options of {@link nylasMetricReader}. */
export interface NylasMetricReaderOptions {
  /** Series from elsewhere that are collected with each scrape of this reader. Default none. */
  metricProducers?: readonly MetricProducer[];
}

/** The reader of {@link nylasMetricReader}: the stock Prometheus exporter without its server. */
export type NylasMetricReader = PrometheusExporter;

/**
 * The reader to hand to an OpenTelemetry SDK of your own (`metricReaders: [nylasMetricReader()]`), so that a mounted
 * `/metrics` of ours shows all metrics of that SDK. It opens no port.
 */
export function nylasMetricReader(options: NylasMetricReaderOptions = {}): NylasMetricReader {
  const reader = makeReader(options);
  readers.current = reader;
  readers.fallback = undefined;
  instrumentHub.unbind(FALLBACK);
  instrumentHub.unbind(GLOBAL);
  return reader;
}

/**
 * Adds a source of series to every `/metrics` of ours in this process. An observable series that an OpenTelemetry
 * instrument reported once stays in the output for ever; a producer's are gone as soon as it no longer returns them, and
 * no cardinality limit folds them. This is the edge for per-account series.
 *
 * @returns what removes it
 */
export function addMetricProducer(producer: MetricProducer): () => void {
  readers.producers.add(producer);
  return () => readers.producers.delete(producer);
}

/** The sources given to {@link addMetricProducer}. */
export function metricProducers(): ReadonlySet<MetricProducer> {
  return readers.producers;
}

/** Takes a reader out of service, when its SDK is shut down. */
export function retireReader(reader: CollectingReader): void {
  if (readers.current === reader) readers.current = undefined;
}

/** Says why there is nothing to serve, so that a mounted `/metrics` can; undefined takes it back. */
export function switchMetricsOff(reason: string | undefined): void {
  readers.off = reason;
}

/** Why there is nothing to serve, if so. */
export function metricsOff(): string | undefined {
  if (readers.off !== undefined) return readers.off;
  return process.env.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true'
    ? 'OTEL_SDK_DISABLED is true'
    : undefined;
}

/**
 * The reader of a `/metrics` that has none of its own: the last one made. Where no SDK holds a reader of ours, one is
 * made that shows the metrics of nylas-otel alone and leaves the host's own pipeline as it is.
 */
export function currentReader(): CollectingReader {
  if (readers.current !== undefined) return readers.current;
  if (readers.fallback === undefined) {
    const reader = makeReader({});
    // The name of the service is the one thing of its SDK's resource that can be known without that SDK.
    const resource = defaultResource().merge(detectResources({ detectors: [envDetector] }));
    instrumentHub.bind(FALLBACK, new MeterProvider({ resource, readers: [reader] }));
    readers.fallback = reader;
  }
  // A hub that has a provider bound no longer looks at the global one; what it fed before must go on.
  instrumentHub.bind(GLOBAL, metrics.getMeterProvider());
  return readers.fallback;
}

const FALLBACK = processState('metric-reader-fallback', () => ({}));
const GLOBAL = processState('metric-reader-global', () => ({}));

function makeReader(options: NylasMetricReaderOptions): NylasMetricReader {
  return new PrometheusExporter({
    preventServerStart: true,
    metricProducers: [...(options.metricProducers ?? [])],
  });
}
