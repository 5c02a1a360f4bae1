import type { Route } from '@nylas-otel/nylas-api';
import {
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_NYLAS_API_VERSION,
  ATTR_NYLAS_OPERATION,
  ATTR_NYLAS_PROXIED,
  ATTR_NYLAS_REGION,
  ATTR_NYLAS_RESOURCE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_FULL,
  ATTR_URL_SCHEME,
  ATTR_URL_TEMPLATE,
} from '@nylas-otel/semantic-conventions';
import type { Attributes } from '@opentelemetry/api';
import type { Target } from './targets.ts';

/** What the spans of a route on a target have in common. */
export interface SpanShape {
  /** `{METHOD} {url.template}`. */
  readonly name: string;
  /** Origin and template. */
  readonly url: string;
  /** The template as a path. */
  readonly path: string;
  /** What samplers need at creation (HTTP semantic conventions). */
  readonly creation: Attributes;
}

/** The shape of a route's spans on a target. */
export function shapeOf(target: Target, route: Route): SpanShape {
  let shape = target.shapes.get(route);
  if (shape === undefined) {
    shape = makeShape(target, route);
    target.shapes.set(route, shape);
  }
  return shape;
}

/** Puts the rest of a span's meaning in its attributes, after creation: cheaper than one large set at creation. */
export function putMeaning(attributes: Attributes, target: Target, route: Route): void {
  attributes[ATTR_URL_SCHEME] = target.scheme;
  attributes[ATTR_URL_TEMPLATE] = route.template;
  attributes[ATTR_NYLAS_API_VERSION] = route.version;
  attributes[ATTR_NYLAS_REGION] = target.region;
  attributes[ATTR_NYLAS_RESOURCE] = route.resource;
  attributes[ATTR_NYLAS_OPERATION] = route.operation;
  attributes[ATTR_NYLAS_PROXIED] = route.proxied;
}

function makeShape(target: Target, route: Route): SpanShape {
  const method = route.method === '_OTHER' ? 'HTTP' : route.method;
  const path = route.known ? route.template : '/REDACTED';
  const url = target.origin + path;
  const creation = {
    [ATTR_HTTP_REQUEST_METHOD]: route.method,
    [ATTR_SERVER_ADDRESS]: target.address,
    [ATTR_SERVER_PORT]: target.port,
    [ATTR_URL_FULL]: url,
  };
  return { name: route.known ? `${method} ${route.template}` : method, url, path, creation };
}
