/** Versions of the Nylas API. */
export const API_VERSIONS = ['v2', 'v3'] as const;
/** One of {@link API_VERSIONS}. */
export type ApiVersion = (typeof API_VERSIONS)[number];

/** Nylas data regions. */
export const REGIONS = ['us', 'eu', 'ca', 'other'] as const;
/** One of {@link REGIONS}. */
export type Region = (typeof REGIONS)[number];

/** How a call, a poll, a repair step or the handling of an event ended. */
export const OUTCOMES = [
  'success',
  'client_error',
  'invalid_credentials',
  'rate_limited',
  'provider_limited',
  'server_error',
  'provider_error',
  'timeout',
  'network_error',
  'cancelled',
] as const;
/** One of {@link OUTCOMES}. */
export type Outcome = (typeof OUTCOMES)[number];

/**
 * Outcomes that count against a service level objective. The others are the caller's own doing (`client_error`,
 * `cancelled`), one account's (`invalid_credentials`) or its mail provider's limit (`provider_limited`).
 */
export const SLO_BAD_OUTCOMES = [
  'server_error',
  'provider_error',
  'timeout',
  'network_error',
  'rate_limited',
] as const;
/** One of {@link SLO_BAD_OUTCOMES}. */
export type SloBadOutcome = (typeof SLO_BAD_OUTCOMES)[number];

/** Who limited a request that was answered with 429. */
export const RATE_LIMIT_SOURCES = ['nylas', 'provider', 'unknown'] as const;
/** One of {@link RATE_LIMIT_SOURCES}. */
export type RateLimitSource = (typeof RATE_LIMIT_SOURCES)[number];

/** Why a request was sent again. */
export const RETRY_REASONS = [
  'rate_limited',
  'server_error',
  'provider_error',
  'timeout',
  'network_error',
] as const;
/** One of {@link RETRY_REASONS}. */
export type RetryReason = (typeof RETRY_REASONS)[number];

/** How a retry was recognised: announced by who retries, or seen as a repetition of what just failed. */
export const RETRY_DETECTIONS = ['explicit', 'inferred'] as const;
/** One of {@link RETRY_DETECTIONS}. */
export type RetryDetection = (typeof RETRY_DETECTIONS)[number];

/** Sync state of a v2 account or v3 grant. */
export const ACCOUNT_STATES = [
  'running',
  'partial',
  'stopped',
  'invalid',
  'sync_error',
  'initializing',
  'exception',
  'deleted',
  'unknown',
] as const;
/** One of {@link ACCOUNT_STATES}. */
export type AccountState = (typeof ACCOUNT_STATES)[number];

/** Mail and calendar providers. */
export const PROVIDERS = [
  'google',
  'microsoft',
  'imap',
  'ews',
  'icloud',
  'yahoo',
  'exchange',
  'zoom',
  'virtual-calendar',
  'nylas',
  'other',
  'unknown',
] as const;
/** One of {@link PROVIDERS}. */
export type Provider = (typeof PROVIDERS)[number];

/** What reported an account's new state. */
export const ACCOUNT_SIGNALS = ['webhook', 'poll', 'request'] as const;
/** One of {@link ACCOUNT_SIGNALS}. */
export type AccountSignal = (typeof ACCOUNT_SIGNALS)[number];

/** What repair does to an account. */
export const REPAIR_ACTIONS = ['restart', 'reauth_request', 'revoke', 'check', 'escalate'] as const;
/** One of {@link REPAIR_ACTIONS}. */
export type RepairAction = (typeof REPAIR_ACTIONS)[number];

/** What became of a webhook delivery (one HTTP request of Nylas to the receiver). */
export const WEBHOOK_OUTCOMES = [
  'stored',
  'duplicate',
  'challenge',
  'invalid_signature',
  'unreadable',
  'too_large',
  'overloaded',
  'failed',
] as const;
/** One of {@link WEBHOOK_OUTCOMES}. */
export type WebhookOutcome = (typeof WEBHOOK_OUTCOMES)[number];

/** What became of one event of a delivery. */
export const WEBHOOK_EVENT_OUTCOMES = ['accepted', 'duplicate', 'processed', 'failed', 'dead'] as const;
/** One of {@link WEBHOOK_EVENT_OUTCOMES}. */
export type WebhookEventOutcome = (typeof WEBHOOK_EVENT_OUTCOMES)[number];

/** Where an accepted event waits. */
export const BACKLOG_STATES = ['queued', 'active', 'dead'] as const;
/** One of {@link BACKLOG_STATES}. */
export type BacklogState = (typeof BACKLOG_STATES)[number];

/** Status of a webhook destination at Nylas. */
export const WEBHOOK_STATUSES = ['active', 'failing', 'failed', 'pause'] as const;
/** One of {@link WEBHOOK_STATUSES}. */
export type WebhookStatus = (typeof WEBHOOK_STATUSES)[number];

/** Component states of a Statuspage; `unknown` while the page cannot be read. */
export const PLATFORM_STATUSES = [
  'operational',
  'degraded_performance',
  'partial_outage',
  'major_outage',
  'under_maintenance',
  'unknown',
] as const;
/** One of {@link PLATFORM_STATUSES}. */
export type PlatformStatus = (typeof PLATFORM_STATUSES)[number];

/** Incident impacts of a Statuspage; `unknown` for a word it does not document. */
export const PLATFORM_IMPACTS = ['none', 'minor', 'major', 'critical', 'maintenance', 'unknown'] as const;
/** One of {@link PLATFORM_IMPACTS}. */
export type PlatformImpact = (typeof PLATFORM_IMPACTS)[number];

/** Parts of nylas-otel whose dropped failures are counted apart. */
export const TELEMETRY_COMPONENTS = [
  'transport',
  'patch',
  'span',
  'metric',
  'log',
  'hook',
  'subscriber',
  'accounts',
  'webhooks',
  'retry',
  'endpoint',
  'store',
  'repair',
] as const;
/** One of {@link TELEMETRY_COMPONENTS}. */
export type TelemetryComponent = (typeof TELEMETRY_COMPONENTS)[number];
