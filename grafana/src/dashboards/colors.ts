import type {
  AccountState,
  Outcome,
  PlatformStatus,
  WebhookOutcome,
  WebhookStatus,
} from '@nylas-otel/semantic-conventions';
import type { Thresholds, ValueText } from './panel-spec.ts';

// The same thing has the same colour on every board: green is well, red is ours to act on, blue and grey are not.

export const OUTCOME_COLORS: Readonly<Record<Outcome, string>> = {
  success: 'green',
  client_error: 'blue',
  invalid_credentials: 'purple',
  rate_limited: 'orange',
  provider_limited: 'yellow',
  server_error: 'red',
  provider_error: 'dark-red',
  timeout: 'dark-orange',
  network_error: 'semi-dark-red',
  cancelled: 'text',
};

export const STATE_COLORS: Readonly<Record<AccountState, string>> = {
  running: 'green',
  partial: 'yellow',
  stopped: 'orange',
  invalid: 'purple',
  sync_error: 'red',
  initializing: 'blue',
  exception: 'dark-red',
  deleted: 'text',
  unknown: 'super-light-blue',
};

export const DELIVERY_COLORS: Readonly<Record<WebhookOutcome, string>> = {
  stored: 'green',
  duplicate: 'light-green',
  challenge: 'blue',
  invalid_signature: 'red',
  unreadable: 'purple',
  too_large: 'dark-purple',
  overloaded: 'orange',
  failed: 'dark-red',
};

const STATUS_COLORS: Readonly<Record<PlatformStatus, string>> = {
  operational: 'green',
  under_maintenance: 'blue',
  degraded_performance: 'yellow',
  partial_outage: 'orange',
  major_outage: 'red',
  unknown: 'text',
};

const DESTINATION_COLORS: Readonly<Record<WebhookStatus, string>> = {
  active: 'green',
  pause: 'blue',
  failing: 'orange',
  failed: 'red',
};

export const STATUS_TEXTS: readonly ValueText[] = texts(STATUS_COLORS);
export const DESTINATION_TEXTS: readonly ValueText[] = texts(DESTINATION_COLORS);

/** Larger is worse. */
export function upTo(warning: number, critical: number): Thresholds {
  return [
    [null, 'green'],
    [warning, 'orange'],
    [critical, 'red'],
  ];
}

/** Smaller is worse. */
export function downTo(warning: number, critical: number): Thresholds {
  return [
    [null, 'red'],
    [critical, 'orange'],
    [warning, 'green'],
  ];
}

export const PLAIN: Thresholds = [[null, 'text']];

function texts(colors: Readonly<Record<string, string>>): ValueText[] {
  return Object.entries(colors).map(([text, color], value) => ({ value, text, color }));
}
