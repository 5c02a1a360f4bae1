import type { ApiVersion, Outcome, RateLimitSource } from '@nylas-otel/nylas-api';
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_REQUEST_RESEND_COUNT,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_NYLAS_ACCOUNT_ID,
  ATTR_NYLAS_API_VERSION,
  ATTR_NYLAS_ERROR_MESSAGE,
  ATTR_NYLAS_FLOW_ID,
  ATTR_NYLAS_GRANT_ID,
  ATTR_NYLAS_OUTCOME,
  ATTR_NYLAS_RATE_LIMIT_SOURCE,
  ATTR_NYLAS_REQUEST_ID,
  ATTR_URL_TEMPLATE,
  EVENT_NYLAS_CLIENT_ERROR,
  SLO_BAD_OUTCOMES,
} from '@nylas-otel/semantic-conventions';
import type { Attributes, Context } from '@opentelemetry/api';
import type { Emitter } from './emitter.ts';
import { logsWanted } from './log-events.ts';
import type { ErrorFacts, Operation } from './operation.ts';

/** A request that failed for good, as `nylas.client.error` tells it. Holds nothing that is secret. */
export interface RequestFailure {
  readonly version: ApiVersion;
  readonly method: string;
  readonly template: string;
  /** 0 when there was no response. */
  readonly status: number;
  readonly outcome: Outcome;
  readonly errorType: string | undefined;
  readonly rateLimitSource: RateLimitSource | undefined;
  readonly requestId: string | undefined;
  readonly flowId: string | undefined;
  /** 0 for the first attempt. */
  readonly resendCount: number;
  /** The account as telemetry shows it. */
  readonly account: string | undefined;
  /** Nylas's own message, cut and stripped, where `captureErrorMessage` is on. */
  readonly message?: string | undefined;
}

/** What an operation itself does not know of its failure. */
export interface OperationFailureDetail {
  /** The account as telemetry shows it. */
  readonly account?: string | undefined;
  readonly message?: string | undefined;
  /** Resends, where the one who sent them counted. Default: requests of the operation, but for the first. */
  readonly resendCount?: number;
}

const BAD: ReadonlySet<Outcome> = new Set(SLO_BAD_OUTCOMES);

/**
 * Emits `nylas.client.error` for a failed operation, if anybody listens. Called once, by who owns the operation; a success
 * and the caller's own abort are no failures.
 */
export function logOperationFailure(
  emitter: Emitter,
  { route, previous, requests, context }: Operation,
  failure: ErrorFacts | undefined,
  { account, message, resendCount = Math.max(0, requests - 1) }: OperationFailureDetail = {},
): void {
  if (failure === undefined || failure.outcome === 'success' || failure.outcome === 'cancelled') return;
  logRequestFailure(
    emitter,
    {
      version: route.version,
      method: route.method,
      template: route.template,
      status: failure.status ?? previous?.status ?? 0,
      outcome: failure.outcome,
      errorType: failure.errorType,
      rateLimitSource: failure.rateLimitSource,
      requestId: failure.requestId ?? previous?.requestId,
      flowId: failure.flowId ?? previous?.flowId,
      resendCount,
      account,
      message,
    },
    context,
  );
}

/** Emits `nylas.client.error` for a failed request, if anybody listens. */
export function logRequestFailure(emitter: Emitter, failure: RequestFailure, context: Context): void {
  if (!logsWanted()) return;
  emitter.event({
    name: EVENT_NYLAS_CLIENT_ERROR,
    severity: BAD.has(failure.outcome) ? 'error' : 'warn',
    attributes: attributesOf(failure),
    message: supportLine(failure, new Date()),
    context,
  });
}

function attributesOf(failure: RequestFailure): Attributes {
  const attributes: Attributes = {
    [ATTR_HTTP_REQUEST_METHOD]: failure.method,
    [ATTR_URL_TEMPLATE]: failure.template,
    [ATTR_NYLAS_API_VERSION]: failure.version,
    [ATTR_NYLAS_OUTCOME]: failure.outcome,
    [ATTR_HTTP_REQUEST_RESEND_COUNT]: failure.resendCount,
  };
  const put = (name: string, value: string | undefined): void => {
    if (value !== undefined) attributes[name] = value;
  };
  if (failure.status !== 0) attributes[ATTR_HTTP_RESPONSE_STATUS_CODE] = failure.status;
  put(ATTR_ERROR_TYPE, failure.errorType);
  put(ATTR_NYLAS_RATE_LIMIT_SOURCE, failure.rateLimitSource);
  put(ATTR_NYLAS_REQUEST_ID, failure.requestId);
  put(ATTR_NYLAS_FLOW_ID, failure.flowId);
  put(failure.version === 'v3' ? ATTR_NYLAS_GRANT_ID : ATTR_NYLAS_ACCOUNT_ID, failure.account);
  put(ATTR_NYLAS_ERROR_MESSAGE, failure.message);
  return attributes;
}

/** The line to paste to Nylas support: route, status, error type, request id, flow id, attempt, time. */
function supportLine(failure: RequestFailure, time: Date): string {
  return [
    `Nylas request failed: ${failure.method} ${failure.template}`,
    failure.status === 0 ? 'no response' : `status ${failure.status}`,
    `error ${failure.errorType ?? failure.outcome}`,
    `request id ${failure.requestId ?? 'none'}`,
    `flow id ${failure.flowId ?? 'none'}`,
    `attempt ${failure.resendCount + 1}`,
    time.toISOString(),
  ].join('; ');
}
