import type { IncomingMessage, ServerResponse } from 'node:http';
import { runInScope } from '@nylas-otel/telemetry';
import type { Endpoint } from '../metrics/endpoint.ts';
import { answer } from '../metrics/metrics-handler.ts';
import { pathOf } from '../metrics/scrape-paths.ts';
import type { ServedEndpoints } from '../metrics/served-endpoints.ts';
import { type ExpressRequest, expressRoute } from './express-route.ts';
import { middlewareCore, type NylasTelemetryMiddlewareOptions } from './telemetry-options.ts';

/** A middleware of Connect's form. */
export type NodeMiddleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * Middleware for Express 4 and 5, Nest, Connect and plain `node:http`: serves the metrics of this process and, where
 * asked, labels every Nylas call with the inbound route that caused it. Mount it before the routes.
 *
 * @throws NylasTelemetryConfigError for an option that cannot be used
 *
 * @example
 * app.use(nylasTelemetry({ metrics: '/metrics', callers: true }))
 */
export function nylasTelemetry(
  options: NylasTelemetryMiddlewareOptions<IncomingMessage> = {},
): NodeMiddleware {
  const { served, caller } = middlewareCore(options);
  // Named, so that traces of the framework's own instrumentation say whose it is.
  return function nylasTelemetry(request, response, next) {
    const endpoint = endpointOf(served, request);
    if (endpoint !== undefined) {
      void answer(endpoint, request, response);
    } else if (caller !== undefined) {
      // The route is matched after this: it is asked for when a Nylas request is made.
      runInScope({ caller: () => caller(request, () => expressRoute(request as ExpressRequest)) }, next);
    } else {
      next();
    }
  };
}

// Express cuts a mount's path off `url`: both `use(here)` and `use('/metrics', here)` are meant.
function endpointOf(
  served: ServedEndpoints,
  { url, originalUrl }: IncomingMessage & { readonly originalUrl?: string },
): Endpoint | undefined {
  return served.get(pathOf(url)) ?? (originalUrl === undefined ? undefined : served.get(pathOf(originalUrl)));
}
