/**
 * What the preset is made of, without the preset: it loads no `NodeSDK` and no OTLP exporter, so that a process which only
 * serves `/metrics` starts fast. Made for `nylas-otel` (the command) and may change in any release; an application uses
 * the main entry.
 */
export {
  type Endpoint,
  type EndpointReply,
  type EndpointRequest,
  guardedReply,
  plainReply,
  textReply,
} from './metrics/endpoint.ts';
export { addMetricProducer, type CollectingReader } from './metrics/metric-reader.ts';
export { MetricsEndpoint, type MetricsEndpointOptions } from './metrics/metrics-endpoint.ts';
export { answer } from './metrics/metrics-handler.ts';
export { type Gate, type ScrapeAuth, scrapeGate } from './metrics/scrape-auth.ts';
export { announceScrapePort, pathOf } from './metrics/scrape-paths.ts';
