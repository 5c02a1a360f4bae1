import type { ApiVersion, Region } from '@nylas-otel/nylas-api';
import type { AccountIdCapture, CorrelationMode, LoggerLike } from '@nylas-otel/telemetry';
import { diag } from '@opentelemetry/api';
import type { NylasRequestFacts } from './requests/facts.ts';

/**
 * Who makes the HTTP span of a Nylas request. `auto`: ours, unless another HTTP instrumentation that cannot be reached
 * makes one, which is then enriched. `own`: always ours. `enrich`: never ours. `off`: no HTTP span and no enrichment;
 * metrics and operation spans stay.
 */
export type HttpSpanMode = 'auto' | 'own' | 'enrich' | 'off';

/** A host that serves the Nylas API beside Nylas's own: a proxy, the simulator. */
export interface NylasHostConfig {
  /** Host name, with `:port` where it is not the scheme's default. */
  readonly host: string;
  /** The API versions it serves. `both`: paths under `/v3` are v3, the rest v2. Default `both`. */
  readonly version?: ApiVersion | 'both';
  /** Default `other`. */
  readonly region?: Region;
}

/** What is known of a request before it is sent, for {@link NylasInstrumentationConfig.identifyAccount}. */
export interface NylasRequestInfo {
  readonly version: ApiVersion;
  readonly method: string;
  /** The route template, never the raw path. */
  readonly template: string;
}

/** Options of the request instrumentation. Every one has a default. */
export interface NylasInstrumentationConfig {
  /** Default true. */
  enabled?: boolean;
  /** Who makes the HTTP span. Default `auto`. */
  mode?: HttpSpanMode;
  /** Hosts that serve the Nylas API beside Nylas's own (`api.us.nylas.com`, ...). Default none. */
  hosts?: readonly NylasHostConfig[];
  /** How account and grant ids are shown on spans and log events. Default `id`: addresses are hashed anyway. */
  captureAccountId?: AccountIdCapture;
  /** Put Nylas's error messages, cut and stripped of addresses and tokens, on log events. Default false. */
  captureErrorMessage?: boolean;
  /** Send `traceparent` and baggage to Nylas. Default false: they mean nothing there. */
  propagateTraceContext?: boolean;
  /** How attempts find their operation. Default `header`, which never reaches the wire. */
  correlation?: CorrelationMode;
  /**
   * Count requests by the inbound route or job that caused them (`nylas.caller`), where one is named: by
   * `withNylasCaller` or the middleware's `callers`. Default true; nobody is named unless asked for.
   */
  callers?: boolean;
  /** A plain logger for failures: anything shaped like pino, winston or console. Default none. */
  logger?: LoggerLike;
  /** Names the account of a request whose URL does not (API v2, `me`). Must not throw; a failure is dropped. */
  identifyAccount?: (request: NylasRequestInfo) => string | undefined;
  /** Told of every finished request, after it was recorded. Must not throw; a failure is dropped. */
  onRequest?: (request: NylasRequestFacts) => void;
  /**
   * Keep recording `http.client.request.duration` for Nylas hosts on behalf of the HTTP instrumentation they were taken
   * over from, so that boards on it show no gap. Default true.
   */
  recordHttpClientDuration?: boolean;
}

/** A configuration value that cannot be used. The message names the option, the type received and the fix. */
export class NylasConfigError extends Error {
  override readonly name = 'NylasConfigError';
  /** The option, as written in code. */
  readonly option: string;

  constructor(option: string, problem: string, fix: string) {
    super(`nylas-otel: option "${option}" ${problem}. ${fix}`);
    this.option = option;
  }
}

/** {@link NylasInstrumentationConfig} with every default filled in. */
export interface ResolvedConfig {
  readonly mode: HttpSpanMode;
  readonly hosts: readonly Required<NylasHostConfig>[];
  readonly captureAccountId: AccountIdCapture;
  readonly captureErrorMessage: boolean;
  readonly propagateTraceContext: boolean;
  readonly correlation: CorrelationMode;
  readonly callers: boolean;
  readonly logger: LoggerLike | undefined;
  readonly identifyAccount: ((request: NylasRequestInfo) => string | undefined) | undefined;
  readonly onRequest: ((request: NylasRequestFacts) => void) | undefined;
  readonly recordHttpClientDuration: boolean;
}

