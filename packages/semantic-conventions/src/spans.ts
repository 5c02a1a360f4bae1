import {
  ATTR_CLOUDEVENTS_EVENT_ID,
  ATTR_CLOUDEVENTS_EVENT_SOURCE,
  ATTR_CLOUDEVENTS_EVENT_SPEC_VERSION,
  ATTR_CLOUDEVENTS_EVENT_SUBJECT,
  ATTR_CLOUDEVENTS_EVENT_TYPE,
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_REQUEST_METHOD_ORIGINAL,
  ATTR_HTTP_REQUEST_RESEND_COUNT,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_NETWORK_PEER_ADDRESS,
  ATTR_NETWORK_PEER_PORT,
  ATTR_NETWORK_PROTOCOL_VERSION,
  ATTR_NYLAS_ACCOUNT_ID,
  ATTR_NYLAS_API_VERSION,
  ATTR_NYLAS_CALLER,
  ATTR_NYLAS_FLOW_ID,
  ATTR_NYLAS_GMAIL_QUOTA_USAGE,
  ATTR_NYLAS_GRANT_ID,
  ATTR_NYLAS_OPERATION,
  ATTR_NYLAS_PROVIDER,
  ATTR_NYLAS_PROVIDER_REQUEST_COUNT,
  ATTR_NYLAS_PROXIED,
  ATTR_NYLAS_RATE_LIMIT_SOURCE,
  ATTR_NYLAS_REGION,
  ATTR_NYLAS_REPAIR_STEP,
  ATTR_NYLAS_REQUEST_COUNT,
  ATTR_NYLAS_REQUEST_ID,
  ATTR_NYLAS_RESOURCE,
  ATTR_NYLAS_RETRY_COUNT,
  ATTR_NYLAS_SDK_VERSION,
  ATTR_NYLAS_WEBHOOK_EVENT_COUNT,
  ATTR_NYLAS_WEBHOOK_OUTCOME,
  ATTR_NYLAS_WEBHOOK_TRIGGER,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_FULL,
  ATTR_URL_PATH,
  ATTR_URL_QUERY,
  ATTR_URL_SCHEME,
  ATTR_URL_TEMPLATE,
} from './attribute-names.ts';

/** One kind of span. */
export interface SpanDefinition {
  /** Its name; `{...}` stands for an attribute or a word of low cardinality, never for anything from outside. */
  readonly name: string;
  /** OpenTelemetry span kind. */
  readonly kind: 'internal' | 'client' | 'server' | 'consumer';
  /** Names of all attributes it may carry; see `ATTRIBUTES`. */
  readonly attributes: readonly string[];
  readonly notes: string;
}

/** The spans of the contract. */
export type SpanId =
  | 'operation'
  | 'attempt'
  | 'webhookDelivery'
  | 'webhookEvent'
  | 'accountsPoll'
  | 'repairStep'
  | 'webhooksRecover';

// What is known of a call, whichever of its spans carries it.
const CALL_ATTRIBUTES = [
  ATTR_NYLAS_API_VERSION,
  ATTR_NYLAS_REGION,
  ATTR_NYLAS_RESOURCE,
  ATTR_NYLAS_OPERATION,
  ATTR_NYLAS_PROXIED,
  ATTR_NYLAS_GRANT_ID,
  ATTR_NYLAS_ACCOUNT_ID,
  ATTR_NYLAS_REQUEST_ID,
  ATTR_NYLAS_FLOW_ID,
  ATTR_NYLAS_PROVIDER_REQUEST_COUNT,
  ATTR_NYLAS_GMAIL_QUOTA_USAGE,
  ATTR_NYLAS_RATE_LIMIT_SOURCE,
  ATTR_NYLAS_CALLER,
  ATTR_ERROR_TYPE,
] as const;

