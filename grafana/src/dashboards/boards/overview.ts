import {
  ATTR_NYLAS_APPLICATION as APPLICATION,
  ATTR_NYLAS_PLATFORM_COMPONENT as COMPONENT,
  ATTR_NYLAS_WEBHOOK_OUTCOME as DELIVERY,
  ATTR_NYLAS_PLATFORM_IMPACT as IMPACT,
  ATTR_NYLAS_OUTCOME as OUTCOME,
  ATTR_NYLAS_PROVIDER as PROVIDER,
  ATTR_NYLAS_ACCOUNT_STATE as STATE,
  ATTR_NYLAS_PLATFORM_STATUS as STATUS,
  ATTR_NYLAS_API_VERSION as VERSION,
} from '@nylas-otel/semantic-conventions';
import type { RulesConfig } from '../../config.ts';
import { among, isNot } from '../../promql/series.ts';
import { SLO_SERIES } from '../../rules/slo.ts';
import { countRateBy, encoded, maxBy, quantile, rateBy, share, sumBy } from '../board-queries.ts';
import type { BoardSeries, BoardSpec } from '../board-spec.ts';
import { DELIVERY_COLORS, downTo, OUTCOME_COLORS, STATE_COLORS, STATUS_TEXTS, upTo } from '../colors.ts';
import { routesTable } from './routes-table.ts';

const UNHEALTHY = ['invalid', 'stopped', 'sync_error', 'exception'];
const FIRING = 'ALERTS{alertname=~"Nylas.+", alertstate="firing"}';