type Check = (option: string, value: unknown) => void;

const oneOf =
  (...values: string[]): Check =>
  (option, value) => {
    if (typeof value !== 'string' || !values.includes(value)) {
      throw new NylasConfigError(option, `has ${described(value)}`, `Use one of: ${values.join(', ')}.`);
    }
  };
const ofType =
  (type: 'boolean' | 'function'): Check =>
  (option, value) => {
    if (typeof value !== type)
      throw new NylasConfigError(option, `is ${described(value)}`, `Give a ${type}.`);
  };

const CHECKS: { readonly [K in keyof NylasInstrumentationConfig]-?: Check } = {
  enabled: ofType('boolean'),
  mode: oneOf('auto', 'own', 'enrich', 'off'),
  hosts: checkHosts,
  captureAccountId: oneOf('id', 'hash', 'none'),
  captureErrorMessage: ofType('boolean'),
  propagateTraceContext: ofType('boolean'),
  correlation: oneOf('header', 'context'),
  callers: ofType('boolean'),
  logger: checkLogger,
  identifyAccount: ofType('function'),
  onRequest: ofType('function'),
  recordHttpClientDuration: ofType('boolean'),
};

/**
 * Checks a configuration and fills in the defaults. Unknown options are reported through `diag`, with the nearest name.
 *
 * @throws NylasConfigError for a value that cannot be used
 */
export function resolveConfig(config: NylasInstrumentationConfig = {}): ResolvedConfig {
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    throw new NylasConfigError('config', `is ${described(config)}`, 'Give an object of options, or nothing.');
  }
  for (const [option, value] of Object.entries(config)) {
    const check = (CHECKS as { [option: string]: Check | undefined })[option];
    if (check === undefined) warnUnknown(option);
    else if (value !== undefined) check(option, value);
  }
  return {
    mode: config.mode ?? 'auto',
    hosts: (config.hosts ?? []).map((host) => ({ version: 'both', region: 'other', ...host })),
    captureAccountId: config.captureAccountId ?? 'id',
    captureErrorMessage: config.captureErrorMessage ?? false,
    propagateTraceContext: config.propagateTraceContext ?? false,
    correlation: config.correlation ?? 'header',
    callers: config.callers ?? true,
    logger: config.logger,
    identifyAccount: config.identifyAccount,
    onRequest: config.onRequest,
    recordHttpClientDuration: config.recordHttpClientDuration ?? true,
  };
}

function checkHosts(option: string, value: unknown): void {
  if (!Array.isArray(value))
    throw new NylasConfigError(option, `is ${described(value)}`, 'Give an array of hosts.');
  for (const [index, host] of value.entries()) {
    const at = `${option}[${index}]`;
    if (
      typeof host !== 'object' ||
      host === null ||
      typeof host.host !== 'string' ||
      !/^[^/\s@]+$/.test(host.host)
    ) {
      throw new NylasConfigError(
        at,
        'has no usable host name',
        "Give { host: 'nylas-proxy.internal:8443' }: a host, with a port where it is not the default, without a scheme.",
      );
    }
    if (host.version !== undefined) oneOf('v2', 'v3', 'both')(`${at}.version`, host.version);
    if (host.region !== undefined) oneOf('us', 'eu', 'ca', 'other')(`${at}.region`, host.region);
  }
}

function checkLogger(option: string, value: unknown): void {
  const logger = value as { [method: string]: unknown } | null;
  if (
    typeof logger !== 'object' ||
    logger === null ||
    ['info', 'warn', 'error'].some((name) => typeof logger[name] !== 'function')
  ) {
    throw new NylasConfigError(
      option,
      `is ${described(value)}`,
      'Give an object with info, warn and error (pino, winston, console).',
    );
  }
}

function warnUnknown(option: string): void {
  const nearest = Object.keys(CHECKS).find((known) =>
    known.toLowerCase().startsWith(option.toLowerCase().slice(0, 4)),
  );
  diag.warn(
    `nylas-otel: unknown option "${option}" is ignored.${nearest === undefined ? '' : ` Did you mean "${nearest}"?`}`,
  );
}

/** The type of a value, never the value: it may be a secret. */
function described(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'string' ? 'a string that is not allowed here' : `a value of type ${typeof value}`;
}
