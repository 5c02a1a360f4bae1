import type * as names from './attribute-names.ts';
import {
  ACCOUNT_SIGNALS,
  ACCOUNT_STATES,
  API_VERSIONS,
  BACKLOG_STATES,
  OUTCOMES,
  PLATFORM_IMPACTS,
  PLATFORM_STATUSES,
  PROVIDERS,
  RATE_LIMIT_SOURCES,
  REGIONS,
  REPAIR_ACTIONS,
  RETRY_DETECTIONS,
  RETRY_REASONS,
  TELEMETRY_COMPONENTS,
  WEBHOOK_EVENT_OUTCOMES,
  WEBHOOK_OUTCOMES,
  WEBHOOK_STATUSES,
} from './attribute-values.ts';
import type { Stability } from './metrics.ts';

/** The name of every attribute of the contract. */
export type AttributeName = (typeof names)[keyof typeof names];

/** Signals an attribute may appear on. */
export type Signal = 'spans' | 'metrics' | 'logs';

/** One attribute of the contract. */
export interface AttributeDefinition {
  readonly type: 'string' | 'int' | 'boolean';
  readonly description: string;
  /** All values it can have, where the list is closed. */
  readonly values?: readonly string[];
  /** What keeps the number of its values small, where the list is open and it labels metrics. */
  readonly bound?: string;
  readonly stability: Stability;
  /** Signals it appears on. */
  readonly on: readonly Signal[];
  /** Whose name it is: OpenTelemetry's semantic conventions, or ours. */
  readonly source: 'opentelemetry' | 'nylas-otel';
}

const STABLE = { stability: 'stable', source: 'opentelemetry' } as const;
const INCUBATING = { stability: 'development', source: 'opentelemetry' } as const;
const OURS = { stability: 'development', source: 'nylas-otel' } as const;

