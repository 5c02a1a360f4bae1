// Interface first: the bodies here are placeholders that are being replaced file by file.
export type ApiVersion = 'v2' | 'v3';
export type Region = 'us' | 'eu' | 'ca' | 'other';
export interface NylasHost {
  readonly host: string;
  readonly version: ApiVersion;
  readonly region: Region;
}
export const NYLAS_HOSTS: readonly NylasHost[] = [];
export function findHost(_host: string): NylasHost | undefined {
  return undefined;
}

/**
 * The documented rate limit a route falls under. v3: `admin` 50/s per application, `data` 200/s per grant, `send`
 * 200/s per grant (10/s when multipart), `other` no documented limit. v2: `v2_application` 500/s per application and
 * endpoint, `v2_account` 50/s per access token and endpoint, `v2_concurrent` the same and 5 at a time,
 * `v2_delta_longpoll` and `v2_delta_streaming` 10 at a time, `v2_ip_addresses` 10 per hour and application.
 */
export type EndpointClass =
  | 'admin'
  | 'data'
  | 'send'
  | 'other'
  | 'v2_application'
  | 'v2_account'
  | 'v2_concurrent'
  | 'v2_delta_longpoll'
  | 'v2_delta_streaming'
  | 'v2_ip_addresses';

export interface Route {
  readonly version: ApiVersion;
  readonly method: string;
  readonly template: string;
  readonly resource: string;
  readonly operation: string;
  readonly proxied: boolean;
  readonly endpointClass: EndpointClass;
  readonly accountSegment: number;
  readonly known: boolean;
}
export const ROUTES: readonly Route[] = [];
export function matchRoute(version: ApiVersion, method: string, _path: string): Route {
  return {
    version,
    method,
    template: 'other',
    resource: 'other',
    operation: 'other',
    proxied: false,
    endpointClass: 'other',
    accountSegment: -1,
    known: false,
  };
}
export function accountFromPath(_route: Route, _path: string): string | undefined {
  return undefined;
}

export type Outcome =
  | 'success'
  | 'client_error'
  | 'invalid_credentials'
  | 'rate_limited'
  | 'provider_limited'
  | 'server_error'
  | 'provider_error'
  | 'timeout'
  | 'network_error'
  | 'cancelled';
export type RateLimitSource = 'nylas' | 'provider' | 'unknown';
export type RetryReason = 'rate_limited' | 'server_error' | 'provider_error' | 'timeout' | 'network_error';
/** What an answer says of the account it was asked for; to be confirmed by a re-read. */
export type AccountSignal = 'invalid_credentials' | 'stopped' | 'cancelled' | 'deleted';

export interface ResponseFacts {
  readonly version: ApiVersion;
  readonly status: number;
  readonly route?: Route | undefined;
  header?(name: string): string | undefined;
  readonly body?: unknown;
}
export interface ResponseClass {
  readonly outcome: Outcome;
  readonly errorType: string | undefined;
  readonly rateLimitSource: RateLimitSource | undefined;
  readonly retryable: boolean;
  readonly retryReason: RetryReason | undefined;
  readonly providerCaused: boolean;
  readonly retryAfterSeconds: number | undefined;
  readonly requestId: string | undefined;
  readonly idempotentReplay: boolean;
  readonly accountSignal: AccountSignal | undefined;
}
export function classifyResponse(_facts: ResponseFacts, _now?: number): ResponseClass {
  return {
    outcome: 'success',
    errorType: undefined,
    rateLimitSource: undefined,
    retryable: false,
    retryReason: undefined,
    providerCaused: false,
    retryAfterSeconds: undefined,
    requestId: undefined,
    idempotentReplay: false,
    accountSignal: undefined,
  };
}
export interface FailureClass {
  readonly outcome: 'timeout' | 'network_error' | 'cancelled';
  readonly errorType: string | undefined;
  readonly retryable: boolean;
  readonly retryReason: RetryReason | undefined;
}
export function classifyFailure(_error: unknown): FailureClass {
  return { outcome: 'network_error', errorType: '_OTHER', retryable: false, retryReason: undefined };
}
export interface SdkErrorFacts {
  statusCode?: number;
  type?: string;
  requestId?: string;
  flowId?: string;
  hasProviderError: boolean;
  header?(name: string): string | undefined;
}
export function readSdkError(_error: unknown): SdkErrorFacts | undefined {
  return undefined;
}
export const ERROR_TYPES: readonly string[] = [];
export const NETWORK_ERROR_TYPES: readonly string[] = [];
export function errorTypeLabel(_type: string): string {
  return '_OTHER';
}
export function parseRetryAfter(_value: string, _now: number): number | undefined {
  return undefined;
}

/** One documented limit: at most `max` of `what` within `windowSeconds` (0: at any one time), counted per `per`. */
export interface Limit {
  readonly what: 'requests' | 'concurrent_requests' | 'sends' | 'gmail_quota_units' | 'upload_bytes';
  readonly max: number;
  readonly windowSeconds: number;
  readonly per: 'application' | 'application_endpoint' | 'grant' | 'account_endpoint' | 'mailbox' | 'project';
  /** Only requests with a multipart body count. */
  readonly multipart?: boolean;
}
export interface Limits {
  readonly nylas: Readonly<Record<EndpointClass, readonly Limit[]>>;
  readonly providers: Readonly<Record<string, readonly Limit[]>>;
  readonly exchangeThrottleSeconds: number;
}
export const LIMITS: Limits = {
  nylas: {
    admin: [],
    data: [],
    send: [],
    other: [],
    v2_application: [],
    v2_account: [],
    v2_concurrent: [],
    v2_delta_longpoll: [],
    v2_delta_streaming: [],
    v2_ip_addresses: [],
  },
  providers: {},
  exchangeThrottleSeconds: 1200,
};

export type AccountState =
  | 'running'
  | 'partial'
  | 'stopped'
  | 'invalid'
  | 'sync_error'
  | 'initializing'
  | 'exception'
  | 'deleted'
  | 'unknown';
export const ACCOUNT_STATES: readonly AccountState[] = [
  'running',
  'partial',
  'stopped',
  'invalid',
  'sync_error',
  'initializing',
  'exception',
  'deleted',
  'unknown',
];
export function accountState(_version: ApiVersion, _raw: string): AccountState {
  return 'unknown';
}
export const PROVIDERS: readonly string[] = [];
export function providerLabel(_raw: string | undefined): string {
  return 'unknown';
}
export const WEBHOOK_TRIGGERS: { readonly v2: readonly string[]; readonly v3: readonly string[] } = {
  v2: [],
  v3: [],
};
export function baseTrigger(type: string): string {
  return type;
}
export function triggerLabel(_type: string): string {
  return 'other';
}
export function isOpaqueId(_id: string): boolean {
  return false;
}
export const RETRYABLE_WEBHOOK_STATUS: readonly number[] = [408, 429, 502, 503, 504, 507];
