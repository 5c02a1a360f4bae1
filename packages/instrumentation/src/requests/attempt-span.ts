import { accountFromPath, type Route } from '@nylas-otel/nylas-api';
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_REQUEST_RESEND_COUNT,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_NYLAS_ACCOUNT_ID,
  ATTR_NYLAS_API_VERSION,
  ATTR_NYLAS_CALLER,
  ATTR_NYLAS_FLOW_ID,
  ATTR_NYLAS_GMAIL_QUOTA_USAGE,
  ATTR_NYLAS_GRANT_ID,
  ATTR_NYLAS_OPERATION,
  ATTR_NYLAS_PROVIDER_REQUEST_COUNT,
  ATTR_NYLAS_PROXIED,
  ATTR_NYLAS_RATE_LIMIT_SOURCE,
  ATTR_NYLAS_REGION,
  ATTR_NYLAS_REQUEST_ID,
  ATTR_NYLAS_RESOURCE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_FULL,
  ATTR_URL_SCHEME,
  ATTR_URL_TEMPLATE,
} from '@nylas-otel/semantic-conventions';
import { type AccountIdCapture, shownAccountId, tracerFor } from '@nylas-otel/telemetry';
import { type Attributes, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { redactQuery } from '../redaction/query.ts';
import { SCOPE } from '../version.ts';
import type { Attempt } from './attempt.ts';
import type { Target } from './targets.ts';

interface SpanShape {
  readonly name: string;
  readonly attributes: Attributes;
  readonly url: string;
}

/** Name and attributes that every request of a route on a target has, built once. */
const shapes = new WeakMap<Target, Map<Route, SpanShape>>();

function shapeOf(target: Target, route: Route): SpanShape {
  let routes = shapes.get(target);
  if (routes === undefined) {
    routes = new Map();
    shapes.set(target, routes);
  }
  let shape = routes.get(route);
  if (shape === undefined) {
    const method = route.method === '_OTHER' ? 'HTTP' : route.method;
    const url = target.origin + (route.known ? route.template : '/REDACTED');
    shape = {
      name: route.known ? `${method} ${route.template}` : method,
      url,
      attributes: {
        [ATTR_HTTP_REQUEST_METHOD]: route.method,
        [ATTR_SERVER_ADDRESS]: target.address,
        [ATTR_SERVER_PORT]: target.port,
        [ATTR_URL_SCHEME]: target.scheme,
        [ATTR_URL_FULL]: url,
        [ATTR_URL_TEMPLATE]: route.template,
        [ATTR_NYLAS_API_VERSION]: route.version,
        [ATTR_NYLAS_REGION]: target.region,
        [ATTR_NYLAS_RESOURCE]: route.resource,
        [ATTR_NYLAS_OPERATION]: route.operation,
        [ATTR_NYLAS_PROXIED]: route.proxied,
      },
    };
    routes.set(route, shape);
  }
  return shape;
}

/** The span name of an attempt: `{METHOD} {url.template}`. */
export function spanName({ target, route }: Attempt): string {
  return shapeOf(target, route).name;
}

/** The URL of an attempt as telemetry may show it: origin, template, redacted query. */
export function shownUrl({ target, route, path }: Attempt): string {
  const { url } = shapeOf(target, route);
  const query = path.indexOf('?');
  return query < 0 ? url : url + redactQuery(path, query);
}

/** The account as a span or log event may show it. */
export function shownAccount(account: string | undefined, capture: AccountIdCapture): string | undefined {
  return account === undefined ? undefined : shownAccountId(account, capture);
}

/** The account a request's path names, undefined when it names none. */
export function accountOf(route: Route, path: string): string | undefined {
  return route.accountSegment < 0 ? undefined : accountFromPath(route, path);
}

/** Attributes known when an attempt is created. */
export function requestAttributes(attempt: Attempt, capture: AccountIdCapture): Attributes {
  const { target, route, path } = attempt;
  const attributes: Attributes = { ...shapeOf(target, route).attributes };
  if (path.includes('?')) attributes[ATTR_URL_FULL] = shownUrl(attempt);
  if (attempt.resendCount > 0) attributes[ATTR_HTTP_REQUEST_RESEND_COUNT] = attempt.resendCount;
  if (attempt.caller !== undefined) attributes[ATTR_NYLAS_CALLER] = attempt.caller;
  const account = shownAccount(attempt.account, capture);
  if (account !== undefined)
    attributes[route.version === 'v3' ? ATTR_NYLAS_GRANT_ID : ATTR_NYLAS_ACCOUNT_ID] = account;
  return attributes;
}

/**
 * Starts our CLIENT span in the caller's context (HTTP semantic conventions, client span). `late` gives the attempt's
 * own start as start time, for spans begun after the fact.
 */
export function startAttemptSpan(attempt: Attempt, attributes: Attributes, late: boolean): Span {
  const options = { kind: SpanKind.CLIENT, attributes, ...(late ? { startTime: attempt.startedAt } : {}) };
  const span = tracerFor(SCOPE).startSpan(
    shapeOf(attempt.target, attempt.route).name,
    options,
    attempt.context,
  );
  attempt.span = span;
  return span;
}

/** Puts what the response said on a span. */
export function setResponseAttributes(
  span: Span,
  attempt: Attempt,
  errorType: string | undefined,
  rateLimitSource: string | undefined,
): void {
  if (!span.isRecording()) return;
  if (attempt.status !== 0) span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, attempt.status);
  if (attempt.requestId !== undefined) span.setAttribute(ATTR_NYLAS_REQUEST_ID, attempt.requestId);
  if (attempt.flowId !== undefined) span.setAttribute(ATTR_NYLAS_FLOW_ID, attempt.flowId);
  if (attempt.providerRequests !== undefined) {
    span.setAttribute(ATTR_NYLAS_PROVIDER_REQUEST_COUNT, attempt.providerRequests);
  }
  if (attempt.gmailQuota !== undefined) span.setAttribute(ATTR_NYLAS_GMAIL_QUOTA_USAGE, attempt.gmailQuota);
  if (rateLimitSource !== undefined) span.setAttribute(ATTR_NYLAS_RATE_LIMIT_SOURCE, rateLimitSource);
  if (errorType !== undefined) {
    span.setAttribute(ATTR_ERROR_TYPE, errorType);
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
}

/** The id of the span active in an attempt's parent context, undefined without one. */
export function parentSpanId(attempt: Attempt): string | undefined {
  return trace.getSpanContext(attempt.context)?.spanId;
}
