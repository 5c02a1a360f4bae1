import { HURTING_CHECK, type HurtingPathOptions } from '../metrics/hurting-endpoint.ts';
import { ENDPOINT_CHECKS, type MetricsEndpointOptions } from '../metrics/metrics-endpoint.ts';
import { announceScrapePath } from '../metrics/scrape-paths.ts';
import { type ServedEndpoints, servedEndpoints } from '../metrics/served-endpoints.ts';
import { anyOf, type Check, exactly, integer, ofType, shape, urlPath } from '../options/checks.ts';
import { CallerNames, MOST_CALLERS } from './caller-names.ts';

/** How callers are told apart. */
export interface CallerOptions<Request = never> {
  /** Different callers, at most 100, then `other`. Default 100. */
  max?: number;
  /**
   * Names the caller where the framework knows no routes (plain `node:http`) or a better name is known. Asked when a
   * Nylas request is made. Give few, fixed names: never the path itself. Undefined: the framework's route.
   */
  name?: (request: Request) => string | undefined;
}

/** Options of the middleware. */
export interface NylasTelemetryMiddlewareOptions<Request = never> extends MetricsEndpointOptions {
  /** The path that serves the metrics; false serves none. Default `/metrics`. */
  metrics?: string | false;
  /**
   * The path that serves who is hurting now (`hurtingAccounts()` as JSON): the accounts with the most failed requests.
   * Needs credentials, `auth` or its own. Default none.
   */
  hurting?: string | HurtingPathOptions;
  /**
   * Labels every Nylas call with the inbound route that caused it (`nylas.caller`). Needs the instrumentation's option
   * `callers`, which `startNylasTelemetry` sets. Default false.
   */
  callers?: boolean | CallerOptions<Request>;
}

/** What every framework's middleware does. */
export interface MiddlewareCore<Request> {
  readonly served: ServedEndpoints;
  /** The caller's label of a request, when callers are wanted. `route` asks the framework. */
  readonly caller: ((request: Request, route: () => string | undefined) => string | undefined) | undefined;
}

const CHECKS: { readonly [K in keyof NylasTelemetryMiddlewareOptions]-?: Check } = {
  ...ENDPOINT_CHECKS,
  metrics: anyOf('Give a path that begins with "/", or false.', exactly(false), urlPath),
  hurting: HURTING_CHECK,
  callers: anyOf(
    `Give true, false or { max: 1 to ${MOST_CALLERS}, name: function }.`,
    ofType('boolean'),
    shape({ max: integer(1, MOST_CALLERS), name: ofType('function') }),
  ),
};

/**
 * Checks the options and makes what they ask for.
 *
 * @throws NylasTelemetryConfigError for an option that cannot be used
 */
export function middlewareCore<Request>(
  options: NylasTelemetryMiddlewareOptions<Request> = {},
): MiddlewareCore<Request> {
  shape(CHECKS)('', options);
  const { metrics = '/metrics', hurting, callers = false, ...endpoint } = options;
  const served = servedEndpoints({ ...endpoint, metrics, hurting }, 'hurting');
  for (const path of served.keys()) announceScrapePath(path);
  return {
    served,
    caller: callers === false ? undefined : callerOf(callers === true ? {} : callers),
  };
}

function callerOf<Request>({ max, name }: CallerOptions<Request>): MiddlewareCore<Request>['caller'] {
  const names = new CallerNames(max);
  return (request, route) => names.label(name?.(request) ?? route());
}
