import type { OptionKey, Settings } from './settings.ts';
import {
  choice,
  flag,
  httpUrl,
  integer,
  type Kind,
  list,
  perSecond,
  portOrOff,
  seconds,
  text,
} from './value-kinds.ts';

/** One option: where it may be given, what it may be, and what it does. */
export interface OptionDefinition<T = unknown> {
  readonly kind: Kind<NonNullable<T>>;
  /** Variable of the environment. A secret also as `NAME_FILE`. */
  readonly variable: string;
  /** Name of the flag, without dashes. Left out for a secret: of those only `--…-file` exists. */
  readonly flag: string;
  /**
   * Never a flag of its own, because every user of the machine sees command lines; never printed. Given as a variable, as
   * a file (`NAME_FILE`, `--…-file`, `…_file`) or in a file that only its owner reads.
   */
  readonly secret?: true;
  readonly standard?: T;
  readonly description: string;
}

const DAY = 86_400;
const host = text('a host name or address', 'host', /^[A-Za-z0-9._:-]+$/);
const urlPath = text('a path that begins with "/"', 'path', /^\/[^?#\s]*$/);
const file = text('a path', 'file');
const secret = text(
  'one line without white space around it',
  'secret',
  /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/,
);

/** Every option. Flags, variables, the file, its JSON schema and the README are made from this table. */
export const OPTIONS: { readonly [K in OptionKey]: OptionDefinition<Settings[K]> } = {
  'nylas.api_key': {
    kind: secret,
    secret: true,
    variable: 'NYLAS_API_KEY',
    flag: 'api-key',
    description: 'API key of the Nylas application (API v3).',
  },
  'nylas.client_id': {
    kind: text('the client id of the application', 'id', /^[\w-]+$/),
    variable: 'NYLAS_CLIENT_ID',
    flag: 'client-id',
    description: 'Client id: with the client secret for API v2; for re-authentication links on v3.',
  },
  'nylas.client_secret': {
    kind: secret,
    secret: true,
    variable: 'NYLAS_CLIENT_SECRET',
    flag: 'client-secret',
    description: 'Client secret of the application (API v2).',
  },
  'nylas.access_tokens_file': {
    kind: file,
    variable: 'NYLAS_OTEL_ACCESS_TOKENS_FILE',
    flag: 'access-tokens-file',
    description:
      'JSON file of account ids and access tokens (API v2), for recover and repair; read at each use.',
  },
  'nylas.region': {
    kind: choice('us', 'eu', 'ca'),
    variable: 'NYLAS_OTEL_REGION',
    flag: 'region',
    standard: 'us',
    description: "Where Nylas keeps the application's data.",
  },
  'nylas.api_url': {
    kind: httpUrl,
    variable: 'NYLAS_OTEL_API_URL',
    flag: 'api-url',
    description: 'A proxy or simulator instead of a region.',
  },
  'nylas.application': {
    kind: text('up to 64 letters, digits, ".", "_" or "-"', 'name', /^[\w.-]{1,64}$/),
    variable: 'NYLAS_OTEL_APPLICATION',
    flag: 'application',
    standard: 'default',
    description: 'Alias of the application (`nylas.application` in metrics).',
  },
  'nylas.status_url': {
    kind: httpUrl,
    variable: 'NYLAS_OTEL_STATUS_URL',
    flag: 'status-url',
    standard: 'https://status-v3.nylas.com',
    description: "Nylas's status page.",
  },
  'poll.sweep_interval': {
    kind: seconds(10, 7 * DAY),
    variable: 'NYLAS_OTEL_SWEEP_INTERVAL',
    flag: 'sweep-interval',
    description: 'Seconds between sweeps over all accounts. Default 3600 for v3, 300 for v2.',
  },
  'poll.invalid_interval': {
    kind: seconds(5, DAY),
    variable: 'NYLAS_OTEL_INVALID_INTERVAL',
    flag: 'invalid-interval',
    standard: 60,
    description: 'Seconds between polls for invalid grants (v3).',
  },
  'poll.requests_per_second': {
    kind: perSecond(0.01, 50),
    variable: 'NYLAS_OTEL_REQUESTS_PER_SECOND',
    flag: 'requests-per-second',
    standard: 5,
    description: 'Highest rate of our own requests to Nylas.',
  },
  'poll.destination_interval': {
    kind: seconds(10, DAY),
    variable: 'NYLAS_OTEL_DESTINATION_INTERVAL',
    flag: 'destination-interval',
    standard: 60,
    description: 'Seconds between polls of the webhook destinations.',
  },
  'poll.platform_interval': {
    kind: seconds(10, DAY),
    variable: 'NYLAS_OTEL_PLATFORM_INTERVAL',
    flag: 'platform-interval',
    standard: 60,
    description: "Seconds between polls of Nylas's status page.",
  },
  'metrics.host': {
    kind: host,
    variable: 'NYLAS_OTEL_METRICS_HOST',
    flag: 'host',
    standard: 'localhost',
    description: 'Where /metrics listens; in a container 0.0.0.0 or ::.',
  },
  'metrics.port': {
    kind: portOrOff,
    variable: 'NYLAS_OTEL_METRICS_PORT',
    flag: 'port',
    standard: 9_465,
    description: 'Port of /metrics, /-/healthy and /-/ready.',
  },
  'metrics.path': {
    kind: urlPath,
    variable: 'NYLAS_OTEL_METRICS_PATH',
    flag: 'metrics-path',
    standard: '/metrics',
    description: 'Path of the metrics.',
  },
  'metrics.token': {
    kind: secret,
    secret: true,
    variable: 'NYLAS_OTEL_METRICS_TOKEN',
    flag: 'metrics-token',
    description: 'Bearer token that a scrape must present.',
  },
  'metrics.basic_auth': {
    kind: text('a user name and a password as user:password', 'user:password', /^[^:\p{Cc}]+:[^\p{Cc}]+$/u),
    secret: true,
    variable: 'NYLAS_OTEL_METRICS_BASIC_AUTH',
    flag: 'metrics-basic-auth',
    description: 'user:password that a scrape must present.',
  },
  'metrics.account_series': {
    kind: integer(0, 500),
    variable: 'NYLAS_OTEL_ACCOUNT_SERIES',
    flag: 'account-series',
    standard: 0,
    description: 'Series per account for the accounts longest unhealthy.',
  },
  'metrics.series_budget': {
    kind: integer(100, 1_000_000),
    variable: 'NYLAS_OTEL_SERIES_BUDGET',
    flag: 'series-budget',
    standard: 10_000,
    description: 'Most series that `doctor` finds right in one scrape.',
  },
  'metrics.capture_account_id': {
    kind: choice('id', 'hash', 'none'),
    variable: 'NYLAS_OTEL_CAPTURE_ACCOUNT_ID',
    flag: 'capture-account-id',
    standard: 'id',
    description: 'How account ids appear in log events and series; addresses are always hashed.',
  },
  'store.database_url': {
    kind: text('a postgres:// address', 'url', /^postgres(?:ql)?:\/\/\S+$/),
    secret: true,
    variable: 'DATABASE_URL',
    flag: 'database-url',
    description: 'PostgreSQL for durable state. Without, PGlite in the data folder.',
  },
  'store.data_dir': {
    kind: text('a path, or memory', 'folder|memory'),
    variable: 'NYLAS_OTEL_DATA_DIR',
    flag: 'data-dir',
    description:
      'Folder of the embedded PGlite, or "memory". Default $XDG_STATE_HOME/nylas-otel, in ~/.local/state.',
  },
  'store.socket': {
    kind: text('a path, or off', 'file|off'),
    variable: 'NYLAS_OTEL_SOCKET',
    flag: 'socket',
    description:
      'Unix socket for commands beside a running exporter, or "off". Default nylas-otel.sock in the data folder, else in $XDG_RUNTIME_DIR or the temporary folder.',
  },
  'webhooks.enabled': {
    kind: flag,
    variable: 'NYLAS_OTEL_WEBHOOKS',
    flag: 'webhooks',
    standard: false,
    description: 'Receive webhooks.',
  },
  'webhooks.host': {
    kind: host,
    variable: 'NYLAS_OTEL_WEBHOOKS_HOST',
    flag: 'webhooks-host',
    standard: 'localhost',
    description: 'Where webhooks are received.',
  },
  'webhooks.port': {
    kind: portOrOff,
    variable: 'NYLAS_OTEL_WEBHOOKS_PORT',
    flag: 'webhooks-port',
    standard: 9_466,
    description: 'Port of the webhook receiver.',
  },
  'webhooks.path': {
    kind: urlPath,
    variable: 'NYLAS_OTEL_WEBHOOKS_PATH',
    flag: 'webhooks-path',
    standard: '/webhooks/nylas',
    description: 'Path of the webhook receiver.',
  },
  'webhooks.secret': {
    kind: list(
      'the webhook_secret of the destination; several, separated by commas, while rotating',
      'secret',
    ),
    secret: true,
    variable: 'NYLAS_WEBHOOK_SECRET',
    flag: 'webhook-secret',
    description: 'What deliveries are signed with; several, separated by commas, while rotating.',
  },
  'webhooks.public_url': {
    kind: httpUrl,
    variable: 'NYLAS_OTEL_WEBHOOKS_PUBLIC_URL',
    flag: 'public-url',
    description: 'The address that Nylas delivers to, for `doctor` and `webhooks send-test`.',
  },
  'repair.mode': {
    kind: choice('dry-run', 'on'),
    variable: 'NYLAS_OTEL_REPAIR',
    flag: 'repair',
    standard: 'dry-run',
    description: 'Repair accounts, or only write to the journal what would be done.',
  },
  'repair.reauth_redirect_uri': {
    kind: httpUrl,
    variable: 'NYLAS_OTEL_REAUTH_REDIRECT_URI',
    flag: 'reauth-redirect-uri',
    description: 'Callback address of your application for re-authentication links.',
  },
  'repair.notify_url': {
    kind: httpUrl,
    variable: 'NYLAS_OTEL_REAUTH_NOTIFY_URL',
    flag: 'reauth-notify-url',
    description:
      'Where to POST a request to ask a user for re-authentication: JSON with account, reason, link.',
  },
  'repair.notify_token': {
    kind: secret,
    secret: true,
    variable: 'NYLAS_OTEL_REAUTH_NOTIFY_TOKEN',
    flag: 'reauth-notify-token',
    description: 'Bearer token sent with it.',
  },
  'admin.host': {
    kind: host,
    variable: 'NYLAS_OTEL_ADMIN_HOST',
    flag: 'admin-host',
    standard: 'localhost',
    description: 'Where commands that change state are taken over the network.',
  },
  'admin.port': {
    kind: portOrOff,
    variable: 'NYLAS_OTEL_ADMIN_PORT',
    flag: 'admin-port',
    standard: false,
    description: 'Its port. Needs a token.',
  },
  'admin.token': {
    kind: secret,
    secret: true,
    variable: 'NYLAS_OTEL_ADMIN_TOKEN',
    flag: 'admin-token',
    description: 'Bearer token of the admin listener.',
  },
  'log.level': {
    kind: choice('none', 'error', 'warn', 'info', 'debug'),
    variable: 'NYLAS_OTEL_LOG_LEVEL',
    flag: 'log-level',
    standard: 'info',
    description: 'What the exporter logs, on standard error.',
  },
  'log.format': {
    kind: choice('text', 'json'),
    variable: 'NYLAS_OTEL_LOG_FORMAT',
    flag: 'log-format',
    standard: 'text',
    description: 'How it logs.',
  },
  'log.error_log': {
    kind: file,
    variable: 'NYLAS_OTEL_ERROR_LOG',
    flag: 'error-log',
    description: 'JSON-lines log of failed requests, written by your services, for support bundles.',
  },
  'app.url': {
    kind: httpUrl,
    variable: 'NYLAS_OTEL_APP_URL',
    flag: 'app-url',
    description: "Address of the accounts-in-trouble JSON of your service's middleware, for `status`.",
  },
  'app.token': {
    kind: secret,
    secret: true,
    variable: 'NYLAS_OTEL_APP_TOKEN',
    flag: 'app-token',
    description: 'Bearer token for it.',
  },
  'prometheus.url': {
    kind: httpUrl,
    variable: 'PROMETHEUS_URL',
    flag: 'prometheus-url',
    description: 'Prometheus that `doctor` asks for our series.',
  },
  'prometheus.token': {
    kind: secret,
    secret: true,
    variable: 'PROMETHEUS_TOKEN',
    flag: 'prometheus-token',
    description: 'Bearer token for it.',
  },
  'grafana.url': {
    kind: httpUrl,
    variable: 'GRAFANA_URL',
    flag: 'grafana-url',
    description: 'Grafana that `dashboards install` writes to.',
  },
  'grafana.token': {
    kind: secret,
    secret: true,
    variable: 'GRAFANA_TOKEN',
    flag: 'grafana-token',
    description: 'Token of a service account of Grafana.',
  },
};

/** The options in the order of the table. */
export const OPTION_KEYS: readonly OptionKey[] = Object.keys(OPTIONS) as OptionKey[];
