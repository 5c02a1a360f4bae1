import { isMainThread } from 'node:worker_threads';
import { MetricsEndpoint, type MetricsEndpointOptions } from '../metrics/metrics-endpoint.ts';
import { MetricsServer } from '../metrics/metrics-server.ts';
import { announceScrapePort } from '../metrics/scrape-paths.ts';
import type { EnvironmentSettings } from '../options/environment.ts';
import { metricsAreUnwanted } from './pipelines.ts';
import type { NylasTelemetryOptions, PresetMetricsOptions } from './preset-options.ts';

const METRICS_PORT = 9_464;

/** Opens the port of the metrics, where options and environment want one. */
export function openPort(
  options: NylasTelemetryOptions,
  settings: EnvironmentSettings,
): MetricsServer | undefined {
  const given = { ...settings.metrics, ...defined(options.metrics || {}) } as PresetMetricsOptions;
  const port = given.port ?? (metricsAreUnwanted() ? false : METRICS_PORT);
  // A worker has its own metrics, but not a port for each; mount nylasMetricsHandler() where they are wanted.
  if (port === false || !isMainThread) return undefined;
  const { host = 'localhost', path = '/metrics', auth, timeoutMillis, onCollectError } = given;
  const endpoint = new MetricsEndpoint(
    defined({ auth, timeoutMillis, onCollectError }) as MetricsEndpointOptions,
  );
  const server = new MetricsServer(endpoint, { port, host, path });
  void server.url.then(() => {
    if (server.port !== undefined) announceScrapePort(server.port);
  });
  return server;
}

/** Options without those left undefined, which would hide a default or the environment. */
function defined<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}
