import type { IncomingMessage, ServerResponse } from 'node:http';
import { runInScope } from '@nylas-otel/telemetry';
import { answer } from '../metrics/metrics-handler.ts';
import { middlewareCore, type NylasTelemetryMiddlewareOptions } from './telemetry-options.ts';

/** What of Fastify 4 and 5 is used. */
export interface FastifyLike {
  addHook(name: never, hook: never): unknown;
  route(options: never): unknown;
}

/** What of Fastify's request is used. */
export interface FastifyRequestLike {
  readonly raw: IncomingMessage;
  readonly routeOptions?: { readonly url?: string | undefined };
}

interface FastifyReplyLike {
  readonly raw: ServerResponse;
  hijack(): unknown;
}

/** A Fastify plugin. */
export type FastifyPlugin = (instance: FastifyLike, options: unknown, done: (error?: Error) => void) => void;

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/**
 * The middleware as a plugin for Fastify 4 and 5. It holds for the instance it is registered on, and for its children.
 *
 * @throws NylasTelemetryConfigError for an option that cannot be used
 *
 * @example
 * await app.register(nylasTelemetryFastify({ metrics: '/metrics', callers: true }))
 */
export function nylasTelemetryFastify(
  options: NylasTelemetryMiddlewareOptions<FastifyRequestLike> = {},
): FastifyPlugin {
  const { served, caller } = middlewareCore(options);
  const plugin: FastifyPlugin = (instance, _options, done) => {
    if (caller !== undefined) {
      const onRequest = (request: FastifyRequestLike, _reply: unknown, next: () => void): void => {
        // The route is known here, but for requests that none matches.
        runInScope({ caller: () => caller(request, () => request.routeOptions?.url) }, next);
      };
      instance.addHook('onRequest' as never, onRequest as never);
    }
    for (const [path, endpoint] of served) {
      instance.route({
        method: METHODS,
        url: path,
        exposeHeadRoute: false,
        // Before a body is parsed: a method that is not allowed is answered, whatever it brings.
        onRequest: (request: FastifyRequestLike, reply: FastifyReplyLike) => {
          reply.hijack();
          return answer(endpoint, request.raw, reply.raw);
        },
        handler: () => undefined,
      } as never);
    }
    done();
  };
  // Fastify's mark for a plugin whose hooks are for the instance that registers it (what `fastify-plugin` sets).
  return Object.assign(plugin, { [Symbol.for('skip-override')]: true });
}
