export {
  type FailureCounts,
  type HurtingAccount,
  type HurtingFailure,
  type HurtingReport,
  type HurtingWindow,
  hurtingAccounts,
  instrumentFetch,
  instrumentNylas,
  onNylasRequest,
  withNylas,
  withNylasAccount,
  withNylasCaller,
} from '@nylas-otel/instrumentation';
export type { HurtingPathOptions } from './metrics/hurting-endpoint.ts';
export {
  addMetricProducer,
  type CollectingReader,
  type NylasMetricReader,
  type NylasMetricReaderOptions,
  nylasMetricReader,
} from './metrics/metric-reader.ts';
export type { MetricsEndpointOptions } from './metrics/metrics-endpoint.ts';
export { type NylasMetricsHandler, nylasMetricsHandler } from './metrics/metrics-handler.ts';
export type { ScrapeAuth } from './metrics/scrape-auth.ts';
export { type FastifyPlugin, nylasTelemetryFastify } from './middleware/fastify.ts';
export { type HonoMiddleware, nylasTelemetryHono } from './middleware/hono.ts';
export { type KoaMiddleware, nylasTelemetryKoa } from './middleware/koa.ts';
export { type NodeMiddleware, nylasTelemetry } from './middleware/nylas-telemetry.ts';
export type { CallerOptions, NylasTelemetryMiddlewareOptions } from './middleware/telemetry-options.ts';
export { NylasTelemetryConfigError } from './options/config-error.ts';
export type { LogLevel } from './options/environment.ts';
export type { NylasTelemetryOptions, PresetMetricsOptions, SdkOptions } from './preset/preset-options.ts';
export { type NylasTelemetry, runningNylasTelemetry, startNylasTelemetry } from './preset/start.ts';
