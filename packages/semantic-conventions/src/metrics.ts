import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_NYLAS_ACCOUNT_ID,
  ATTR_NYLAS_ACCOUNT_SIGNAL,
  ATTR_NYLAS_ACCOUNT_STATE,
  ATTR_NYLAS_ACCOUNT_STATE_FROM,
  ATTR_NYLAS_API_VERSION,
  ATTR_NYLAS_APPLICATION,
  ATTR_NYLAS_CALLER,
  ATTR_NYLAS_OUTCOME,
  ATTR_NYLAS_PLATFORM_COMPONENT,
  ATTR_NYLAS_PLATFORM_IMPACT,
  ATTR_NYLAS_PLATFORM_STATUS,
  ATTR_NYLAS_PROVIDER,
  ATTR_NYLAS_RATE_LIMIT_SOURCE,
  ATTR_NYLAS_REPAIR_ACTION,
  ATTR_NYLAS_REPAIR_STEP,
  ATTR_NYLAS_RESOURCE,
  ATTR_NYLAS_RETRY_DETECTION,
  ATTR_NYLAS_RETRY_REASON,
  ATTR_NYLAS_TELEMETRY_COMPONENT,
  ATTR_NYLAS_WEBHOOK_BACKLOG_STATE,
  ATTR_NYLAS_WEBHOOK_DESTINATION,
  ATTR_NYLAS_WEBHOOK_EVENT_OUTCOME,
  ATTR_NYLAS_WEBHOOK_OUTCOME,
  ATTR_NYLAS_WEBHOOK_STATUS,
  ATTR_NYLAS_WEBHOOK_TRIGGER,
  ATTR_SERVER_ADDRESS,
  ATTR_URL_TEMPLATE,
} from './attribute-names.ts';
import type * as names from './metric-names.ts';

/** OpenTelemetry instrument kinds. */
export type MetricKind = 'counter' | 'updowncounter' | 'gauge' | 'histogram';

/** Before 1.0 everything of ours is `development`: names may still change, in a minor version, with a note. */
export type Stability = 'development' | 'stable';

/** The name of every metric of the contract. */
export type MetricName = (typeof names)[keyof typeof names];

/** One instrument of the contract. */
export interface MetricDefinition {
  /** OpenTelemetry name. */
  readonly name: MetricName;
  readonly kind: MetricKind;
  /** UCUM unit: `s`, `1`, `{request}`. */
  readonly unit: string;
  /** One sentence, the HELP line of the metric. */
  readonly description: string;
  /** Names of all attributes it may carry; see `ATTRIBUTES`. */
  readonly attributes: readonly string[];
  /** Histogram bucket bounds in the metric's unit, ascending; histograms always have them. */
  readonly buckets?: readonly number[];
  /** `process`: each instance counts its own. `shared`: the same on every replica, so never summed over instances. */
  readonly sharing: 'process' | 'shared';
  /** How a query puts the instances of a service together. */
  readonly acrossInstances: 'sum' | 'max' | 'min';
  readonly stability: Stability;
  /** True when it is emitted only where an option asks for it. */
  readonly optIn?: boolean;
  /**
   * Attributes whose closed value lists are multiplied into the series that exist at 0 from the start, because an alert
   * stands on them: `increase()` does not see a series that appears at 1. `[]` is the one series without attributes.
   */
  readonly bornAtZero?: readonly string[];
}

