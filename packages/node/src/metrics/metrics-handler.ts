import type { IncomingMessage, ServerResponse } from 'node:http';
import { dropError } from '@nylas-otel/telemetry';
import { shape } from '../options/checks.ts';
import type { Endpoint } from './endpoint.ts';
import { ENDPOINT_CHECKS, MetricsEndpoint, type MetricsEndpointOptions } from './metrics-endpoint.ts';

/** A `/metrics` handler: for `node:http` and everything built on it, and, as `fetch`, for the fetch world. */
export interface NylasMetricsHandler {
  /** Answers a request of `node:http`, Express, Connect or Nest, whatever its path: mount it where it belongs. */
  (request: IncomingMessage, response: ServerResponse): void;
  /** Answers a fetch `Request` (Hono, Next.js, Remix). */
  fetch(request: Request): Promise<Response>;
}

/**
 * Makes a handler that serves the metrics of this process in Prometheus text format.
 *
 * @throws NylasTelemetryConfigError for an option that cannot be used
 */
export function nylasMetricsHandler(options: MetricsEndpointOptions = {}): NylasMetricsHandler {
  shape(ENDPOINT_CHECKS)('', options);
  const endpoint = new MetricsEndpoint(options);
  const handler = (request: IncomingMessage, response: ServerResponse): void => {
    void answer(endpoint, request, response);
  };
  // Not compressed: Next.js takes `content-encoding` off what route handlers answer, and compresses by itself.
  return Object.assign(handler, { fetch: (request: Request) => answerFetch(endpoint, request, false) });
}

/** Answers a `node:http` request. Never throws or rejects. */
export async function answer(
  endpoint: Endpoint,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const { status, headers, body } = await endpoint.reply({
      method: request.method ?? 'GET',
      authorization: request.headers.authorization,
      acceptEncoding: request.headers['accept-encoding'],
    });
    if (response.headersSent || response.destroyed) return;
    response.writeHead(status, headers).end(body);
  } catch (error) {
    dropError('endpoint', error);
    response.destroy();
  }
}

/** Answers a fetch request. */
export async function answerFetch(
  endpoint: Endpoint,
  request: Request,
  mayCompress: boolean,
): Promise<Response> {
  const { status, headers, body } = await endpoint.reply({
    method: request.method,
    authorization: request.headers.get('authorization') ?? undefined,
    acceptEncoding: mayCompress ? (request.headers.get('accept-encoding') ?? undefined) : undefined,
  });
  return new Response(body.length === 0 ? null : new Uint8Array(body), { status, headers });
}
