import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { HttpSpanMode, NylasHostConfig } from '@nylas-otel/instrumentation';
import type { AccountIdCapture, CorrelationMode, LoggerLike } from '@nylas-otel/telemetry';
import type { ScrapeAuth } from '../metrics/scrape-auth.ts';
import { didYouMean } from './nearest-name.ts';

/** What `NYLAS_OTEL_*` variables say; undefined where they say nothing. */
export interface EnvironmentSettings {
  disabled?: boolean;
  watchAccounts?: boolean;
  logLevel?: LogLevel;
  /** Options of `watchAccounts`. */
  readonly accounts: { region?: 'us' | 'eu' | 'ca'; baseUrl?: string; application?: string };
  /** Options of the request instrumentation. */
  readonly nylas: {
    mode?: HttpSpanMode;
    hosts?: NylasHostConfig[];
    captureAccountId?: AccountIdCapture;
    captureErrorMessage?: boolean;
    propagateTraceContext?: boolean;
    correlation?: CorrelationMode;
    callers?: boolean;
    logger?: LoggerLike;
  };
  readonly metrics: {
    /** False: no port of its own. */
    port?: number | false;
    host?: string;
    path?: string;
    hurting?: string;
    auth?: ScrapeAuth;
    timeoutMillis?: number;
  };
}

/** How much of nylas-otel's own diagnostics is printed. */
export type LogLevel = (typeof LOG_LEVELS)[number];
/** From silent to verbose. */
export const LOG_LEVELS = ['none', 'error', 'warn', 'info', 'debug'] as const;

/** What {@link readEnvironment} found. */
export interface EnvironmentReading {
  readonly settings: EnvironmentSettings;
  /** One sentence for each variable that is unknown or cannot be used, with the fix. */
  readonly warnings: readonly string[];
}

interface Variable {
  /** What it may hold, as a part of a sentence. */
  readonly expects: string;
  /** Puts the value where it belongs; false when it cannot be used. */
  readonly apply: (text: string, settings: EnvironmentSettings) => boolean;
  /** What happens when it cannot be used. */
  readonly otherwise?: string;
  /** Also as `NAME_FILE`: the path of a file that holds it. */
  readonly file?: true;
}

function variable<T>(
  expects: string,
  parse: (text: string) => T | undefined,
  put: (settings: EnvironmentSettings, value: T) => void,
): Variable {
  return {
    expects,
    apply(text, settings) {
      const value = parse(text);
      if (value === undefined) return false;
      put(settings, value);
      return true;
    },
  };
}

const flag = (put: (settings: EnvironmentSettings, value: boolean) => void): Variable =>
  variable('true or false', parseBoolean, put);

const choice = <T extends string>(
  values: readonly T[],
  put: (settings: EnvironmentSettings, value: T) => void,
): Variable =>
  variable(
    `one of ${values.join(', ')}`,
    (text) => values.find((value) => value === text.toLowerCase()),
    put,
  );

