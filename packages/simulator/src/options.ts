import { type EndpointClass, LIMITS } from '@nylas-otel/nylas-api';
import { type ClockOptions, type ClockSettings, MAX_SCALE } from './clock/clock.ts';
import {
  anything,
  type Check,
  either,
  flag,
  integer,
  isNumber,
  listOf,
  number,
  oneOf,
  rate,
  record,
  refuse,
  text,
} from './option-checks.ts';
import { ACCOUNT_PROVIDERS, type AccountSeed, SYNC_STATES } from './stores/account-store.ts';
import { GRANT_PROVIDERS, type GrantSeed } from './stores/grant-store.ts';
import {
  checkWebhookOptions,
  DEFAULT_WEBHOOKS,
  type WebhookDeliveryOptions,
  type WebhookSettings,
} from './webhooks/webhook-settings.ts';

/** Which documented limits are enforced, and how high they are. A limit that is left out keeps its documented value. */
export interface LimitOptions {
  /** v3 applications, authentication, connectors, grants and webhooks, requests per second and application. Default 50. */
  readonly adminPerSecond?: number;
  /** v3 data routes, requests per second and grant. Default 200. */
  readonly grantPerSecond?: number;
  /** v3 sends with a multipart body, per second and grant. Default 10. */
  readonly multipartSendPerSecond?: number;
  /** v3 requests under way at once on a Microsoft mailbox. Default 4. */
  readonly microsoftConcurrent?: number;
  /** v2 requests per second, endpoint and application. Default 500. */
  readonly v2ApplicationPerSecond?: number;
  /** v2 requests per second, endpoint and account. Default 50. */
  readonly v2AccountPerSecond?: number;
  /** v2 requests under way at once on `/messages`, `/threads` and `/contacts`, per account. Default 5. */
  readonly v2ListConcurrent?: number;
  /** v2 `/delta/longpoll` and `/delta/streaming` calls under way at once, per account. Default 10. */
  readonly v2DeltaConcurrent?: number;
  /** v2 `ip_addresses` calls per hour and application. Default 10. */
  readonly v2IpAddressesPerHour?: number;
}

/** How many objects a mailbox has before anyone writes to it. */
export interface ObjectCounts {
  /** Default 120; three messages make a thread. */
  readonly messages?: number;
  /** Default 5. */
  readonly drafts?: number;
  /** Own folders beside the system ones. Default 3. */
  readonly folders?: number;
  /** Default 2: the primary one and a team calendar. */
  readonly calendars?: number;
  /** Per calendar. Default 40. */
  readonly events?: number;
  /** Default 60. */
  readonly contacts?: number;
}

/** Time the simulated provider takes: a fixed number of milliseconds, or a range drawn from the seed. */
export type Latency = number | { readonly minMs: number; readonly maxMs: number };

/** Options of {@link startSimulator}; every one has a default. */
export interface SimulatorOptions {
  /** Port of the plain listener; 0 (default) takes a free one. */
  readonly port?: number;
  /** Address to listen on. Default `127.0.0.1`. */
  readonly host?: string;
  /** Everything invented comes from it. Default 1. */
  readonly seed?: number;
  /** The v3 API key. Default: derived from the seed. */
  readonly apiKey?: string;
  /** The application's client id (v2 and v3). Default: derived from the seed. */
  readonly clientId?: string;
  /** The v2 client secret. Default: derived from the seed. */
  readonly clientSecret?: string;
  /** Region this Nylas is in. Default `us`. */
  readonly region?: 'us' | 'eu';
  /** Region the keys and tokens belong to; when it is not `region`, every call is answered 401, as Nylas does. Default: `region`. */
  readonly keyRegion?: 'us' | 'eu';
  /** v3 grants: how many, or which. Default 3. */
  readonly grants?: number | readonly GrantSeed[];
  /** v2 accounts: how many, or which. Default 3. */
  readonly accounts?: number | readonly AccountSeed[];
  /** How full each mailbox is. */
  readonly objects?: ObjectCounts;
  /** Bytes of a downloaded attachment or file. Default 4096. */
  readonly attachmentBytes?: number;
  /** Also listen with TLS (HTTP/1.1); see `tlsUrl` and `ca`. Default false. */
  readonly tls?: boolean;
  /** Also listen with TLS and HTTP/2 (HTTP/1.1 is still spoken to clients without it); see `http2Url` and `ca`. Default false. */
  readonly http2?: boolean;
  /** The documented rate limiters: all (`true`, default), none (`false`), or with other numbers. */
  readonly limits?: boolean | LimitOptions;
  /** Time each answer takes. Default 0. */
  readonly latency?: Latency;
  /** Compress answers over 200 bytes for clients that accept gzip, as Nylas does. Default true; false saves CPU in benchmarks. */
  readonly compress?: boolean;
  /** How many requests `requests` remembers. Default 1000. */
  readonly requestLog?: number;
  /** Remember JSON bodies in `requests` too. Default false: they may be large. */
  readonly recordBodies?: boolean;
  /**
   * How simulated time runs (`{ scale, start }`), or a function that returns it in Unix milliseconds. Default: real time.
   * Answers are delayed by real time.
   */
  readonly clock?: ClockOptions | (() => number);
  /**
   * Who sees the page of the hosted login: browsers (`auto`, default: clients that accept HTML; others are sent straight
   * back with a code), everyone (`page`) or nobody (`redirect`).
   */
  readonly hostedLogin?: 'auto' | 'page' | 'redirect';
  /** How notifications travel to webhook destinations. */
  readonly webhooks?: WebhookDeliveryOptions;
  /** Unix seconds of the newest generated object; fixed so that runs agree. Default 1767225600 (1 January 2026). */
  readonly epoch?: number;
}