/** Every attribute of the contract, by name. */
export const ATTRIBUTES: { readonly [Name in AttributeName]: AttributeDefinition } = {
  'http.request.method': {
    type: 'string',
    description: 'Request method.',
    bound: 'the methods OpenTelemetry knows, else `_OTHER`',
    on: ['spans', 'metrics', 'logs'],
    ...STABLE,
  },
  'http.request.method_original': {
    type: 'string',
    description: 'The method as it was given; only where it differs from `http.request.method`.',
    on: ['spans'],
    ...STABLE,
  },
  'http.request.resend_count': {
    type: 'int',
    description:
      'Ordinal of a resend (retry or redirect) of the same request: absent on the first attempt, then 1, 2, ...',
    on: ['spans', 'logs'],
    ...STABLE,
  },
  'http.response.status_code': {
    type: 'int',
    description: 'Status code of the response; absent when there was none.',
    bound: 'three-digit codes, folded to their class (429 to 400) near the limit',
    on: ['spans', 'metrics', 'logs'],
    ...STABLE,
  },
  'url.template': {
    type: 'string',
    description: 'Route of the request, ids replaced by names: `/v3/grants/{grant_id}/messages`.',
    bound: 'the documented routes, else `other`',
    on: ['spans', 'metrics', 'logs'],
    ...INCUBATING,
  },
  'url.full': {
    type: 'string',
    description:
      'Scheme, host, template instead of the path, kept query keys; every other query value is `REDACTED`.',
    on: ['spans'],
    ...STABLE,
  },
  'url.path': {
    type: 'string',
    description: 'The template, never the path that was sent.',
    on: ['spans'],
    ...STABLE,
  },
  'url.query': {
    type: 'string',
    description: 'Kept query keys with their values; every other key with the value `REDACTED`.',
    on: ['spans'],
    ...STABLE,
  },
  'url.scheme': { type: 'string', description: '`https` or `http`.', on: ['spans'], ...STABLE },
  'server.address': {
    type: 'string',
    description: 'Host the request went to.',
    bound: 'the hosts of Nylas and configured ones',
    on: ['spans', 'metrics', 'logs'],
    ...STABLE,
  },
  'server.port': { type: 'int', description: 'Port the request went to.', on: ['spans'], ...STABLE },
  'network.peer.address': {
    type: 'string',
    description: 'Address of the connection: of the Nylas edge or a proxy, never of a person.',
    on: ['spans'],
    ...STABLE,
  },
  'network.peer.port': { type: 'int', description: 'Port of the connection.', on: ['spans'], ...STABLE },
  'network.protocol.version': {
    type: 'string',
    description: 'HTTP version of the connection: `1.1`, `2`.',
    on: ['spans'],
    ...STABLE,
  },
  'error.type': {
    type: 'string',
    description:
      'Why it failed: the error type of Nylas without its `api.` prefix (`rate_limit_error`), else the status code, ' +
      "else the error's class or code (`UND_ERR_SOCKET`, `timeout`). Absent on success.",
    bound: 'the error catalogue of `@nylas-otel/nylas-api`, else `_OTHER`',
    on: ['spans', 'metrics', 'logs'],
    ...STABLE,
  },
  'cloudevents.event_id': {
    type: 'string',
    description: 'Notification id: the same in every delivery of one event.',
    on: ['spans', 'logs'],
    ...INCUBATING,
  },
  'cloudevents.event_type': {
    type: 'string',
    description: 'Documented trigger of the event, else `other`.',
    on: ['spans'],
    ...INCUBATING,
  },
  'cloudevents.event_source': {
    type: 'string',
    description: 'Documented source of the event (`/google/emails/realtime`), else `other`.',
    on: ['spans'],
    ...INCUBATING,
  },
  'cloudevents.event_spec_version': {
    type: 'string',
    description: 'CloudEvents version of the envelope: `1.0`.',
    on: ['spans'],
    ...INCUBATING,
  },
  'cloudevents.event_subject': {
    type: 'string',
    description: 'The account the event is about, in the form of `nylas.account.id`.',
    on: ['spans'],
    ...INCUBATING,
  },

  'nylas.application': {
    type: 'string',
    description: 'Configured alias that tells several Nylas applications apart; `default` if none is given.',
    bound: 'one per configured application',
    on: ['metrics', 'logs'],
    ...OURS,
  },
  'nylas.api.version': {
    type: 'string',
    description: 'Version of the Nylas API.',
    values: API_VERSIONS,
    on: ['spans', 'metrics', 'logs'],
    ...OURS,
  },
  'nylas.region': {
    type: 'string',
    description: 'Nylas data region of the host.',
    values: REGIONS,
    on: ['spans', 'logs'],
    ...OURS,
  },
  'nylas.resource': {
    type: 'string',
    description: 'What the call is about: `messages`, `events`, `grants`, ...',
    bound: 'the resources of the route table, else `other`',
    on: ['spans', 'metrics', 'logs'],
    ...OURS,
  },
  'nylas.operation': {
    type: 'string',
    description:
      'What the call does: `list`, `find`, `create`, `update`, `destroy`, `send`, `download`, ...; else `other`.',
    on: ['spans', 'logs'],
    ...OURS,
  },
  'nylas.proxied': {
    type: 'boolean',
    description: "The call reaches the mail provider, so the provider's limits and delays apply.",
    on: ['spans'],
    ...OURS,
  },
  'nylas.outcome': {
    type: 'string',
    description:
      'How it ended. `rate_limited` is a limit of Nylas or of unknown origin, `provider_limited` one of the mail provider.',
    values: OUTCOMES,
    on: ['metrics', 'logs'],
    ...OURS,
  },
  'nylas.caller': {
    type: 'string',
    description: 'Opt-in: inbound route template or job name that caused the call.',
    bound: '100 values, then `other`',
    on: ['spans', 'metrics'],
    ...OURS,
  },
  'nylas.sdk.version': {
    type: 'string',
    description: 'Version of the `nylas` package that made the call.',
    on: ['spans'],
    ...OURS,
  },
  'nylas.request.id': {
    type: 'string',
    description:
      'Request id of Nylas, from the header `x-request-id` or the body: what Nylas support asks for.',
    on: ['spans', 'logs'],
    ...OURS,
  },
  'nylas.flow.id': {
    type: 'string',
    description: 'Flow id of Nylas, from the header `x-fastly-id`.',
    on: ['spans', 'logs'],
    ...OURS,
  },
  'nylas.request.count': {
    type: 'int',
    description: 'HTTP requests an operation made.',
    on: ['spans', 'logs'],
    ...OURS,
  },
  'nylas.retry.count': {
    type: 'int',
    description: 'Requests of an operation that were retries.',
    on: ['spans'],
    ...OURS,
  },
  'nylas.retry.reason': {
    type: 'string',
    description: 'Failure that led to a retry.',
    values: RETRY_REASONS,
    on: ['metrics'],
    ...OURS,
  },
  'nylas.retry.detection': {
    type: 'string',
    description:
      'How the retry was recognised: announced by who retries, or inferred from a repeated request.',
    values: RETRY_DETECTIONS,
    on: ['metrics'],
    ...OURS,
  },
  'nylas.rate_limit.source': {
    type: 'string',
    description: 'Whose limit it is.',
    values: RATE_LIMIT_SOURCES,
    on: ['spans', 'metrics', 'logs'],
    ...OURS,
  },
  'nylas.provider': {
    type: 'string',
    description: 'Mail or calendar provider of an account.',
    values: PROVIDERS,
    on: ['spans', 'metrics', 'logs'],
    ...OURS,
  },
  'nylas.provider.request_count': {
    type: 'int',
    description:
      'Calls to the mail provider one request caused, from the header `Nylas-Provider-Request-Count`.',
    on: ['spans'],
    ...OURS,
  },
  'nylas.gmail.quota_usage': {
    type: 'int',
    description: 'Gmail quota units one request used, from the header `Nylas-Gmail-Quota-Usage`.',
    on: ['spans'],
    ...OURS,
  },
  'nylas.error.message': {
    type: 'string',
    description:
      'Opt-in (`captureErrorMessage`): error text of Nylas, stripped of addresses and tokens, at most 512 characters.',
    on: ['logs'],
    ...OURS,
  },
  'nylas.grant.id': {
    type: 'string',
    description: 'v3 grant: its id when that is opaque, a keyed hash when it is an address.',
    on: ['spans', 'logs'],
    ...OURS,
  },
  'nylas.account.id': {
    type: 'string',
    description: 'Account, v2 or v3: its id when that is opaque, a keyed hash when it is an address.',
    bound: 'opt-in; at most 500 accounts',
    on: ['spans', 'metrics', 'logs'],
    ...OURS,
  },
  'nylas.account.state': {
    type: 'string',
    description: 'Sync state of an account; v3 `valid` is `running`.',
    values: ACCOUNT_STATES,
    on: ['metrics', 'logs'],
    ...OURS,
  },
  'nylas.account.state.from': {
    type: 'string',
    description: 'Sync state before a transition.',
    values: ACCOUNT_STATES,
    on: ['metrics', 'logs'],
    ...OURS,
  },
  'nylas.account.raw_state': {
    type: 'string',
    description:
      'The state in the words of Nylas (`invalid-credentials`), where they are documented ones, else `other`.',
    on: ['logs'],
    ...OURS,
  },
  'nylas.account.signal': {
    type: 'string',
    description: 'What told us of a transition.',
    values: ACCOUNT_SIGNALS,
    on: ['metrics', 'logs'],
    ...OURS,
  },
  'nylas.repair.action': {
    type: 'string',
    description: 'What repair did.',
    values: REPAIR_ACTIONS,
    on: ['metrics', 'logs'],
    ...OURS,
  },
  'nylas.repair.step': {
    type: 'string',
    description: 'Step of the repair state machine an account is at.',
    bound: 'the steps of the state machine',
    on: ['spans', 'metrics', 'logs'],
    ...OURS,
  },
  'nylas.webhook.outcome': {
    type: 'string',
    description: 'What became of a webhook delivery.',
    values: WEBHOOK_OUTCOMES,
    on: ['spans', 'metrics', 'logs'],
    ...OURS,
  },
  'nylas.webhook.trigger': {
    type: 'string',
    description: 'Documented trigger of an event (`message.created`), without suffixes such as `.truncated`.',
    bound: 'the documented triggers, else `other`',
    on: ['spans', 'metrics', 'logs'],
    ...OURS,
  },
  'nylas.webhook.event.outcome': {
    type: 'string',
    description: 'What became of one event of a delivery.',
    values: WEBHOOK_EVENT_OUTCOMES,
    on: ['metrics'],
    ...OURS,
  },
  'nylas.webhook.event.count': {
    type: 'int',
    description: 'Events in one delivery (v2 sends several).',
    on: ['spans'],
    ...OURS,
  },
  'nylas.webhook.backlog.state': {
    type: 'string',
    description: 'Where accepted events wait.',
    values: BACKLOG_STATES,
    on: ['metrics'],
    ...OURS,
  },
  'nylas.webhook.destination': {
    type: 'string',
    description:
      'Alias of a webhook destination as configured, else its ordinal by age; never its id or URL.',
    bound: 'one per destination, at most 50, then `other`',
    on: ['metrics'],
    ...OURS,
  },
  'nylas.webhook.status': {
    type: 'string',
    description: 'Status of a webhook destination; what some pages of Nylas call `inactive` is `pause`.',
    values: WEBHOOK_STATUSES,
    on: ['metrics'],
    ...OURS,
  },
  'nylas.platform.component': {
    type: 'string',
    description: 'Component of the Nylas status page.',
    bound: 'at most 50, then `other`',
    on: ['metrics'],
    ...OURS,
  },
  'nylas.platform.status': {
    type: 'string',
    description: 'Status of a component; `unknown` while the status page cannot be read.',
    values: PLATFORM_STATUSES,
    on: ['metrics'],
    ...OURS,
  },
  'nylas.platform.impact': {
    type: 'string',
    description: 'Impact of an incident on the Nylas status page.',
    values: PLATFORM_IMPACTS,
    on: ['metrics', 'logs'],
    ...OURS,
  },
  'nylas.telemetry.component': {
    type: 'string',
    description: 'Part of nylas-otel that failed.',
    values: TELEMETRY_COMPONENTS,
    on: ['metrics'],
    ...OURS,
  },
};