export function overviewBoard(config: RulesConfig, { process, shared }: BoardSeries): BoardSpec {
  const requests = countRateBy(process, 'nylas.client.request.duration', []);
  const bad = countRateBy(
    process,
    'nylas.client.request.duration',
    [],
    among(OUTCOME, config.slo.badOutcomes),
  );
  const accounts = (by: readonly string[], ...matchers: string[]): string =>
    sumBy(by, maxBy([APPLICATION, STATE, PROVIDER, VERSION], shared.of('nylas.accounts', ...matchers)));
  const broken = among(STATUS, ['degraded_performance', 'partial_outage', 'major_outage']);
  return {
    uid: 'nylas-overview',
    title: 'Nylas / Overview',
    description: 'Is it well? If not: is it Nylas, a provider, an account, or us?',
    variables: ['application'],
    from: 'now-6h',
    rows: [
      {
        title: 'Is it well?',
        panels: [
          {
            type: 'stat',
            id: 1,
            title: 'Budget left',
            description:
              'Share of the 30 days’ error budget that is not spent, of the service that has least. Below 0 the objective is missed. Details: SLO board.',
            width: 3,
            height: 4,
            unit: 'percentunit',
            decimals: 0,
            thresholds: downTo(0.25, 0),
            queries: [{ expr: `min(${SLO_SERIES.budgetLeft}{job=~"$job"})`, legend: 'left' }],
          },
          {
            type: 'stat',
            id: 2,
            title: 'Success ratio',
            description:
              'Requests that did not end badly: server or provider errors, time-outs, network errors and limits of Nylas are bad; the caller’s own errors and single accounts’ invalid credentials are not.',
            width: 3,
            height: 4,
            unit: 'percentunit',
            decimals: 2,
            thresholds: downTo(config.slo.objective, 1 - 14.4 * (1 - config.slo.objective)),
            queries: [{ expr: `1 - ${share(bad, requests)}`, legend: 'success' }],
          },
          {
            type: 'stat',
            id: 3,
            title: 'p95 time',
            description: 'One request in twenty takes longer until its response headers.',
            width: 3,
            height: 4,
            unit: 's',
            thresholds: upTo(2.5, config.latency.limit),
            queries: [{ expr: quantile(0.95, process, 'nylas.client.request.duration'), legend: 'p95' }],
          },
          {
            type: 'stat',
            id: 4,
            title: '429 ratio',
            description:
              'Requests that met a rate limit, of Nylas or of a mail provider. Details: limits board.',
            width: 3,
            height: 4,
            unit: 'percentunit',
            decimals: 2,
            thresholds: upTo(0.01, config.rateLimited.ratio),
            queries: [
              { expr: share(rateBy(process, 'nylas.client.rate_limits', []), requests), legend: '429' },
            ],
          },
          {
            type: 'stat',
            id: 5,
            title: 'Not syncing',
            description: 'Accounts whose credentials are invalid, that stopped, or whose sync has an error.',
            width: 3,
            height: 4,
            unit: 'short',
            decimals: 0,
            thresholds: upTo(1, 50),
            queries: [{ expr: accounts([], among(STATE, UNHEALTHY)), legend: 'accounts' }],
          },
          {
            type: 'stat',
            id: 6,
            title: 'Webhook lag',
            description: 'One event in twenty reaches us later than this after it happened at Nylas.',
            width: 3,
            height: 4,
            unit: 's',
            thresholds: upTo(60, config.webhooks.lag.limit),
            queries: [{ expr: quantile(0.95, process, 'nylas.webhook.event.lag'), legend: 'p95' }],
          },
          {
            type: 'stat',
            id: 7,
            title: 'Nylas incidents',
            description: 'Open incidents and broken components on the status page of Nylas.',
            width: 3,
            height: 4,
            unit: 'short',
            decimals: 0,
            thresholds: upTo(1, 3),
            queries: [
              {
                expr: `sum(${maxBy([APPLICATION, IMPACT], shared.of('nylas.platform.incidents', among(IMPACT, config.platform.impacts)))}) + sum(${maxBy([APPLICATION, COMPONENT], shared.of('nylas.platform.component.status', broken))})`,
                legend: 'open',
              },
            ],
          },
          {
            type: 'stat',
            id: 8,
            title: 'Firing alerts',
            description: 'Alerts of these rules that fire in Prometheus now.',
            width: 3,
            height: 4,
            unit: 'short',
            decimals: 0,
            thresholds: upTo(1, 3),
            queries: [{ expr: `count(${FIRING}) or vector(0)`, legend: 'firing' }],
          },
        ],
      },
      {
        title: 'What happens',
        panels: [
          {
            type: 'timeseries',
            id: 10,
            title: 'Requests by outcome',
            description: 'Requests to Nylas a second, one per attempt, by how they ended.',
            width: 12,
            height: 8,
            unit: 'reqps',
            stacked: true,
            min: 0,
            colors: OUTCOME_COLORS,
            queries: [
              {
                expr: countRateBy(process, 'nylas.client.request.duration', [OUTCOME]),
                legend: '{{nylas_outcome}}',
              },
            ],
          },
          {
            type: 'timeseries',
            id: 11,
            title: 'Accounts not running',
            description: 'Accounts in every other state than running, over all providers.',
            width: 12,
            height: 8,
            unit: 'short',
            stacked: true,
            min: 0,
            colors: STATE_COLORS,
            queries: [
              {
                expr: `${accounts([STATE], isNot(STATE, 'running'), isNot(STATE, 'deleted'))} > 0`,
                legend: '{{nylas_account_state}}',
              },
            ],
          },
          {
            type: 'timeseries',
            id: 12,
            title: 'Webhook deliveries',
            description: 'Deliveries of Nylas a second, by what became of them.',
            width: 12,
            height: 8,
            unit: 'reqps',
            stacked: true,
            min: 0,
            colors: DELIVERY_COLORS,
            queries: [
              {
                expr: `${rateBy(process, 'nylas.webhook.deliveries', [DELIVERY])} > 0`,
                legend: '{{nylas_webhook_outcome}}',
              },
            ],
          },
          {
            type: 'state-timeline',
            id: 13,
            title: 'Nylas’s status page',
            description: 'What Nylas says of its components. Grey: the page could not be read.',
            width: 12,
            height: 8,
            unit: 'short',
            texts: STATUS_TEXTS,
            queries: [
              {
                expr: encoded(shared, 'nylas.platform.component.status', STATUS, [COMPONENT], STATUS_TEXTS),
                legend: '{{nylas_platform_component}}',
              },
            ],
          },
        ],
      },
      {
        title: 'Where to look',
        panels: [
          {
            type: 'table',
            id: 14,
            title: 'Firing alerts',
            description:
              'What fires at the end of the time range. The runbook of each is in grafana/runbooks.',
            width: 9,
            height: 9,
            columns: [
              { field: 'alertname', title: 'Alert' },
              { field: 'severity', title: 'Severity', width: 90 },
              { field: 'job', title: 'Job', width: 130 },
            ],
            queries: [
              { expr: `max by (alertname, severity, job) (${FIRING})`, legend: 'firing', instant: true },
            ],
          },
          { ...routesTable(config, process), id: 15, title: 'Worst routes', width: 15, height: 9 },
        ],
      },
    ],
  };
}
