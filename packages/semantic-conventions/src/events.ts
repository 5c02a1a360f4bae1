import {
  ATTR_CLOUDEVENTS_EVENT_ID,
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_REQUEST_RESEND_COUNT,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_NYLAS_ACCOUNT_ID,
  ATTR_NYLAS_ACCOUNT_RAW_STATE,
  ATTR_NYLAS_ACCOUNT_SIGNAL,
  ATTR_NYLAS_ACCOUNT_STATE,
  ATTR_NYLAS_ACCOUNT_STATE_FROM,
  ATTR_NYLAS_API_VERSION,
  ATTR_NYLAS_APPLICATION,
  ATTR_NYLAS_ERROR_MESSAGE,
  ATTR_NYLAS_FLOW_ID,
  ATTR_NYLAS_GRANT_ID,
  ATTR_NYLAS_OPERATION,
  ATTR_NYLAS_OUTCOME,
  ATTR_NYLAS_PLATFORM_IMPACT,
  ATTR_NYLAS_PROVIDER,
  ATTR_NYLAS_RATE_LIMIT_SOURCE,
  ATTR_NYLAS_REGION,
  ATTR_NYLAS_REPAIR_ACTION,
  ATTR_NYLAS_REPAIR_STEP,
  ATTR_NYLAS_REQUEST_COUNT,
  ATTR_NYLAS_REQUEST_ID,
  ATTR_NYLAS_RESOURCE,
  ATTR_NYLAS_WEBHOOK_OUTCOME,
  ATTR_NYLAS_WEBHOOK_TRIGGER,
  ATTR_SERVER_ADDRESS,
  ATTR_URL_TEMPLATE,
} from './attribute-names.ts';
import type * as names from './event-names.ts';

/** The name of every log event of the contract. */
export type EventName = (typeof names)[keyof typeof names];

/** One log event. Each also carries the trace and span id of the work it belongs to. */
export interface EventDefinition {
  readonly name: EventName;
  /** When it is emitted. */
  readonly description: string;
  /** Which severity it has. */
  readonly severity: string;
  /** Names of all attributes it may carry; see `ATTRIBUTES`. */
  readonly attributes: readonly string[];
}

/** Every log event of the contract, by name. */
export const EVENTS: { readonly [Name in EventName]: EventDefinition & { readonly name: Name } } = {
  'nylas.client.error': {
    name: 'nylas.client.error',
    description:
      'A call to Nylas failed for good: one event an operation, or a request where there is no operation.',
    severity: 'ERROR for outcomes that are bad for an SLO, else WARN',
    attributes: [
      ATTR_ERROR_TYPE,
      ATTR_NYLAS_OUTCOME,
      ATTR_HTTP_REQUEST_METHOD,
      ATTR_URL_TEMPLATE,
      ATTR_HTTP_RESPONSE_STATUS_CODE,
      ATTR_HTTP_REQUEST_RESEND_COUNT,
      ATTR_SERVER_ADDRESS,
      ATTR_NYLAS_API_VERSION,
      ATTR_NYLAS_REGION,
      ATTR_NYLAS_RESOURCE,
      ATTR_NYLAS_OPERATION,
      ATTR_NYLAS_REQUEST_COUNT,
      ATTR_NYLAS_REQUEST_ID,
      ATTR_NYLAS_FLOW_ID,
      ATTR_NYLAS_GRANT_ID,
      ATTR_NYLAS_ACCOUNT_ID,
      ATTR_NYLAS_RATE_LIMIT_SOURCE,
      ATTR_NYLAS_ERROR_MESSAGE,
    ],
  },
  'nylas.account.transition': {
    name: 'nylas.account.transition',
    description: "An account's sync state changed.",
    severity: 'INFO to `running`, else WARN',
    attributes: [
      ATTR_NYLAS_APPLICATION,
      ATTR_NYLAS_ACCOUNT_ID,
      ATTR_NYLAS_GRANT_ID,
      ATTR_NYLAS_ACCOUNT_STATE_FROM,
      ATTR_NYLAS_ACCOUNT_STATE,
      ATTR_NYLAS_ACCOUNT_RAW_STATE,
      ATTR_NYLAS_ACCOUNT_SIGNAL,
      ATTR_NYLAS_PROVIDER,
      ATTR_NYLAS_API_VERSION,
    ],
  },
  'nylas.repair.action': {
    name: 'nylas.repair.action',
    description: 'Repair acted on an account.',
    severity: 'INFO on success, else WARN; ERROR for `escalate`',
    attributes: [
      ATTR_NYLAS_APPLICATION,
      ATTR_NYLAS_ACCOUNT_ID,
      ATTR_NYLAS_GRANT_ID,
      ATTR_NYLAS_REPAIR_ACTION,
      ATTR_NYLAS_REPAIR_STEP,
      ATTR_NYLAS_OUTCOME,
      ATTR_NYLAS_PROVIDER,
      ATTR_ERROR_TYPE,
    ],
  },
  'nylas.repair.paused': {
    name: 'nylas.repair.paused',
    description:
      'Repair holds still, because many accounts failed within minutes or an operator said so; or it goes on.',
    severity: 'ERROR for a mass failure, else INFO',
    attributes: [ATTR_NYLAS_APPLICATION],
  },
  'nylas.webhook.rejected': {
    name: 'nylas.webhook.rejected',
    description: 'A webhook delivery was not stored: signature, size, content, overload or failure.',
    severity: 'WARN; ERROR for `failed`',
    attributes: [ATTR_NYLAS_WEBHOOK_OUTCOME, ATTR_HTTP_RESPONSE_STATUS_CODE, ATTR_ERROR_TYPE],
  },
  'nylas.webhook.dead': {
    name: 'nylas.webhook.dead',
    description:
      'The handler of an accepted event failed as often as allowed; the event waits in the dead letters.',
    severity: 'ERROR',
    attributes: [
      ATTR_NYLAS_APPLICATION,
      ATTR_NYLAS_WEBHOOK_TRIGGER,
      ATTR_CLOUDEVENTS_EVENT_ID,
      ATTR_NYLAS_ACCOUNT_ID,
      ATTR_NYLAS_GRANT_ID,
      ATTR_ERROR_TYPE,
    ],
  },
  'nylas.platform.incident': {
    name: 'nylas.platform.incident',
    description: 'An incident on the Nylas status page began, changed its impact, or ended.',
    severity: 'INFO when it ended or has no impact, else WARN',
    attributes: [ATTR_NYLAS_PLATFORM_IMPACT],
  },
};
