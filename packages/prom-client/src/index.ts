export {
  type CollectNylasMetricsOptions,
  collectNylasMetrics,
  type NylasMetrics,
} from './collect-nylas-metrics.ts';
export {
  createPromMeterProvider,
  type PromMeterProvider,
  type PromMeterProviderOptions,
} from './meters/meter-provider.ts';
export { MetricNameClashError, RegistryError } from './registry/errors.ts';
export type { Aggregator, PromRegistry } from './registry/prom-registry.ts';
