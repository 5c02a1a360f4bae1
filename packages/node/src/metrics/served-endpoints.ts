import { configError } from '../options/config-error.ts';
import type { Endpoint } from './endpoint.ts';
import { HurtingEndpoint, type HurtingPathOptions } from './hurting-endpoint.ts';
import { MetricsEndpoint, type MetricsEndpointOptions } from './metrics-endpoint.ts';

/** What is served, and where. */
export interface ServedOptions extends MetricsEndpointOptions {
  /** Path of the metrics. */
  readonly metrics: string | false;
  /** Path of who is hurting now. */
  readonly hurting: string | HurtingPathOptions | undefined;
}

/** What answers at which path. */
export type ServedEndpoints = ReadonlyMap<string, Endpoint>;

/**
 * Makes the endpoints that are asked for.
 *
 * @param option the name of the option `hurting`, for errors
 * @throws NylasTelemetryConfigError where both want one path, or accounts would be served to anybody
 */
export function servedEndpoints(
  { metrics, hurting, ...options }: ServedOptions,
  option: string,
): ServedEndpoints {
  const served = new Map<string, Endpoint>();
  if (metrics !== false) served.set(metrics, new MetricsEndpoint(options));
  if (hurting === undefined) return served;
  const { path, auth = options.auth } =
    typeof hurting === 'string' ? ({ path: hurting } as HurtingPathOptions) : hurting;
  if (served.has(path)) {
    throw configError(
      option,
      'is the path of the metrics',
      'Give it one of its own, such as "/nylas/hurting".',
    );
  }
  served.set(path, new HurtingEndpoint(auth, option));
  return served;
}
