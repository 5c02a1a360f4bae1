import { runInScope } from '@nylas-otel/telemetry';
import { middlewareCore, type NylasTelemetryMiddlewareOptions } from './telemetry-options.ts';

/** What of Koa's context is used. */
export interface KoaContextLike {
  readonly method: string;
  readonly path: string;
  get(header: string): string;
  set(headers: Record<string, string>): void;
  status: number;
  body: unknown;
}

/** A Koa middleware. */
export type KoaMiddleware = (context: KoaContextLike, next: () => Promise<unknown>) => Promise<unknown>;

/**
 * The middleware for Koa 2 and 3. Callers are routes of `@koa/router`. Use it before the routes.
 *
 * @throws NylasTelemetryConfigError for an option that cannot be used
 *
 * @example
 * app.use(nylasTelemetryKoa({ metrics: '/metrics', callers: true }))
 */
export function nylasTelemetryKoa(
  options: NylasTelemetryMiddlewareOptions<KoaContextLike> = {},
): KoaMiddleware {
  const { served, caller } = middlewareCore(options);
  return async (context, next) => {
    const endpoint = served.get(context.path);
    if (endpoint !== undefined) {
      const { status, headers, body } = await endpoint.reply({
        method: context.method,
        authorization: context.get('authorization') || undefined,
        acceptEncoding: context.get('accept-encoding') || undefined,
      });
      context.status = status;
      context.body = body;
      // After the body: Koa sets type and length from it, and a HEAD's length is that of the GET.
      context.set(headers);
      return undefined;
    }
    if (caller === undefined) return next();
    return runInScope({ caller: () => caller(context, () => matchedRoute(context)) }, next);
  };
}

/** The template of the route that `@koa/router` matched. */
function matchedRoute(context: KoaContextLike): string | undefined {
  const route = (context as { readonly _matchedRoute?: unknown })._matchedRoute;
  return typeof route === 'string' || route instanceof RegExp ? String(route) : undefined;
}