/** Every variable of ours, and what it sets. The README's table is checked against it. */
export const VARIABLES: { readonly [name: string]: Variable } = {
  NYLAS_OTEL_DISABLED: flag((settings, value) => {
    settings.disabled = value;
  }),
  NYLAS_OTEL_LOG_LEVEL: choice(LOG_LEVELS, (settings, value) => {
    settings.logLevel = value;
  }),
  NYLAS_OTEL_MODE: choice(['auto', 'own', 'enrich', 'off'], ({ nylas }, value: HttpSpanMode) => {
    nylas.mode = value;
  }),
  NYLAS_OTEL_HOSTS: variable(
    'a list of hosts such as "localhost:4010, nylas-proxy.internal=v3/eu"',
    parseHosts,
    ({ nylas }, value) => {
      nylas.hosts = value;
    },
  ),
  NYLAS_OTEL_CAPTURE_ACCOUNT_ID: choice(['id', 'hash', 'none'], ({ nylas }, value: AccountIdCapture) => {
    nylas.captureAccountId = value;
  }),
  NYLAS_OTEL_CAPTURE_ERROR_MESSAGE: flag(({ nylas }, value) => {
    nylas.captureErrorMessage = value;
  }),
  NYLAS_OTEL_PROPAGATE_TRACE_CONTEXT: flag(({ nylas }, value) => {
    nylas.propagateTraceContext = value;
  }),
  NYLAS_OTEL_CORRELATION: choice(['header', 'context'], ({ nylas }, value: CorrelationMode) => {
    nylas.correlation = value;
  }),
  NYLAS_OTEL_CALLERS: flag(({ nylas }, value) => {
    nylas.callers = value;
  }),
  NYLAS_OTEL_LOGGER: choice(['console'], ({ nylas }) => {
    nylas.logger = console;
  }),
  NYLAS_OTEL_METRICS_PORT: variable('a port from 0 to 65535, or "off"', parsePort, ({ metrics }, value) => {
    metrics.port = value;
  }),
  NYLAS_OTEL_METRICS_HOST: variable('a host name or address', parseHostName, ({ metrics }, value) => {
    metrics.host = value;
  }),
  NYLAS_OTEL_METRICS_PATH: variable('a path that begins with "/"', parsePath, ({ metrics }, value) => {
    metrics.path = value;
  }),
  NYLAS_OTEL_HURTING_PATH: variable('a path that begins with "/"', parsePath, ({ metrics }, value) => {
    metrics.hurting = value;
  }),
  NYLAS_OTEL_METRICS_TIMEOUT: variable('milliseconds, from 1', parseMillis, ({ metrics }, value) => {
    metrics.timeoutMillis = value;
  }),
  NYLAS_OTEL_METRICS_TOKEN: secret('a token without spaces', (text) =>
    /^\S+$/.test(text) ? { bearer: text } : undefined,
  ),
  NYLAS_OTEL_METRICS_BASIC_AUTH: secret('"user:password"', (text) => {
    const colon = text.indexOf(':');
    return colon < 1 || colon === text.length - 1
      ? undefined
      : { username: text.slice(0, colon), password: text.slice(colon + 1) };
  }),
  NYLAS_OTEL_WATCH_ACCOUNTS: flag((settings, value) => {
    settings.watchAccounts = value;
  }),
  NYLAS_OTEL_REGION: choice(['us', 'eu', 'ca'], ({ accounts }, value: 'us' | 'eu' | 'ca') => {
    accounts.region = value;
  }),
  NYLAS_OTEL_API_URL: variable(
    'the http(s) address of a proxy or simulator',
    parseAddress,
    ({ accounts }, value) => {
      accounts.baseUrl = value;
    },
  ),
  NYLAS_OTEL_APPLICATION: variable(
    'up to 64 letters, digits, ".", "_" or "-"',
    (text) => (/^[\w.-]{1,64}$/.test(text) ? text : undefined),
    ({ accounts }, value) => {
      accounts.application = value;
    },
  ),
};

/** Variables that other packages of ours read themselves: the account hash, and the command `nylas-otel`. */
const READ_ELSEWHERE: readonly string[] = [
  'NYLAS_OTEL_HASH_KEY',
  'NYLAS_OTEL_CONFIG',
  'NYLAS_OTEL_STATUS_URL',
  'NYLAS_OTEL_ACCESS_TOKENS_FILE',
  'NYLAS_OTEL_SWEEP_INTERVAL',
  'NYLAS_OTEL_INVALID_INTERVAL',
  'NYLAS_OTEL_REQUESTS_PER_SECOND',
  'NYLAS_OTEL_DESTINATION_INTERVAL',
  'NYLAS_OTEL_PLATFORM_INTERVAL',
  'NYLAS_OTEL_ACCOUNT_SERIES',
  'NYLAS_OTEL_DATA_DIR',
  'NYLAS_OTEL_SOCKET',
  'NYLAS_OTEL_WEBHOOKS',
  'NYLAS_OTEL_WEBHOOKS_HOST',
  'NYLAS_OTEL_WEBHOOKS_PORT',
  'NYLAS_OTEL_WEBHOOKS_PATH',
  'NYLAS_OTEL_WEBHOOKS_PUBLIC_URL',
  'NYLAS_OTEL_REPAIR',
  'NYLAS_OTEL_REAUTH_REDIRECT_URI',
  'NYLAS_OTEL_REAUTH_NOTIFY_URL',
  'NYLAS_OTEL_REAUTH_NOTIFY_TOKEN',
  'NYLAS_OTEL_REAUTH_NOTIFY_TOKEN_FILE',
  'NYLAS_OTEL_ADMIN_HOST',
  'NYLAS_OTEL_ADMIN_PORT',
  'NYLAS_OTEL_ADMIN_TOKEN',
  'NYLAS_OTEL_ADMIN_TOKEN_FILE',
  'NYLAS_OTEL_LOG_FORMAT',
  'NYLAS_OTEL_ERROR_LOG',
  'NYLAS_OTEL_APP_URL',
  'NYLAS_OTEL_APP_TOKEN',
  'NYLAS_OTEL_APP_TOKEN_FILE',
  'NYLAS_OTEL_SERIES_BUDGET',
];

/** Every name that begins with `NYLAS_OTEL_` and means something. */
export function knownVariables(): string[] {
  return [
    ...Object.entries(VARIABLES).flatMap(([name, { file }]) => (file ? [name, `${name}_FILE`] : [name])),
    ...READ_ELSEWHERE,
  ];
}

/** A credential for scrapes. One that was meant but cannot be used closes the endpoint, it does not open it. */
function secret(expects: string, parse: (text: string) => ScrapeAuth | undefined): Variable {
  return {
    expects,
    file: true,
    otherwise: 'Every scrape is refused until it is mended',
    apply(text, { metrics }) {
      const auth = parse(text);
      metrics.auth ??= auth ?? { bearer: randomUUID() };
      return auth !== undefined;
    },
  };
}

