import { type ApiVersion, LIMITS, NYLAS_HOSTS } from '@nylas-otel/nylas-api';
import type { AccountIdCapture, LoggerLike } from '@nylas-otel/telemetry';
import { MOST_ACCOUNT_SERIES, type SeriesLimits } from './account-series.ts';
import { checkedBy, NylasAccountsConfigError } from './config-error.ts';
import {
  choice,
  credential,
  functionOption,
  kindOf,
  number,
  objectOption,
  refuseUnknown,
} from './option-checks.ts';
import type { Profile } from './profile.ts';
import { profileV2 } from './profile-v2.ts';
import { PROFILE_V3 } from './profile-v3.ts';

/** Options of every watch. */
export interface WatchOptions {
  /**
   * Where Nylas keeps the application's data. Default `us`. v3 has no Canadian host: Nylas sends Canadian applications
   * to the US one.
   */
  readonly region?: 'us' | 'eu' | 'ca';
  /** Instead of a region: the address of a proxy or simulator, with a path prefix if need be. */
  readonly baseUrl?: string;
  /** Alias of the Nylas application (`nylas.application`), which keeps two of them apart. Default `default`. */
  readonly application?: string;
  /**
   * Seconds between sweeps over all accounts, at least 10. Default 3600 for v3, where invalid grants are asked for in
   * between, and 300 for v2, which cannot be asked for them. Replicas drift apart by up to a tenth.
   */
  readonly sweepInterval?: number;
  /** v3: seconds between polls for invalid grants, at least 5. Default 60. v2 ignores it. */
  readonly invalidInterval?: number;
  /** Highest rate of our own requests, all kinds together; one at a time. Default 5, at most Nylas's limit. */
  readonly requestsPerSecond?: number;
  /** Seconds until a request is given up. Default 30. */
  readonly timeout?: number;
  /** Instead of the global `fetch`, taken at each request. */
  readonly fetch?: typeof fetch;
  /** Gets log events as plain lines: pino, winston, console. */
  readonly logger?: LoggerLike;
  /** Series per account (`nylas.account.status`); see `accountSeriesProducer`. Default: none. */
  readonly accountSeries?: {
    /** The accounts longest unhealthy, at most 500. Default 0. */
    readonly max?: number;
    /** Ids or addresses of accounts that always have series, at most 500. */
    readonly allow?: readonly string[];
  };
  /** How account ids appear in log events and series: as they are (addresses hashed), hashed, or not. Default `id`. */
  readonly captureAccountId?: AccountIdCapture;
}

/** Watches the grants of an API v3 application. */
export interface WatchGrantsOptions extends WatchOptions {
  /** The API key of the application. */
  readonly apiKey: string;
  readonly clientId?: never;
  readonly clientSecret?: never;
}

/** Watches the accounts of an API v2 application. */
export interface WatchAccountsV2Options extends WatchOptions {
  /** The client id of the application. */
  readonly clientId: string;
  /** The client secret of the application. */
  readonly clientSecret: string;
  readonly apiKey?: never;
}

/** Options of `watchAccounts`: the API key for v3, client id and secret for v2. */
export type WatchAccountsOptions = WatchGrantsOptions | WatchAccountsV2Options;

/** How an application is reached: its credentials, its host, its name. */
export interface Connection {
  readonly profile: Profile;
  readonly authorization: string;
  /** What hashes of account ids are keyed with. */
  readonly secret: string;
  /** Origin and path prefix, without a slash at the end. */
  readonly base: string;
  readonly host: string;
  /** Undefined with a base URL. */
  readonly region: string | undefined;
  readonly application: string;
  readonly timeoutMs: number;
  readonly fetch: typeof fetch | undefined;
  readonly logger: LoggerLike | undefined;
}

/** Checked options with every default filled in. */
export interface WatchSettings extends Connection {
  readonly sweepMs: number;
  readonly invalidMs: number;
  readonly requestsPerSecond: number;
  readonly series: SeriesLimits;
  readonly captureAccountId: AccountIdCapture;
}

/** Names of the options of {@link WatchOptions} and of the credentials. */
export const WATCH_OPTIONS: readonly string[] = [
  'apiKey',
  'clientId',
  'clientSecret',
  'region',
  'baseUrl',
  'application',
  'sweepInterval',
  'invalidInterval',
  'requestsPerSecond',
  'timeout',
  'fetch',
  'logger',
  'accountSeries',
  'captureAccountId',
];
const DAY = 86_400;
const FETCH_FIX = 'Leave it out to use the global one.';

/**
 * Checks the options of a watch and fills in the defaults.
 * @throws {NylasAccountsConfigError} naming the option, the type that was given and the fix
 */
export function readOptions(given: unknown): WatchSettings {
  const options = objectOption('options', given, 'an object such as { apiKey: process.env.NYLAS_API_KEY }');
  refuseUnknown(options, WATCH_OPTIONS, '');
  const connection = connectionOf(options);
  const { profile } = connection;
  const captureAccountId = choice(
    options,
    'captureAccountId',
    ['id', 'hash', 'none'],
    'id',
  ) as AccountIdCapture;
  const series = readSeries(options.accountSeries);
  if (captureAccountId === 'none' && (series.max > 0 || series.allow.length > 0)) {
    throw new NylasAccountsConfigError(
      'accountSeries',
      'accountSeries needs an account id to show, but captureAccountId is "none".',
      'Leave accountSeries out, or set captureAccountId to "hash".',
    );
  }
  const mostPerSecond = LIMITS.nylas[profile.version === 'v3' ? 'admin' : 'v2_application'][0]?.max ?? 50;
  return {
    ...connection,
    sweepMs:
      number(options, 'sweepInterval', profile.listsInvalid ? 3_600 : 300, 10, 7 * DAY, 'seconds') * 1_000,
    invalidMs: number(options, 'invalidInterval', 60, 5, DAY, 'seconds') * 1_000,
    requestsPerSecond: number(options, 'requestsPerSecond', 5, 0.01, mostPerSecond, 'requests per second'),
    series,
    captureAccountId,
  };
}

