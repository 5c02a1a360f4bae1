import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_RESEND_COUNT,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_NYLAS_ACCOUNT_ID,
  ATTR_NYLAS_CALLER,
  ATTR_NYLAS_FLOW_ID,
  ATTR_NYLAS_GMAIL_QUOTA_USAGE,
  ATTR_NYLAS_GRANT_ID,
  ATTR_NYLAS_PROVIDER_REQUEST_COUNT,
  ATTR_NYLAS_RATE_LIMIT_SOURCE,
  ATTR_NYLAS_REQUEST_ID,
  ATTR_URL_FULL,
} from '@nylas-otel/semantic-conventions';
import { type AccountIdCapture, tracerFor } from '@nylas-otel/telemetry';
import { type Attributes, type Span, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { redactQuery } from '../redaction/query.ts';
import { SCOPE } from '../version.ts';
import type { Attempt } from './attempt.ts';
import { attributesOf, handIn } from './span-attributes.ts';
import { putMeaning, shapeOf } from './span-shape.ts';

/**
 * Starts our CLIENT span in the caller's context (HTTP semantic conventions, client span).
 *
 * @param hookAttributes what a user's own start hook gives
 * @param late begun after the fact: the attempt's own start is the span's
 */
export function startAttemptSpan(
  attempt: Attempt,
  capture: AccountIdCapture,
  hookAttributes: Attributes | undefined,
  late: boolean,
): Span {
  const { target, route, path } = attempt;
  const shape = shapeOf(target, route);
  const attributes: Attributes = { ...shape.creation };
  const query = path.indexOf('?');
  if (query >= 0) attributes[ATTR_URL_FULL] = shape.url + redactQuery(path, query);
  const options = late
    ? { kind: SpanKind.CLIENT, attributes, startTime: attempt.startedAt }
    : { kind: SpanKind.CLIENT, attributes };
  const span = tracerFor(SCOPE).startSpan(shape.name, options, attempt.context);
  attempt.span = span;
  if (!span.isRecording()) return span;
  const more = attributesOf(span);
  putMeaning(more, target, route);
  putRequest(more, attempt, capture);
  handIn(span, more);
  if (hookAttributes !== undefined) span.setAttributes(hookAttributes);
  return span;
}

/** Puts in a span's attributes what the request says of its account, caller and ordinal. */
export function putRequest(attributes: Attributes, attempt: Attempt, capture: AccountIdCapture): void {
  if (attempt.resendCount > 0) attributes[ATTR_HTTP_REQUEST_RESEND_COUNT] = attempt.resendCount;
  if (attempt.caller !== undefined) attributes[ATTR_NYLAS_CALLER] = attempt.caller;
  const account = attempt.shownAccount(capture);
  if (account === undefined) return;
  if (attempt.route.version === 'v3') attributes[ATTR_NYLAS_GRANT_ID] = account;
  else attributes[ATTR_NYLAS_ACCOUNT_ID] = account;
}

/** Puts in a span's attributes what the response said, but for its status. */
export function putResponse(
  attributes: Attributes,
  attempt: Attempt,
  errorType: string | undefined,
  rateLimitSource: string | undefined,
): void {
  const { requestId, flowId, providerRequests, gmailQuota } = attempt;
  if (requestId !== undefined) attributes[ATTR_NYLAS_REQUEST_ID] = requestId;
  if (flowId !== undefined) attributes[ATTR_NYLAS_FLOW_ID] = flowId;
  if (providerRequests !== undefined) attributes[ATTR_NYLAS_PROVIDER_REQUEST_COUNT] = providerRequests;
  if (gmailQuota !== undefined) attributes[ATTR_NYLAS_GMAIL_QUOTA_USAGE] = gmailQuota;
  if (rateLimitSource !== undefined) attributes[ATTR_NYLAS_RATE_LIMIT_SOURCE] = rateLimitSource;
  if (errorType !== undefined) attributes[ATTR_ERROR_TYPE] = errorType;
}

/** Ends our span with what the response said. */
export function endAttemptSpan(
  span: Span,
  attempt: Attempt,
  errorType: string | undefined,
  rateLimitSource: string | undefined,
): void {
  if (span.isRecording()) {
    const attributes = attributesOf(span);
    if (attempt.status !== 0) attributes[ATTR_HTTP_RESPONSE_STATUS_CODE] = attempt.status;
    putResponse(attributes, attempt, errorType, rateLimitSource);
    handIn(span, attributes);
    if (errorType !== undefined) span.setStatus({ code: SpanStatusCode.ERROR });
  }
  // `endedAt` is a performance.now() value, which OpenTelemetry takes as a time of this process.
  if (attempt.failure === undefined) span.end();
  else span.end(attempt.endedAt);
}
