import {
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_NYLAS_OUTCOME,
  ATTR_NYLAS_RATE_LIMIT_SOURCE,
  ATTR_URL_TEMPLATE,
  METRIC_NYLAS_CLIENT_RETRY_BUDGET as BUDGET,
  METRIC_NYLAS_CLIENT_REQUEST_DURATION as DURATION,
  METRIC_NYLAS_CLIENT_RETRIES_EXHAUSTED as EXHAUSTED,
  METRIC_NYLAS_ACCOUNT_POLLS as POLLS,
  METRIC_NYLAS_CLIENT_RATE_LIMITS as RATE_LIMITS,
  METRIC_NYLAS_CLIENT_REQUESTS as REQUESTS,
} from '@nylas-otel/semantic-conventions';
import type { RulesConfig } from '../config.ts';
import { duration } from '../promql/duration.ts';
import { counted } from '../promql/expressions.ts';
import { among, is, isNot, noneMatching, type SeriesWriter } from '../promql/series.ts';
import type { AlertRule, RuleGroup } from './rule.ts';

export function requestsGroup(config: RulesConfig, series: SeriesWriter): RuleGroup {
  return {
    name: 'nylas-requests',
    component: 'requests',
    interval: config.interval,
    recording: [],
    alerts: [
      limited(config, series, {
        alert: 'NylasRateLimited',
        sources: ['nylas', 'unknown'],
        whose: 'Nylas’s own limits',
        summary: 'Nylas refuses calls because we send too many.',
      }),
      limited(config, series, {
        alert: 'NylasProviderRateLimited',
        sources: ['provider'],
        whose: 'limits of the mail provider',
        summary: 'A mail provider refuses calls because we send too many for some mailboxes.',
      }),
      exhausted(config, series),
      budgetEmpty(config, series),
      credentialsRejected(config, series),
      applicationDisabled(config, series),
      slow(config, series),
    ],
  };
}

interface Limited {
  readonly alert: string;
  readonly sources: readonly string[];
  readonly whose: string;
  readonly summary: string;
}

function limited({ rateLimited }: RulesConfig, series: SeriesWriter, which: Limited): AlertRule {
  const window = duration(rateLimited.window);
  const limits = series.of(RATE_LIMITS, among(ATTR_NYLAS_RATE_LIMIT_SOURCE, which.sources));
  const requests = series.part(DURATION, 'count');
  return {
    alert: which.alert,
    expr: `sum by (job) (rate(${limits}[${window}])) / sum by (job) (rate(${requests}[${window}])) > ${rateLimited.ratio}
and on (job)
sum by (job) (increase(${limits}[${window}])) > ${rateLimited.count}`,
    for: rateLimited.for,
    severity: 'warning',
    summary: which.summary,
    description: `{{ $value | humanizePercentage }} of the requests of {{ $labels.job }} met ${which.whose}.`,
    panel: ['nylas-limits', 10],
  };
}

function exhausted({ retriesExhausted }: RulesConfig, series: SeriesWriter): AlertRule {
  const { window, count } = retriesExhausted;
  return {
    alert: 'NylasRetriesExhausted',
    expr: `${counted(series, { metric: EXHAUSTED, by: ['job'], window })} > ${count}`,
    for: 0,
    severity: 'warning',
    summary: 'Calls to Nylas fail for good although they were retried.',
    description:
      `{{ $value | humanize }} operations of {{ $labels.job }} failed after their last retry within ` +
      `${duration(window)}.`,
    panel: ['nylas-requests', 17],
  };
}

function budgetEmpty({ retryBudgetEmpty }: RulesConfig, series: SeriesWriter): AlertRule {
  return {
    alert: 'NylasRetryBudgetEmpty',
    expr: `min by (job) (${series.of(BUDGET)}) < ${retryBudgetEmpty.share}`,
    for: retryBudgetEmpty.for,
    severity: 'warning',
    summary: 'So many calls to Nylas fail that nothing is retried any more.',
    description:
      'An instance of {{ $labels.job }} has {{ $value | humanizePercentage }} of its retry budget left.',
    panel: ['nylas-requests', 18],
  };
}

// Two witnesses: the service's own calls, and the poller, whose polls all end so when key or region is wrong.
function credentialsRejected({ credentialsRejected: c }: RulesConfig, series: SeriesWriter): AlertRule {
  const window = duration(c.window);
  const pollWindow = duration(c.pollWindow);
  const rejected = series.of(REQUESTS, is(ATTR_HTTP_RESPONSE_STATUS_CODE, '401'));
  const all = series.of(REQUESTS);
  const pollsRejected = series.of(POLLS, is(ATTR_NYLAS_OUTCOME, 'invalid_credentials'));
  const pollsFine = series.of(POLLS, is(ATTR_NYLAS_OUTCOME, 'success'));
  return {
    alert: 'NylasCredentialsRejected',
    expr: `(
  sum by (job) (rate(${rejected}[${window}])) / sum by (job) (rate(${all}[${window}])) > ${c.ratio}
  and on (job)
  sum by (job) (increase(${rejected}[${window}])) > ${c.count}
)
or
(
  sum by (job) (increase(${pollsRejected}[${pollWindow}]))
  / (sum by (job) (increase(${pollsRejected}[${pollWindow}])) + sum by (job) (increase(${pollsFine}[${pollWindow}])))
  > ${c.ratio}
)`,
    for: c.for,
    severity: 'critical',
    summary: 'Nylas rejects our credentials: the API key, the client secret or the region is wrong.',
    description: '{{ $value | humanizePercentage }} of the calls of {{ $labels.job }} are answered with 401.',
    panel: ['nylas-requests', 11],
  };
}

function applicationDisabled({ applicationDisabled: c }: RulesConfig, series: SeriesWriter): AlertRule {
  const window = duration(c.window);
  const forbidden = series.of(REQUESTS, is(ATTR_HTTP_RESPONSE_STATUS_CODE, '403'));
  return {
    alert: 'NylasApplicationDisabled',
    expr: `sum by (job) (rate(${forbidden}[${window}])) / sum by (job) (rate(${series.of(REQUESTS)}[${window}])) > ${c.ratio}
and on (job)
sum by (job) (increase(${forbidden}[${window}])) > ${c.count}`,
    for: c.for,
    severity: 'critical',
    summary: 'Nylas answers 403 to most calls, as it does when an application is disabled.',
    description: '{{ $value | humanizePercentage }} of the calls of {{ $labels.job }} are answered with 403.',
    panel: ['nylas-requests', 11],
  };
}

function slow({ latency: c }: RulesConfig, series: SeriesWriter): AlertRule {
  const window = duration(c.window);
  // Sending takes as long as the attachments are large; an aborted call says nothing of Nylas.
  const counts = [
    noneMatching(ATTR_URL_TEMPLATE, c.excludedTemplates),
    isNot(ATTR_NYLAS_OUTCOME, 'cancelled'),
  ];
  return {
    alert: 'NylasLatencyHigh',
    expr: `histogram_quantile(${c.quantile}, sum by (job, le) (rate(${series.part(DURATION, 'bucket', ...counts)}[${window}]))) > ${c.limit}
and on (job)
sum by (job) (increase(${series.part(DURATION, 'count', ...counts)}[${window}])) > ${c.count}`,
    for: c.for,
    severity: 'warning',
    summary: 'Nylas answers slowly.',
    description: `One request in ${Math.round(1 / (1 - c.quantile))} of {{ $labels.job }} takes {{ $value | humanizeDuration }} or more.`,
    panel: ['nylas-requests', 13],
  };
}