/**
 * Reads the `NYLAS_OTEL_*` variables. Never throws: what cannot be used is left at its default, with a warning that names
 * the variable, what it holds (never its value) and what to write.
 */
export function readEnvironment(env: NodeJS.ProcessEnv): EnvironmentReading {
  const settings: EnvironmentSettings = { accounts: {}, nylas: {}, metrics: {} };
  const warnings: string[] = [];
  for (const [name, definition] of Object.entries(VARIABLES)) {
    const text = env[name]?.trim();
    if (text) accept(name, text, definition, settings, warnings);
    const path = definition.file ? env[`${name}_FILE`]?.trim() : undefined;
    if (path) acceptFile(name, path, definition, settings, warnings);
  }
  warnings.push(...unknownVariables(env));
  return { settings, warnings };
}

let reading: EnvironmentReading | undefined;

/** The settings of this process's environment, read once. */
export function environment(): EnvironmentSettings {
  reading ??= readEnvironment(process.env);
  return reading.settings;
}

/** The warnings of this process's environment, read once. */
export function environmentWarnings(): readonly string[] {
  reading ??= readEnvironment(process.env);
  return reading.warnings;
}

function accept(
  name: string,
  text: string,
  definition: Variable,
  settings: EnvironmentSettings,
  warnings: string[],
): void {
  if (definition.apply(text, settings)) return;
  const otherwise = definition.otherwise ?? 'It is ignored and the default is used';
  warnings.push(
    `${name} holds ${textInWords(text)} that cannot be used. ${otherwise}. Give ${definition.expects}.`,
  );
}

function acceptFile(
  name: string,
  path: string,
  definition: Variable,
  settings: EnvironmentSettings,
  warnings: string[],
): void {
  let text = '';
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    warnings.push(
      `${name}_FILE names a file that cannot be read (${code}). ${definition.otherwise}. Give the path of a readable file that holds ${definition.expects}.`,
    );
    definition.apply('', settings);
    return;
  }
  accept(`${name}_FILE`, text, definition, settings, warnings);
}

function unknownVariables(env: NodeJS.ProcessEnv): string[] {
  const known = knownVariables();
  return Object.keys(env)
    .filter((name) => name.startsWith('NYLAS_OTEL_') && !known.includes(name))
    .map(
      (name) =>
        `${name} is not a variable of nylas-otel and is ignored.${didYouMean(name, known)} See the README of @nylas-otel/node for all of them.`,
    );
}

function parseBoolean(text: string): boolean | undefined {
  switch (text.toLowerCase()) {
    case 'true':
    case '1':
    case 'yes':
    case 'on':
      return true;
    case 'false':
    case '0':
    case 'no':
    case 'off':
      return false;
    default:
      return undefined;
  }
}

function parsePort(text: string): number | false | undefined {
  if (/^(off|false|none)$/i.test(text)) return false;
  const port = Number(text);
  return /^\d+$/.test(text) && port <= 65_535 ? port : undefined;
}

function parseMillis(text: string): number | undefined {
  const millis = Number(text);
  return /^\d+$/.test(text) && millis >= 1 && millis <= 3_600_000 ? millis : undefined;
}

function parseHostName(text: string): string | undefined {
  return /^[A-Za-z0-9._:-]+$/.test(text) ? text : undefined;
}

function parsePath(text: string): string | undefined {
  return /^\/[^?#\s]*$/.test(text) ? text : undefined;
}

function parseAddress(text: string): string | undefined {
  const url = URL.parse(text);
  const usable = url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.search === '';
  return usable ? text : undefined;
}

/** `host[:port][=version[/region]]`, separated by commas. */
function parseHosts(text: string): NylasHostConfig[] | undefined {
  const hosts: NylasHostConfig[] = [];
  for (const item of text.split(',')) {
    const match = /^\s*([^\s=/@]+)(?:=(v2|v3|both)(?:\/(us|eu|ca|other))?)?\s*$/.exec(item);
    if (match === null) return undefined;
    const [, host, version, region] = match as unknown as [
      string,
      string,
      NylasHostConfig['version'],
      NylasHostConfig['region'],
    ];
    hosts.push({
      host,
      ...(version === undefined ? {} : { version }),
      ...(region === undefined ? {} : { region }),
    });
  }
  return hosts;
}

/** What kind of text a value is, never the value itself: it may be a secret. */
function textInWords(text: string): string {
  if (text === '') return 'an empty text';
  if (/^-?\d+$/.test(text)) return 'a whole number';
  if (/^-?\d*\.\d+$/.test(text)) return 'a decimal number';
  if (parseBoolean(text) !== undefined) return 'a boolean';
  return 'a text';
}