// From a fast cached answer to the 90 s at which the Nylas SDK gives up; most of it is the mail provider's time.
const REQUEST_BUCKETS = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 90];
// From a first jittered wait to a Retry-After of minutes (Gmail and Exchange throttling).
const RETRY_DELAY_BUCKETS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900];
// From one page of grants to a paced sweep of 100,000 (500 pages of 200).
const POLL_BUCKETS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800];
// From a flap of a minute over the 72 h in which Nylas v3 keeps notifications to the 14 days of v2 deltas.
const RECOVERY_BUCKETS = [
  60, 300, 900, 1800, 3600, 10800, 21600, 43200, 86400, 172800, 259200, 604800, 1209600,
];
// Nylas waits 10 s for the answer to a delivery; our receiver gives up at 8 s.
const DELIVERY_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 8, 10];
// Event times are whole seconds; the last attempt is 10 to 20 minutes after the first, a replay up to 72 h.
const LAG_BUCKETS = [1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1200, 3600, 21600, 86400, 259200];
// From an update in memory to a handler that calls Nylas several times.
const PROCESSING_BUCKETS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** Every instrument of the contract, by OpenTelemetry name. */
export const METRICS: { readonly [Name in MetricName]: MetricDefinition & { readonly name: Name } } = {
  'nylas.client.requests': {
    name: 'nylas.client.requests',
    kind: 'counter',
    unit: '{request}',
    description: 'HTTP requests sent to Nylas, one per attempt, failed ones included.',
    attributes: [
      ATTR_HTTP_REQUEST_METHOD,
      ATTR_URL_TEMPLATE,
      ATTR_HTTP_RESPONSE_STATUS_CODE,
      ATTR_ERROR_TYPE,
      ATTR_NYLAS_API_VERSION,
      ATTR_SERVER_ADDRESS,
    ],
    sharing: 'process',
    acrossInstances: 'sum',
    stability: 'development',
  },
  'nylas.client.request.duration': {
    name: 'nylas.client.request.duration',
    kind: 'histogram',
    unit: 's',
    description: 'Time from sending a request to Nylas to its response headers or its failure.',
    attributes: [ATTR_HTTP_REQUEST_METHOD, ATTR_URL_TEMPLATE, ATTR_NYLAS_OUTCOME, ATTR_NYLAS_API_VERSION],
    buckets: REQUEST_BUCKETS,
    sharing: 'process',
    acrossInstances: 'sum',
    stability: 'development',
  },
  'nylas.client.caller.requests': {
    name: 'nylas.client.caller.requests',
    kind: 'counter',
    unit: '{request}',
    description: 'HTTP requests sent to Nylas by the inbound route or job that caused them.',
    attributes: [ATTR_NYLAS_CALLER, ATTR_NYLAS_OUTCOME],
    sharing: 'process',
    acrossInstances: 'sum',
    stability: 'development',
    optIn: true,
  },
  'nylas.client.requests.active': {
    name: 'nylas.client.requests.active',
    kind: 'updowncounter',
    unit: '{request}',
    description: 'Requests to Nylas that wait for their response headers.',
    attributes: [ATTR_NYLAS_API_VERSION, ATTR_SERVER_ADDRESS],
    sharing: 'process',
    acrossInstances: 'sum',
    stability: 'development',
  },
  'nylas.client.rate_limits': {
    name: 'nylas.client.rate_limits',
    kind: 'counter',
    unit: '{response}',
    description: 'Responses that say a rate limit was reached, by who set the limit.',
    attributes: [ATTR_URL_TEMPLATE, ATTR_NYLAS_RATE_LIMIT_SOURCE, ATTR_NYLAS_API_VERSION],
    sharing: 'process',
    acrossInstances: 'sum',
    stability: 'development',
    bornAtZero: [ATTR_NYLAS_RATE_LIMIT_SOURCE, ATTR_NYLAS_API_VERSION],
  },
  'nylas.client.retries': {
    name: 'nylas.client.retries',
    kind: 'counter',
    unit: '{retry}',
    description: 'Requests to Nylas that were sent again after a failure.',
    attributes: [
      ATTR_HTTP_REQUEST_METHOD,
      ATTR_URL_TEMPLATE,
      ATTR_NYLAS_RETRY_REASON,
      ATTR_NYLAS_RETRY_DETECTION,
    ],
    sharing: 'process',
    acrossInstances: 'sum',
    stability: 'development',
    bornAtZero: [ATTR_NYLAS_RETRY_REASON, ATTR_NYLAS_RETRY_DETECTION],
  },
  'nylas.client.retry.delay': {
    name: 'nylas.client.retry.delay',
    kind: 'histogram',
    unit: 's',
    description: 'Wait before a request was sent again: backoff or Retry-After.',
    attributes: [ATTR_NYLAS_RETRY_REASON],
    buckets: RETRY_DELAY_BUCKETS,
    sharing: 'process',
    acrossInstances: 'sum',
    stability: 'development',
  },
  'nylas.client.retries.exhausted': {
    name: 'nylas.client.retries.exhausted',
    kind: 'counter',
    unit: '{operation}',
    description: 'Operations that failed although they were retried as often as allowed.',
    attributes: [ATTR_URL_TEMPLATE, ATTR_NYLAS_RETRY_REASON],
    sharing: 'process',
    acrossInstances: 'sum',
    stability: 'development',
    bornAtZero: [ATTR_NYLAS_RETRY_REASON],
  },
  'nylas.client.retry.budget': {
    name: 'nylas.client.retry.budget',
    kind: 'gauge',
    unit: '1',
    description: 'Share of the retry budget that is left; at 0 nothing is retried.',
    attributes: [],
    sharing: 'process',
    acrossInstances: 'min',
    stability: 'development',
  },
  'nylas.client.gates.closed': {
    name: 'nylas.client.gates.closed',
    kind: 'gauge',
    unit: '{gate}',
    description: 'Grants whose requests are held back at the moment because a rate limit was reached.',
    attributes: [ATTR_NYLAS_RATE_LIMIT_SOURCE],
    sharing: 'process',
    acrossInstances: 'sum',
    stability: 'development',
  },
  'nylas.client.provider.requests': {
    name: 'nylas.client.provider.requests',
    kind: 'counter',
    unit: '{request}',
    description: 'Calls Nylas made to the mail provider on our behalf, as its response headers say.',
    attributes: [ATTR_URL_TEMPLATE],
    sharing: 'process',
    acrossInstances: 'sum',
    stability: 'development',
  },
  'nylas.client.gmail.quota': {
    name: 'nylas.client.gmail.quota',
    kind: 'counter',
    unit: '{unit}',
    description: 'Gmail quota units used, as the response headers of Nylas say.',
    attributes: [ATTR_URL_TEMPLATE],
    sharing: 'process',
    acrossInstances: 'sum',
    stability: 'development',
  },
  'nylas.accounts': {
    name: 'nylas.accounts',
    kind: 'gauge',
    unit: '{account}',
    description: 'Connected accounts by sync state; every state of a provider is present, at 0 too.',
    attributes: [
      ATTR_NYLAS_APPLICATION,
      ATTR_NYLAS_ACCOUNT_STATE,
      ATTR_NYLAS_PROVIDER,
      ATTR_NYLAS_API_VERSION,
    ],
    sharing: 'shared',
    acrossInstances: 'max',
    stability: 'development',
  },
  'nylas.account.transitions': {
    name: 'nylas.account.transitions',
    kind: 'counter',
    unit: '{transition}',
    description: 'Changes of sync state, by old and new state and by what told us.',
    attributes: [ATTR_NYLAS_ACCOUNT_STATE_FROM, ATTR_NYLAS_ACCOUNT_STATE, ATTR_NYLAS_ACCOUNT_SIGNAL],
    sharing: 'process',
    acrossInstances: 'sum',
    stability: 'development',
  },
  'nylas.account.unhealthy.age': {
    name: 'nylas.account.unhealthy.age',
    kind: 'gauge',
    unit: 's',
    description: 'Time since the account longest in this unhealthy state entered it; 0 when there is none.',
    attributes: [ATTR_NYLAS_APPLICATION, ATTR_NYLAS_ACCOUNT_STATE, ATTR_NYLAS_PROVIDER],
    sharing: 'shared',
    acrossInstances: 'max',
    stability: 'development',
  },
  'nylas.account.recovery.duration': {
    name: 'nylas.account.recovery.duration',
    kind: 'histogram',
    unit: 's',
    description:
      'Time an account took from leaving the running state to returning to it, by the state it left.',
    attributes: [ATTR_NYLAS_ACCOUNT_STATE, ATTR_NYLAS_PROVIDER],
    buckets: RECOVERY_BUCKETS,
    sharing: 'process',
    acrossInstances: 'sum',
    stability: 'development',
  },
  'nylas.account.polls': {
    name: 'nylas.account.polls',
    kind: 'counter',
    unit: '{poll}',
    description: 'Sweeps over all accounts, by how they ended.',
    attributes: [ATTR_NYLAS_OUTCOME],
    sharing: 'process',
    acrossInstances: 'sum',
    stability: 'development',
    bornAtZero: [ATTR_NYLAS_OUTCOME],
  },
  'nylas.account.poll.duration': {
    name: 'nylas.account.poll.duration',
    kind: 'histogram',
    unit: 's',
    description: 'Time one sweep over all accounts took, pauses between pages included.',
    attributes: [ATTR_NYLAS_OUTCOME],
    buckets: POLL_BUCKETS,
    sharing: 'process',
    acrossInstances: 'sum',
    stability: 'development',
  },
  'nylas.account.poll.last_success.time': {
    name: 'nylas.account.poll.last_success.time',
    kind: 'gauge',
    unit: 's',
    description: 'Unix time at which the last complete sweep over all accounts ended.',
    attributes: [ATTR_NYLAS_APPLICATION],
    sharing: 'shared',
    acrossInstances: 'max',
    stability: 'development',
  },
  'nylas.account.status': {
    name: 'nylas.account.status',
    kind: 'gauge',
    unit: '{account}',
    description: '1 for the sync state a listed account is in, 0 for the others.',
    attributes: [
      ATTR_NYLAS_APPLICATION,
      ATTR_NYLAS_ACCOUNT_ID,
      ATTR_NYLAS_ACCOUNT_STATE,
      ATTR_NYLAS_PROVIDER,
    ],
    sharing: 'shared',
    acrossInstances: 'max',
    stability: 'development',
    optIn: true,
  },
  'nylas.account.series.dropped': {
    name: 'nylas.account.series.dropped',
    kind: 'gauge',
    unit: '{account}',
    description: 'Accounts that should have series of their own but are left out because the cap is reached.',
    attributes: [ATTR_NYLAS_APPLICATION],
    sharing: 'shared',
    acrossInstances: 'max',
    stability: 'development',
    optIn: true,
  },
  'nylas.repair.actions': {
    name: 'nylas.repair.actions',
    kind: 'counter',
    unit: '{action}',
    description: 'Repair actions taken on accounts, by how they ended.',
    attributes: [ATTR_NYLAS_REPAIR_ACTION, ATTR_NYLAS_OUTCOME],
    sharing: 'process',
    acrossInstances: 'sum',
    stability: 'development',
    bornAtZero: [ATTR_NYLAS_REPAIR_ACTION, ATTR_NYLAS_OUTCOME],
  },
  'nylas.repair.pending': {
    name: 'nylas.repair.pending',
    kind: 'gauge',
    unit: '{account}',
    description: 'Accounts under repair, by the step they wait at.',
    attributes: [ATTR_NYLAS_APPLICATION, ATTR_NYLAS_REPAIR_STEP],
    sharing: 'shared',
    acrossInstances: 'max',
    stability: 'development',
  },
  'nylas.webhook.deliveries': {
    name: 'nylas.webhook.deliveries',
    kind: 'counter',
    unit: '{delivery}',
    description: 'Webhook deliveries received, by our answer.',
    attributes: [ATTR_HTTP_RESPONSE_STATUS_CODE, ATTR_NYLAS_WEBHOOK_OUTCOME],
    sharing: 'process',
    acrossInstances: 'sum',
    stability: 'development',
    bornAtZero: [ATTR_NYLAS_WEBHOOK_OUTCOME],
  },
  'nylas.webhook.delivery.duration': {
    name: 'nylas.webhook.delivery.duration',
    kind: 'histogram',
    unit: 's',
    description: 'Time from the first byte of a webhook delivery to our answer.',
    attributes: [ATTR_NYLAS_WEBHOOK_OUTCOME],
    buckets: DELIVERY_BUCKETS,
    sharing: 'process',
    acrossInstances: 'sum',
    stability: 'development',
  },
  'nylas.webhook.events': {
    name: 'nylas.webhook.events',
    kind: 'counter',
    unit: '{event}',
    description: 'Webhook events, counted when accepted and again when handled, failed or given up.',
    attributes: [ATTR_NYLAS_WEBHOOK_TRIGGER, ATTR_NYLAS_WEBHOOK_EVENT_OUTCOME],
    sharing: 'process',
    acrossInstances: 'sum',
    stability: 'development',
    bornAtZero: [ATTR_NYLAS_WEBHOOK_EVENT_OUTCOME],
  },
  'nylas.webhook.redeliveries': {
    name: 'nylas.webhook.redeliveries',
    kind: 'counter',
    unit: '{delivery}',
    description: 'Events first seen at a later delivery attempt, so an earlier one never reached the store.',
    attributes: [ATTR_NYLAS_WEBHOOK_TRIGGER],
    sharing: 'process',
    acrossInstances: 'sum',
    stability: 'development',
  },
  'nylas.webhook.event.lag': {
    name: 'nylas.webhook.event.lag',
    kind: 'histogram',
    unit: 's',
    description: 'Time from an event at Nylas to its acceptance by us.',
    attributes: [ATTR_NYLAS_WEBHOOK_TRIGGER],
    buckets: LAG_BUCKETS,
    sharing: 'process',
    acrossInstances: 'sum',
    stability: 'development',
  },
  'nylas.webhook.event.processing.duration': {
    name: 'nylas.webhook.event.processing.duration',
    kind: 'histogram',
    unit: 's',
    description: 'Time one run of the handler of an accepted event took.',
    attributes: [ATTR_NYLAS_WEBHOOK_TRIGGER, ATTR_NYLAS_OUTCOME],
    buckets: PROCESSING_BUCKETS,
    sharing: 'process',
    acrossInstances: 'sum',
    stability: 'development',
  },
  'nylas.webhook.backlog': {
    name: 'nylas.webhook.backlog',
    kind: 'gauge',
    unit: '{event}',
    description: 'Accepted events that are queued, being handled, or given up.',
    attributes: [ATTR_NYLAS_APPLICATION, ATTR_NYLAS_WEBHOOK_BACKLOG_STATE],
    sharing: 'shared',
    acrossInstances: 'max',
    stability: 'development',
  },
  'nylas.webhook.last_delivery.time': {
    name: 'nylas.webhook.last_delivery.time',
    kind: 'gauge',
    unit: 's',
    description: 'Unix time of the last webhook delivery with a valid signature.',
    attributes: [],
    sharing: 'process',
    acrossInstances: 'max',
    stability: 'development',
  },
  'nylas.webhook.downtime': {
    name: 'nylas.webhook.downtime',
    kind: 'counter',
    unit: 's',
    description: 'Time in which our receiver was not able to accept webhook deliveries.',
    attributes: [],
    sharing: 'process',
    acrossInstances: 'sum',
    stability: 'development',
    bornAtZero: [],
  },
  'nylas.webhook.recovered': {
    name: 'nylas.webhook.recovered',
    kind: 'counter',
    unit: '{object}',
    description: 'Objects whose missed notifications were made up for by reading them again.',
    attributes: [ATTR_NYLAS_RESOURCE],
    sharing: 'process',
    acrossInstances: 'sum',
    stability: 'development',
  },
  'nylas.webhook.unrecoverable': {
    name: 'nylas.webhook.unrecoverable',
    kind: 'counter',
    unit: '{object}',
    description: 'Objects whose missed notifications cannot be made up for.',
    attributes: [ATTR_NYLAS_RESOURCE],
    sharing: 'process',
    acrossInstances: 'sum',
    stability: 'development',
  },
  'nylas.webhook.destination.status': {
    name: 'nylas.webhook.destination.status',
    kind: 'gauge',
    unit: '{destination}',
    description: '1 for the status Nylas gives a webhook destination, 0 for the others.',
    attributes: [ATTR_NYLAS_APPLICATION, ATTR_NYLAS_WEBHOOK_DESTINATION, ATTR_NYLAS_WEBHOOK_STATUS],
    sharing: 'shared',
    acrossInstances: 'max',
    stability: 'development',
  },
  'nylas.platform.component.status': {
    name: 'nylas.platform.component.status',
    kind: 'gauge',
    unit: '{component}',
    description: '1 for the status the Nylas status page gives a component, 0 for the others.',
    attributes: [ATTR_NYLAS_APPLICATION, ATTR_NYLAS_PLATFORM_COMPONENT, ATTR_NYLAS_PLATFORM_STATUS],
    sharing: 'shared',
    acrossInstances: 'max',
    stability: 'development',
  },
  'nylas.platform.incidents': {
    name: 'nylas.platform.incidents',
    kind: 'gauge',
    unit: '{incident}',
    description: 'Unresolved incidents on the Nylas status page, by impact.',
    attributes: [ATTR_NYLAS_APPLICATION, ATTR_NYLAS_PLATFORM_IMPACT],
    sharing: 'shared',
    acrossInstances: 'max',
    stability: 'development',
  },
  'nylas.telemetry.errors': {
    name: 'nylas.telemetry.errors',
    kind: 'counter',
    unit: '{error}',
    description: 'Failures inside hooks of nylas-otel; they were dropped and did not reach the service.',
    attributes: [ATTR_NYLAS_TELEMETRY_COMPONENT],
    sharing: 'process',
    acrossInstances: 'sum',
    stability: 'development',
    bornAtZero: [ATTR_NYLAS_TELEMETRY_COMPONENT],
  },
};
