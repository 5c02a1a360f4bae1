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
  /** What samplers need at creation (HTTP semantic conventions). */
  readonly creation: Attributes;
  /** The rest, set after creation: measured cheaper than one large set at creation. */
  readonly meaning: Attributes;
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

function makeShape(target: Target, route: Route): SpanShape {
  const method = route.method === '_OTHER' ? 'HTTP' : route.method;
  const url = target.origin + (route.known ? route.template : '/REDACTED');
  const meaning = {
    [ATTR_URL_SCHEME]: target.scheme,
    [ATTR_URL_TEMPLATE]: route.template,
    [ATTR_NYLAS_API_VERSION]: route.version,
    [ATTR_NYLAS_REGION]: target.region,
    [ATTR_NYLAS_RESOURCE]: route.resource,
    [ATTR_NYLAS_OPERATION]: route.operation,
    [ATTR_NYLAS_PROXIED]: route.proxied,
  };
  const creation = {
    [ATTR_HTTP_REQUEST_METHOD]: route.method,
    [ATTR_SERVER_ADDRESS]: target.address,
    [ATTR_SERVER_PORT]: target.port,
    [ATTR_URL_FULL]: url,
  };
  return { name: route.known ? `${method} ${route.template}` : method, url, creation, meaning };
}
