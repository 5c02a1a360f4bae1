import { isMainThread } from 'node:worker_threads';
import { diag } from '@opentelemetry/api';
import type { MetricsEndpointOptions } from '../metrics/metrics-endpoint.ts';
import { MetricsServer } from '../metrics/metrics-server.ts';
import { announceScrapePort } from '../metrics/scrape-paths.ts';
import { servedEndpoints } from '../metrics/served-endpoints.ts';
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
  const endpoint = defined({ auth, timeoutMillis, onCollectError }) as MetricsEndpointOptions;
  const hurting = isUnguarded(options, given) ? undefined : given.hurting;
  const served = servedEndpoints({ ...endpoint, metrics: path, hurting }, 'metrics.hurting');
  const server = new MetricsServer(served, { port, host, path });
  void server.url.then(() => {
    if (server.port !== undefined) announceScrapePort(server.port);
  });
  return server;
}

// An option without credentials is an error; a variable must not stop the host, so it is passed over and said.
function isUnguarded({ metrics }: NylasTelemetryOptions, given: PresetMetricsOptions): boolean {
  const asked = metrics === false ? undefined : metrics?.hurting;
  if (given.hurting === undefined || asked !== undefined) return false;
  if (given.auth !== undefined && given.auth !== false) return false;
  diag.error(
    'nylas-otel: NYLAS_OTEL_HURTING_PATH is not served without credentials, because it names accounts. Set NYLAS_OTEL_METRICS_TOKEN or NYLAS_OTEL_METRICS_BASIC_AUTH.',
  );
  return true;
}

/** Options without those left undefined, which would hide a default or the environment. */
function defined<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}
