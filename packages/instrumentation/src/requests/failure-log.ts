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
  ATTR_NYLAS_REQUEST_ID,
  ATTR_URL_TEMPLATE,
  EVENT_NYLAS_CLIENT_ERROR,
} from '@nylas-otel/semantic-conventions';
import { createEmitter, logsWanted, type Severity } from '@nylas-otel/telemetry';
import type { Attributes, Context } from '@opentelemetry/api';
import { SCOPE } from '../version.ts';
import type { NylasRequestFacts } from './facts.ts';

const emitter = createEmitter(SCOPE);

/** What a failure's log event says beside the facts. */
export interface FailureDetail {
  /** Nylas's own message, cut and stripped, where `captureErrorMessage` is on. */
  readonly message?: string | undefined;
}

/** Emits `nylas.client.error` for a failed operation (or a failed request without one), if anybody listens. */
export function logFailure(facts: NylasRequestFacts, context: Context, detail: FailureDetail = {}): void {
  if (!logsWanted()) return;
  const attributes: Attributes = {
    [ATTR_HTTP_REQUEST_METHOD]: facts.method,
    [ATTR_URL_TEMPLATE]: facts.template,
    [ATTR_NYLAS_API_VERSION]: facts.version,
    [ATTR_NYLAS_OUTCOME]: facts.outcome,
    [ATTR_HTTP_REQUEST_RESEND_COUNT]: facts.resendCount,
  };
  if (facts.errorType !== undefined) attributes[ATTR_ERROR_TYPE] = facts.errorType;
  if (facts.status !== 0) attributes[ATTR_HTTP_RESPONSE_STATUS_CODE] = facts.status;
  if (facts.requestId !== undefined) attributes[ATTR_NYLAS_REQUEST_ID] = facts.requestId;
  if (facts.flowId !== undefined) attributes[ATTR_NYLAS_FLOW_ID] = facts.flowId;
  if (facts.account !== undefined) {
    attributes[facts.version === 'v3' ? ATTR_NYLAS_GRANT_ID : ATTR_NYLAS_ACCOUNT_ID] = facts.account;
  }
  if (detail.message !== undefined) attributes[ATTR_NYLAS_ERROR_MESSAGE] = detail.message;
  emitter.event({
    name: EVENT_NYLAS_CLIENT_ERROR,
    severity: severityOf(facts),
    attributes,
    message: supportLine(facts),
    context,
  });
}

/** The line to paste to Nylas support: time, route, status, error type, request id, flow id. */
function supportLine(facts: NylasRequestFacts, time: Date = new Date()): string {
  const parts = [
    `Nylas request failed: ${facts.method} ${facts.template}`,
    facts.status === 0 ? 'no response' : `status ${facts.status}`,
    `error ${facts.errorType ?? facts.outcome}`,
    `request id ${facts.requestId ?? 'none'}`,
    `flow id ${facts.flowId ?? 'none'}`,
    `attempt ${facts.resendCount + 1}`,
    time.toISOString(),
  ];
  return parts.join('; ');
}

// A person is needed for what retries cannot heal; the rest passes or is handled elsewhere.
function severityOf({ outcome }: NylasRequestFacts): Severity {
  switch (outcome) {
    case 'server_error':
    case 'provider_error':
    case 'invalid_credentials':
    case 'network_error':
    case 'timeout':
      return 'error';
    case 'cancelled':
      return 'info';
    default:
      return 'warn';
  }
}