/**
 * Checks the options that say how an application is reached (credentials, `region` or `baseUrl`, `application`, `timeout`,
 * `fetch`, `logger`), for functions that take these among others.
 *
 * @param by the function that was called, for the words of an error
 * @throws {NylasAccountsConfigError} as `watchAccounts` does
 */
export function readConnection(given: object, by: string): Connection {
  return checkedBy(by, () => connectionOf(given as Readonly<Record<string, unknown>>));
}

function connectionOf(options: Readonly<Record<string, unknown>>): Connection {
  const access = readAccess(options);
  return {
    ...access,
    ...readBase(options, access.profile.version),
    application: readApplication(options.application),
    timeoutMs: number(options, 'timeout', 30, 0.1, 600, 'seconds') * 1_000,
    fetch: functionOption(options, 'fetch', FETCH_FIX) as typeof fetch | undefined,
    logger: readLogger(options.logger),
  };
}

function readAccess(
  options: Readonly<Record<string, unknown>>,
): Pick<Connection, 'profile' | 'authorization' | 'secret'> {
  const { apiKey, clientId, clientSecret } = options;
  const v2 = clientId !== undefined || clientSecret !== undefined;
  if (apiKey !== undefined && v2) {
    throw new NylasAccountsConfigError(
      'apiKey',
      'apiKey (API v3) and clientId/clientSecret (API v2) are both given.',
      'Give one or the other; two watches can run side by side.',
    );
  }
  if (!v2) {
    const key = credential(
      'apiKey',
      apiKey,
      'Give the API key of the application, for example process.env.NYLAS_API_KEY.',
    );
    return { profile: PROFILE_V3, authorization: `Bearer ${key}`, secret: key };
  }
  const id = credential('clientId', clientId, 'Give the client id of the application beside clientSecret.');
  const secret = credential(
    'clientSecret',
    clientSecret,
    'Give the client secret of the application beside clientId.',
  );
  const basic = Buffer.from(`${secret}:`).toString('base64');
  return { profile: profileV2(id), authorization: `Basic ${basic}`, secret };
}

function readBase(
  options: Readonly<Record<string, unknown>>,
  version: ApiVersion,
): Pick<Connection, 'base' | 'host' | 'region'> {
  const region = choice(options, 'region', ['us', 'eu', 'ca'], 'us');
  const { baseUrl } = options;
  if (baseUrl === undefined) {
    const wanted = version === 'v3' && region === 'ca' ? 'us' : region;
    const host =
      NYLAS_HOSTS.find((known) => known.version === version && known.region === wanted)?.host ?? '';
    return { base: `https://${host}`, host, region };
  }
  const fix = 'Give an address such as "https://nylas-proxy.internal/nylas", without query or credentials.';
  const url = typeof baseUrl === 'string' ? parseUrl(baseUrl) : undefined;
  if (url === undefined) {
    throw new NylasAccountsConfigError(
      'baseUrl',
      `baseUrl must be an http(s) address, got ${kindOf(baseUrl)}.`,
      fix,
    );
  }
  if (url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') {
    throw new NylasAccountsConfigError(
      'baseUrl',
      'baseUrl has a query, a fragment or credentials in it.',
      fix,
    );
  }
  const base = url.origin + url.pathname.replace(/\/+$/, '');
  return { base, host: url.hostname, region: undefined };
}

function parseUrl(value: string): URL | undefined {
  try {
    const url = new URL(value);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined;
  } catch {
    return undefined;
  }
}

/** The alias of an application: it becomes a metric label. */
export function readApplication(value: unknown): string {
  if (value === undefined) return 'default';
  if (typeof value === 'string' && /^[\w.-]{1,64}$/.test(value)) return value;
  throw new NylasAccountsConfigError(
    'application',
    `application must be a short name, got ${kindOf(value)}.`,
    'Use up to 64 letters, digits, ".", "_" or "-": it becomes a metric label.',
  );
}

function readSeries(value: unknown): SeriesLimits {
  if (value === undefined) return { max: 0, allow: [] };
  const series = objectOption('accountSeries', value, 'an object such as { max: 100 }');
  refuseUnknown(series, ['max', 'allow'], 'accountSeries.');
  const max = number(series, 'max', 0, 0, MOST_ACCOUNT_SERIES, 'accounts', 'accountSeries.');
  const allow = series.allow ?? [];
  const ids = Array.isArray(allow)
    ? allow.filter((id): id is string => typeof id === 'string' && id !== '')
    : [];
  if (!Array.isArray(allow) || ids.length !== allow.length || allow.length > MOST_ACCOUNT_SERIES) {
    throw new NylasAccountsConfigError(
      'accountSeries.allow',
      `accountSeries.allow must be a list of account ids, got ${kindOf(allow)}.`,
      `Give at most ${MOST_ACCOUNT_SERIES} ids or addresses as strings.`,
    );
  }
  return { max: Math.floor(max), allow: ids };
}

/** Anything shaped like pino, winston or console. */
export function readLogger(value: unknown): LoggerLike | undefined {
  if (value === undefined) return undefined;
  const logger = value as Partial<LoggerLike> | null;
  if (
    typeof logger?.info === 'function' &&
    typeof logger.warn === 'function' &&
    typeof logger.error === 'function'
  )
    return logger as LoggerLike;
  throw new NylasAccountsConfigError(
    'logger',
    `logger must have info, warn and error, got ${kindOf(value)}.`,
    'Give a pino or winston logger, or console.',
  );
}
