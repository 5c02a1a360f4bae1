import {
  ATTR_NYLAS_ACCOUNT_STATE,
  ATTR_NYLAS_API_VERSION,
  ATTR_NYLAS_APPLICATION,
  ATTR_NYLAS_OUTCOME,
  ATTR_NYLAS_RESOURCE,
  ATTR_NYLAS_WEBHOOK_DESTINATION,
  ATTR_NYLAS_WEBHOOK_STATUS,
  METRIC_NYLAS_WEBHOOK_DESTINATION_STATUS as DESTINATION,
  METRIC_NYLAS_WEBHOOK_GAP_AGE as GAP_AGE,
  METRIC_NYLAS_WEBHOOK_RECOVERIES as RECOVERIES,
  METRIC_NYLAS_ACCOUNT_UNHEALTHY_AGE as UNHEALTHY_AGE,
  METRIC_NYLAS_WEBHOOK_UNRECOVERABLE as UNRECOVERABLE,
} from '@nylas-otel/semantic-conventions';
import type { RulesConfig } from '../config.ts';
import { duration } from '../promql/duration.ts';
import { counted, shared } from '../promql/expressions.ts';
import { is, label, noneOf, type SeriesWriter } from '../promql/series.ts';
import { speaks } from './accounts.ts';
import type { AlertRule, RuleGroup } from './rule.ts';

const APPLICATION = label(ATTR_NYLAS_APPLICATION);
const VERSION = label(ATTR_NYLAS_API_VERSION);
const RESOURCE = label(ATTR_NYLAS_RESOURCE);

/** What Nylas could not deliver, and what becomes of it. */
export function missedWebhooksGroup(config: RulesConfig, series: SeriesWriter): RuleGroup {
  const { recovery, unrecoverable } = config.webhooks;
  const runs = (matcher: string): string =>
    counted(series, { metric: RECOVERIES, matchers: [matcher], by: ['job'], window: recovery.window });
  return {
    name: 'nylas-missed-webhooks',
    component: 'webhooks',
    interval: config.interval,
    recording: [],
    alerts: [
      destination(series, {
        alert: 'NylasWebhookDestinationFailing',
        status: 'failing',
        severity: 'warning',
        summary: 'Nylas cannot deliver webhooks to us and will stop to try within 72 hours.',
      }),
      destination(series, {
        alert: 'NylasWebhookDestinationFailed',
        status: 'failed',
        severity: 'critical',
        summary: 'Nylas stopped to deliver webhooks to us; it does not start again by itself.',
      }),
      windowClosing(config, series),
      {
        alert: 'NylasWebhookRecoveryFailing',
        expr: `${runs(noneOf(ATTR_NYLAS_OUTCOME, ['success', 'cancelled']))} > 0
unless on (job)
${runs(is(ATTR_NYLAS_OUTCOME, 'success'))} > 0`,
        for: 0,
        severity: 'warning',
        summary: 'Missed webhooks cannot be recovered: the runs that read them again fail.',
        description: `{{ $value | humanize }} recovery runs of {{ $labels.job }} failed within ${duration(recovery.window)}, and none succeeded.`,
        panel: ['nylas-webhooks', 20],
      },
      {
        alert: 'NylasWebhookUnrecoverable',
        expr: `${counted(series, { metric: UNRECOVERABLE, by: ['job', RESOURCE], window: unrecoverable.window })} > 0`,
        for: 0,
        severity: 'warning',
        summary: 'Some missed webhooks cannot be recovered: the changes they told of are lost.',
        description:
          '{{ $value | humanize }} changes of {{ $labels.nylas_resource }} missed by {{ $labels.job }} cannot be read again.',
        panel: ['nylas-webhooks', 19],
      },
    ],
  };
}

interface Destination extends Pick<AlertRule, 'alert' | 'severity' | 'summary'> {
  readonly status: string;
}

function destination(series: SeriesWriter, { status, ...alert }: Destination): AlertRule {
  const by = [APPLICATION, label(ATTR_NYLAS_WEBHOOK_DESTINATION)];
  return {
    ...alert,
    expr: `${shared(series.of(DESTINATION, is(ATTR_NYLAS_WEBHOOK_STATUS, status)), by)} == 1`,
    for: 0,
    description: `Destination {{ $labels.nylas_webhook_destination }} of application {{ $labels.nylas_application }} is ${status}.`,
    panel: ['nylas-webhooks', 17],
  };
}

// Two clocks: gaps that we know of, and v3 grants, whose notifications Nylas keeps 72 h and replays after re-authentication.
function windowClosing({ webhooks: { gap: c } }: RulesConfig, series: SeriesWriter): AlertRule {
  const gap = (version: string, age: number): string =>
    `${shared(series.of(GAP_AGE, is(ATTR_NYLAS_API_VERSION, version)), [APPLICATION, VERSION])} > ${age}`;
  const invalid = shared(series.of(UNHEALTHY_AGE, is(ATTR_NYLAS_ACCOUNT_STATE, 'invalid')), [APPLICATION]);
  return {
    alert: 'NylasWebhookWindowClosing',
    expr: `max by (${APPLICATION}) (
  ${gap('v2', c.v2)}
  or
  ${gap('v3', c.v3)}
)
or
(
  (${invalid} > ${c.v3Grants.from}) < ${c.v3Grants.gone}
  and on (${APPLICATION})
  ${speaks(series, 'v3')}
)`,
    for: c.for,
    severity: 'critical',
    summary:
      'Missed webhooks are about to be lost for good: the window in which they can be recovered closes.',
    description:
      'The oldest gap in the webhooks of application {{ $labels.nylas_application }} began {{ $value | humanizeDuration }} ago.',
    panel: ['nylas-webhooks', 21],
  };
}
