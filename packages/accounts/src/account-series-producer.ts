import { type AccountSeriesPoint, accountSeries, type ProducedMetrics, produce } from './account-series.ts';
import { gaugeSources } from './gauges.ts';

/** Gives metric readers the per-account series; an OpenTelemetry `MetricProducer`. */
export interface AccountSeriesProducer<R> {
  collect(): Promise<ProducedMetrics<R>>;
}

/**
 * The per-account series (`nylas.account.status`) of all watches of the process, for the `metricProducers` option of a
 * metric reader: `new PrometheusExporter({ metricProducers: [accountSeriesProducer(resource)] })`. A producer, because
 * an observable instrument of the SDK keeps showing series of accounts that are gone.
 *
 * @param resource for the reader's types; readers take the resource of their own provider
 */
export function accountSeriesProducer<R>(resource: R): AccountSeriesProducer<R> {
  return { collect: async () => produce(gaugeSources(), resource, Date.now()) };
}

/** The same values for collectors of other kinds (prom-client), at each call as they are now. */
export function readAccountSeries(): AccountSeriesPoint[] {
  return accountSeries(gaugeSources());
}