/** Options with every default filled in. */
export interface Settings {
  readonly port: number;
  readonly host: string;
  readonly seed: number;
  readonly apiKey: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly region: 'us' | 'eu';
  readonly keyRegion: 'us' | 'eu';
  readonly grants: number | readonly GrantSeed[];
  readonly accounts: number | readonly AccountSeed[];
  readonly objects: Readonly<Required<ObjectCounts>>;
  readonly attachmentBytes: number;
  readonly tls: boolean;
  readonly http2: boolean;
  readonly limits: Readonly<Required<LimitOptions>> | undefined;
  readonly latency: { readonly minMs: number; readonly maxMs: number };
  readonly compress: boolean;
  readonly requestLog: number;
  readonly recordBodies: boolean;
  readonly clock: ClockSettings;
  readonly hostedLogin: 'auto' | 'page' | 'redirect';
  readonly webhooks: WebhookSettings;
  readonly epoch: number;
}

/** The highest number of a documented limit of Nylas. */
function documented(
  endpointClass: EndpointClass,
  what: 'requests' | 'concurrent_requests',
  multipart = false,
): number {
  const limits = LIMITS.nylas[endpointClass].filter(
    (one) => one.what === what && (one.multipart ?? false) === multipart,
  );
  return Math.min(...limits.map((one) => one.max));
}

const MICROSOFT_CONCURRENT = LIMITS.providers.microsoft.find((one) => one.what === 'concurrent_requests');

/** The limits of the documentation. */
export const DOCUMENTED_LIMITS: Readonly<Required<LimitOptions>> = {
  adminPerSecond: documented('admin', 'requests'),
  grantPerSecond: documented('data', 'requests'),
  multipartSendPerSecond: documented('send', 'requests', true),
  microsoftConcurrent: MICROSOFT_CONCURRENT?.max ?? 4,
  v2ApplicationPerSecond: documented('v2_application', 'requests'),
  v2AccountPerSecond: documented('v2_account', 'requests'),
  v2ListConcurrent: documented('v2_concurrent', 'concurrent_requests'),
  v2DeltaConcurrent: documented('v2_delta_longpoll', 'concurrent_requests'),
  v2IpAddressesPerHour: documented('v2_ip_addresses', 'requests'),
};
const DEFAULT_OBJECTS: Readonly<Required<ObjectCounts>> = {
  messages: 120,
  drafts: 5,
  folders: 3,
  calendars: 2,
  events: 40,
  contacts: 60,
};

/** Checks a grant seed; also used for what arrives over the control interface. */
export const checkGrantSeed: Check = record({
  id: text,
  email: text,
  provider: oneOf(...GRANT_PROVIDERS),
  status: oneOf('valid', 'invalid'),
  blocked: flag,
  name: text,
  scope: listOf(text),
  createdAt: integer(0, 10_000_000_000),
});
/** Checks an account seed; also used for what arrives over the control interface. */
export const checkAccountSeed: Check = record({
  id: text,
  email: text,
  provider: oneOf(...ACCOUNT_PROVIDERS),
  syncState: oneOf(...SYNC_STATES),
  billingState: oneOf('paid', 'cancelled', 'deleted'),
  name: text,
  accessToken: text,
});

