/**
 * What the preset is made of, without the preset: it loads no `NodeSDK` and no OTLP exporter, so that a process which only
 * serves `/metrics` starts fast. Made for `nylas-otel` (the command); an application uses the main entry.
 */
export {
  addMetricProducer,
  type CollectingReader,
  type NylasMetricReader,
  type NylasMetricReaderOptions,
  nylasMetricReader,
} from './metrics/metric-reader.ts';
export {
  MetricsEndpoint,
  type MetricsEndpointOptions,
  type ScrapeReply,
  type ScrapeRequest,
} from './metrics/metrics-endpoint.ts';
export { answer } from './metrics/metrics-handler.ts';
export { type Gate, type ScrapeAuth, scrapeGate } from './metrics/scrape-auth.ts';
export { announceScrapePath, announceScrapePort, pathOf } from './metrics/scrape-paths.ts';
export { knownVariables } from './options/environment.ts';
export { didYouMean } from './options/nearest-name.ts';