/** Every span of the contract. */
export const SPANS: { readonly [Id in SpanId]: SpanDefinition } = {
  operation: {
    name: 'nylas {nylas.resource}.{nylas.operation}',
    kind: 'internal',
    attributes: [
      ...CALL_ATTRIBUTES,
      ATTR_NYLAS_REQUEST_COUNT,
      ATTR_NYLAS_RETRY_COUNT,
      ATTR_NYLAS_SDK_VERSION,
    ],
    notes:
      'One per call your code makes (`nylas messages.list`), over all its attempts, until the body is parsed. ' +
      'Internal and without `http.*`, so that a service graph does not count the call twice. ' +
      'Status ERROR with `error.type` when the call fails; a retry that succeeds leaves no error here.',
  },
  attempt: {
    name: '{http.request.method} {url.template}',
    kind: 'client',
    attributes: [
      ATTR_HTTP_REQUEST_METHOD,
      ATTR_HTTP_REQUEST_METHOD_ORIGINAL,
      ATTR_HTTP_REQUEST_RESEND_COUNT,
      ATTR_HTTP_RESPONSE_STATUS_CODE,
      ATTR_URL_TEMPLATE,
      ATTR_URL_FULL,
      ATTR_URL_PATH,
      ATTR_URL_QUERY,
      ATTR_URL_SCHEME,
      ATTR_SERVER_ADDRESS,
      ATTR_SERVER_PORT,
      ATTR_NETWORK_PEER_ADDRESS,
      ATTR_NETWORK_PEER_PORT,
      ATTR_NETWORK_PROTOCOL_VERSION,
      ...CALL_ATTRIBUTES,
    ],
    notes:
      'One per HTTP request (`GET /v3/grants/{grant_id}/messages`): made by nylas-otel for Nylas hosts, or by ' +
      'another HTTP instrumentation, then enriched and redacted. Follows the stable HTTP client conventions and ends at the response headers.',
  },
  webhookDelivery: {
    name: 'as the HTTP server instrumentation names it',
    kind: 'server',
    attributes: [ATTR_NYLAS_WEBHOOK_OUTCOME, ATTR_NYLAS_WEBHOOK_EVENT_COUNT],
    notes: 'The span of the inbound request, made by your HTTP server instrumentation and enriched.',
  },
  webhookEvent: {
    name: 'process {nylas.webhook.trigger}',
    kind: 'consumer',
    attributes: [
      ATTR_CLOUDEVENTS_EVENT_ID,
      ATTR_CLOUDEVENTS_EVENT_TYPE,
      ATTR_CLOUDEVENTS_EVENT_SOURCE,
      ATTR_CLOUDEVENTS_EVENT_SPEC_VERSION,
      ATTR_CLOUDEVENTS_EVENT_SUBJECT,
      ATTR_NYLAS_WEBHOOK_TRIGGER,
      ATTR_NYLAS_API_VERSION,
      ATTR_NYLAS_PROVIDER,
      ATTR_NYLAS_GRANT_ID,
      ATTR_NYLAS_ACCOUNT_ID,
      ATTR_ERROR_TYPE,
    ],
    notes: "One per event and run of its handler (`process message.created`), linked to the delivery's span.",
  },
  accountsPoll: {
    name: 'nylas accounts.poll',
    kind: 'internal',
    attributes: [ATTR_NYLAS_API_VERSION, ATTR_NYLAS_REQUEST_COUNT, ATTR_ERROR_TYPE],
    notes: 'One per sweep over all accounts; its requests are attempts inside.',
  },
  repairStep: {
    name: 'nylas repair.{nylas.repair.step}',
    kind: 'internal',
    attributes: [
      ATTR_NYLAS_REPAIR_STEP,
      ATTR_NYLAS_GRANT_ID,
      ATTR_NYLAS_ACCOUNT_ID,
      ATTR_NYLAS_PROVIDER,
      ATTR_ERROR_TYPE,
    ],
    notes: 'One per step repair takes on an account.',
  },
  webhooksRecover: {
    name: 'nylas webhooks.recover',
    kind: 'internal',
    attributes: [ATTR_NYLAS_REQUEST_COUNT, ATTR_ERROR_TYPE],
    notes: 'One per run that reads again what missed notifications would have told.',
  },
};
