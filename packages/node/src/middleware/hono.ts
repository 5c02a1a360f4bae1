import { runInScope } from '@nylas-otel/telemetry';
import { answerFetch } from '../metrics/metrics-handler.ts';
import { middlewareCore, type NylasTelemetryMiddlewareOptions } from './telemetry-options.ts';

/** What of Hono's context is used. */
export interface HonoContextLike {
  readonly req: {
    readonly path: string;
    readonly raw: Request;
    readonly routeIndex?: number;
    readonly matchedRoutes?: ReadonlyArray<{ readonly method: string; readonly path: string }>;
  };
}

/** A Hono middleware. */
export type HonoMiddleware = (
  context: HonoContextLike,
  next: () => Promise<void>,
) => Promise<Response | undefined>;

/**
 * The middleware for Hono 4 on Node. Use it before the routes.
 *
 * @throws NylasTelemetryConfigError for an option that cannot be used
 *
 * @example
 * app.use(nylasTelemetryHono({ metrics: '/metrics', callers: true }))
 */
export function nylasTelemetryHono(
  options: NylasTelemetryMiddlewareOptions<HonoContextLike> = {},
): HonoMiddleware {
  const { served, caller } = middlewareCore(options);
  return async (context, next) => {
    const endpoint = served.get(context.req.path);
    if (endpoint !== undefined) return answerFetch(endpoint, context.req.raw, true);
    if (caller === undefined) await next();
    else await runInScope({ caller: () => caller(context, () => matchedRoute(context)) }, next);
    return undefined;
  };
}

/** The route that runs; where that is a middleware, the one it leads to. */
function matchedRoute({ req }: HonoContextLike): string | undefined {
  const routes = req.matchedRoutes ?? [];
  const running = routes[req.routeIndex ?? -1];
  const route = running === undefined || running.method === 'ALL' ? routes.at(-1) : running;
  // A request that meets middleware only has no route of its own.
  return route === undefined || /^\/?\*$/.test(route.path) ? undefined : route.path;
}
