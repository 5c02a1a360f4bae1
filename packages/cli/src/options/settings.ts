/** Every option by its key in the file; what was left out and has no default is undefined. */
export interface Settings {
  'nylas.api_key': string | undefined;
  'nylas.client_id': string | undefined;
  'nylas.client_secret': string | undefined;
  'nylas.access_tokens_file': string | undefined;
  'nylas.region': 'us' | 'eu' | 'ca';
  'nylas.api_url': string | undefined;
  'nylas.application': string;
  'nylas.status_url': string;
  'poll.sweep_interval': number | undefined;
  'poll.invalid_interval': number;
  'poll.requests_per_second': number;
  'poll.destination_interval': number;
  'poll.platform_interval': number;
  'metrics.host': string;
  'metrics.port': number | false;
  'metrics.path': string;
  'metrics.token': string | undefined;
  'metrics.basic_auth': string | undefined;
  'metrics.account_series': number;
  'metrics.series_budget': number;
  'metrics.capture_account_id': 'id' | 'hash' | 'none';
  'store.database_url': string | undefined;
  'store.data_dir': string | undefined;
  'store.socket': string | undefined;
  'webhooks.enabled': boolean;
  'webhooks.host': string;
  'webhooks.port': number | false;
  'webhooks.path': string;
  'webhooks.secret': readonly string[] | undefined;
  'webhooks.public_url': string | undefined;
  'repair.mode': 'dry-run' | 'on';
  'repair.reauth_redirect_uri': string | undefined;
  'repair.notify_url': string | undefined;
  'repair.notify_token': string | undefined;
  'admin.host': string;
  'admin.port': number | false;
  'admin.token': string | undefined;
  'log.level': 'none' | 'error' | 'warn' | 'info' | 'debug';
  'log.format': 'text' | 'json';
  'log.error_log': string | undefined;
  'app.url': string | undefined;
  'app.token': string | undefined;
  'prometheus.url': string | undefined;
  'prometheus.token': string | undefined;
  'grafana.url': string | undefined;
  'grafana.token': string | undefined;
}

/** The key of an option. */
export type OptionKey = keyof Settings;
