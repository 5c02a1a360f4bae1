import {
  ATTR_NYLAS_APPLICATION,
  ATTR_NYLAS_WEBHOOK_BACKLOG_STATE,
  ATTR_NYLAS_WEBHOOK_OUTCOME,
  METRIC_NYLAS_WEBHOOK_BACKLOG as BACKLOG,
  METRIC_NYLAS_WEBHOOK_DELIVERIES as DELIVERIES,
  METRIC_NYLAS_WEBHOOK_EVENT_LAG as LAG,
  METRIC_NYLAS_WEBHOOK_REDELIVERIES as REDELIVERIES,
} from '@nylas-otel/semantic-conventions';
import type { RulesConfig } from '../config.ts';
import { duration } from '../promql/duration.ts';
import { counted, shared } from '../promql/expressions.ts';
import { among, is, isNot, label, type SeriesWriter } from '../promql/series.ts';
import type { AlertRule, RuleGroup } from './rule.ts';

const APPLICATION = label(ATTR_NYLAS_APPLICATION);

export function webhooksGroup(config: RulesConfig, series: SeriesWriter): RuleGroup {
  const { signature, unreadable, redeliveries } = config.webhooks;
  const rejected = (outcomes: readonly string[], window: number): string =>
    counted(series, {
      metric: DELIVERIES,
      matchers: [among(ATTR_NYLAS_WEBHOOK_OUTCOME, outcomes)],
      by: ['job'],
      window,
    });
  return {
    name: 'nylas-webhooks',
    component: 'webhooks',
    interval: config.interval,
    recording: [],
    alerts: [
      silence(config, series),
      lag(config, series),
      {
        alert: 'NylasWebhookSignatureFailures',
        expr: `${rejected(['invalid_signature'], signature.window)} > ${signature.count}`,
        for: 0,
        severity: 'warning',
        summary: 'Webhook deliveries have a wrong signature: a wrong secret, a changed body, or a stranger.',
        description: `{{ $labels.job }} refused {{ $value | humanize }} deliveries within ${duration(signature.window)}.`,
        panel: ['nylas-webhooks', 13],
      },
      {
        alert: 'NylasWebhookUnreadable',
        expr: `${rejected(['unreadable', 'too_large'], unreadable.window)} > ${unreadable.count}`,
        for: 0,
        severity: 'warning',
        summary: 'Webhook deliveries could not be read, or were too large, and are not handled.',
        description: `{{ $labels.job }} could not take {{ $value | humanize }} deliveries within ${duration(unreadable.window)}.`,
        panel: ['nylas-webhooks', 13],
      },
      refused(config, series),
      {
        alert: 'NylasWebhookRedeliveries',
        expr: `${counted(series, { metric: REDELIVERIES, by: ['job'], window: redeliveries.window })} > ${redeliveries.count}`,
        for: 0,
        severity: 'warning',
        summary: 'Nylas had to send webhooks again: our first answer never reached it.',
        description: `{{ $labels.job }} first saw {{ $value | humanize }} events at a later attempt within ${duration(redeliveries.window)}.`,
        panel: ['nylas-webhooks', 14],
      },
      ...handling(config, series),
    ],
  };
}

// Nights and weekends are quiet by themselves: yesterday and last week at this time say what is usual.
function silence({ webhooks: { silence: c } }: RulesConfig, series: SeriesWriter): AlertRule {
  const deliveries = (offset: string): string =>
    `sum by (job) (increase(${series.of(DELIVERIES, isNot(ATTR_NYLAS_WEBHOOK_OUTCOME, 'challenge'))}[${duration(c.window)}]${offset}))`;
  return {
    alert: 'NylasWebhookSilence',
    expr: `(
  ${deliveries('')} == 0
  and on (job)
  ${deliveries(` offset ${duration(c.day)}`)} > ${c.count}
)
unless on (job)
${deliveries(` offset ${duration(c.week)}`)} <= ${c.count}`,
    for: c.for,
    severity: 'critical',
    summary: 'No webhooks arrive although they usually do at this time.',
    description: `{{ $labels.job }} received no delivery for ${duration(c.window)}; yesterday at this time it did.`,
    panel: ['nylas-webhooks', 10],
  };
}

function lag({ webhooks: { lag: c } }: RulesConfig, series: SeriesWriter): AlertRule {
  const window = duration(c.window);
  return {
    alert: 'NylasWebhookLagHigh',
    expr: `histogram_quantile(${c.quantile}, sum by (job, le) (rate(${series.part(LAG, 'bucket')}[${window}]))) > ${c.limit}
and on (job)
sum by (job) (increase(${series.part(LAG, 'count')}[${window}])) > ${c.count}`,
    for: c.for,
    severity: 'warning',
    summary: 'Webhooks arrive late.',
    description: `One event in ${Math.round(1 / (1 - c.quantile))} reaches {{ $labels.job }} {{ $value | humanizeDuration }} or more after it happened.`,
    panel: ['nylas-webhooks', 11],
  };
}

function refused({ webhooks: { refused: c } }: RulesConfig, series: SeriesWriter): AlertRule {
  const window = duration(c.window);
  const refusals = series.of(DELIVERIES, among(ATTR_NYLAS_WEBHOOK_OUTCOME, ['overloaded', 'failed']));
  return {
    alert: 'NylasWebhookRefused',
    expr: `sum by (job) (rate(${refusals}[${window}])) / sum by (job) (rate(${series.of(DELIVERIES)}[${window}])) > ${c.ratio}
and on (job)
sum by (job) (increase(${refusals}[${window}])) > ${c.count}`,
    for: c.for,
    severity: 'critical',
    summary: 'Our receiver refuses webhooks: its store is down or it is overloaded.',
    description: '{{ $labels.job }} answered {{ $value | humanizePercentage }} of the deliveries with 503.',
    panel: ['nylas-webhooks', 13],
  };
}

function handling({ webhooks }: RulesConfig, series: SeriesWriter): AlertRule[] {
  const { backlog, deadLetters } = webhooks;
  const queued = series.of(BACKLOG, is(ATTR_NYLAS_WEBHOOK_BACKLOG_STATE, 'queued'));
  const dead = series.of(BACKLOG, is(ATTR_NYLAS_WEBHOOK_BACKLOG_STATE, 'dead'));
  return [
    {
      alert: 'NylasWebhookBacklogGrowing',
      expr: `${shared(queued, [APPLICATION])} > ${backlog.count}
and on (${APPLICATION})
${shared(queued, [APPLICATION])} > ${shared(`${queued} offset ${duration(backlog.window)}`, [APPLICATION])}`,
      for: backlog.for,
      severity: 'warning',
      summary: 'Webhooks arrive faster than they are handled.',
      description:
        'Application {{ $labels.nylas_application }} has {{ $value | humanize }} accepted events waiting, and more of them all the time.',
      panel: ['nylas-webhooks', 15],
    },
    {
      alert: 'NylasWebhookDeadLetters',
      expr: `${shared(dead, [APPLICATION])} > ${deadLetters.count}`,
      for: deadLetters.for,
      severity: 'warning',
      summary: 'Handlers of webhooks failed for good; the events wait as dead letters.',
      description: 'Application {{ $labels.nylas_application }} has {{ $value | humanize }} dead letters.',
      panel: ['nylas-webhooks', 16],
    },
  ];
}