const MAX_ACCOUNTS = 5_000_000;
const checkOptions: Check = record({
  port: integer(0, 65535),
  host: text,
  seed: integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  apiKey: text,
  clientId: text,
  clientSecret: text,
  region: oneOf('us', 'eu'),
  keyRegion: oneOf('us', 'eu'),
  grants: either(isNumber, integer(0, MAX_ACCOUNTS), listOf(checkGrantSeed)),
  accounts: either(isNumber, integer(0, MAX_ACCOUNTS), listOf(checkAccountSeed)),
  objects: record(
    Object.fromEntries(Object.keys(DEFAULT_OBJECTS).map((name) => [name, integer(0, 1_000_000)])),
  ),
  attachmentBytes: integer(0, 1_073_741_824),
  tls: flag,
  http2: flag,
  limits: either(
    (value) => typeof value === 'boolean',
    anything,
    record(Object.fromEntries(Object.keys(DOCUMENTED_LIMITS).map((name) => [name, rate]))),
  ),
  latency: either(
    isNumber,
    integer(0, 3_600_000),
    record({ minMs: integer(0, 3_600_000), maxMs: integer(0, 3_600_000) }),
  ),
  compress: flag,
  requestLog: integer(0, 10_000_000),
  recordBodies: flag,
  clock: either(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    record({ scale: number(0, MAX_SCALE), start: integer(0, 8_640_000_000_000_000) }),
    (name, value) => {
      if (typeof value !== 'function') {
        refuse(name, value, 'a function that returns Unix milliseconds, or { scale, start }');
      }
    },
  ),
  hostedLogin: oneOf('auto', 'page', 'redirect'),
  webhooks: checkWebhookOptions,
  epoch: integer(0, 10_000_000_000),
});

/**
 * Checks options and fills in the defaults.
 * @param secrets derived keys, used where the options name none
 * @throws {SimulatorError} code `invalid_option`, naming the option, the value's type and the fix
 */
export function resolveOptions(
  options: SimulatorOptions,
  secrets: (seed: number) => { apiKey: string; clientId: string; clientSecret: string },
): Settings {
  checkOptions('', options);
  const seed = options.seed ?? 1;
  const derived = secrets(seed);
  const latency = options.latency ?? 0;
  const limits = options.limits ?? true;
  const range =
    typeof latency === 'number'
      ? { minMs: latency, maxMs: latency }
      : { minMs: latency.minMs ?? 0, maxMs: latency.maxMs ?? latency.minMs ?? 0 };
  if (range.maxMs < range.minMs) refuse('latency.maxMs', range.maxMs, 'a number that is not below minMs');
  return {
    port: options.port ?? 0,
    host: options.host ?? '127.0.0.1',
    seed,
    apiKey: options.apiKey ?? derived.apiKey,
    clientId: options.clientId ?? derived.clientId,
    clientSecret: options.clientSecret ?? derived.clientSecret,
    region: options.region ?? 'us',
    keyRegion: options.keyRegion ?? options.region ?? 'us',
    grants: options.grants ?? 3,
    accounts: options.accounts ?? 3,
    objects: { ...DEFAULT_OBJECTS, ...defined(options.objects ?? {}) },
    attachmentBytes: options.attachmentBytes ?? 4096,
    tls: options.tls ?? false,
    http2: options.http2 ?? false,
    limits:
      limits === false ? undefined : { ...DOCUMENTED_LIMITS, ...(limits === true ? {} : defined(limits)) },
    latency: range,
    compress: options.compress ?? true,
    requestLog: options.requestLog ?? 1000,
    recordBodies: options.recordBodies ?? false,
    clock: clockOf(options.clock ?? {}),
    hostedLogin: options.hostedLogin ?? 'auto',
    webhooks: { ...DEFAULT_WEBHOOKS, ...defined(options.webhooks ?? {}) },
    epoch: options.epoch ?? 1_767_225_600,
  };
}

/** A function is taken as it is: it may stand still and jump. */
function clockOf(clock: ClockOptions | (() => number)): ClockSettings {
  if (typeof clock === 'function') return { source: clock, start: undefined, scale: 1, jumps: true };
  return { source: Date.now, start: clock.start, scale: clock.scale ?? 1, jumps: false };
}

/** Drops keys that are set to undefined, so that they do not hide a default. */
function defined<T extends object>(value: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(value).filter((entry) => entry[1] !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
}
