import {
  ATTR_NYLAS_RETRY_REASON as REASON,
  ATTR_NYLAS_RATE_LIMIT_SOURCE as SOURCE,
  ATTR_URL_TEMPLATE as TEMPLATE,
} from '@nylas-otel/semantic-conventions';
import type { RulesConfig } from '../../config.ts';
import { is, matches } from '../../promql/series.ts';
import { SLO_SERIES } from '../../rules/slo.ts';
import { countRateBy, quantile, rateBy, share, sumBy } from '../board-queries.ts';
import type { BoardSeries, BoardSpec } from '../board-spec.ts';
import { upTo } from '../colors.ts';

const DURATION = 'nylas.client.request.duration';
/** Routes that Nylas limits for a whole application, and how many requests a second it lets through (v3). */
const APPLICATION_ROUTES = '/v3/(applications|connect|connectors|grants|webhooks)(/[^/]+)?';
const APPLICATION_LIMIT = 50;
/** Gmail quota units a project may use in a minute (Google, projects created from May 2026 on). */
const GMAIL_LIMIT = 1_200_000;

export function limitsBoard(config: RulesConfig, { process }: BoardSeries): BoardSpec {
  const requests = countRateBy(process, DURATION, []);
  const limits = rateBy(process, 'nylas.client.rate_limits', []);
  const gmail = `60 * ${rateBy(process, 'nylas.client.gmail.quota', [])}`;
  const application = `sum(rate(${process.part(DURATION, 'count', matches(TEMPLATE, APPLICATION_ROUTES))}[$__rate_interval]))`;
  return {
    uid: 'nylas-limits',
    title: 'Nylas / Limits',
    description: 'Whose limits we meet, what uses them up, and how much is left.',
    variables: [],
    from: 'now-6h',
    rows: [
      {
        title: 'Now',
        panels: [
          {
            type: 'stat',
            id: 1,
            title: '429 ratio',
            description: 'Requests that met a limit, of Nylas or a provider.',
            width: 6,
            height: 4,
            unit: 'percentunit',
            decimals: 2,
            thresholds: upTo(0.01, config.rateLimited.ratio),
            queries: [{ expr: share(limits, requests), legend: '429' }],
          },
          {
            type: 'stat',
            id: 2,
            title: 'Grants held back',
            description: 'Grants whose requests wait at a gate at the moment because a limit was reached.',
            width: 6,
            height: 4,
            unit: 'short',
            decimals: 0,
            thresholds: upTo(1, 20),
            queries: [{ expr: `sum(${process.of('nylas.client.gates.closed')})`, legend: 'gates' }],
          },
          {
            type: 'stat',
            id: 3,
            title: 'Application routes',
            description: `Requests a second to routes that Nylas limits for the whole application (${APPLICATION_LIMIT} a second).`,
            width: 6,
            height: 4,
            unit: 'reqps',
            thresholds: upTo(APPLICATION_LIMIT * 0.6, APPLICATION_LIMIT * 0.9),
            queries: [{ expr: application, legend: 'requests' }],
          },
          {
            type: 'stat',
            id: 4,
            title: 'Gmail quota a minute',
            description: `Quota units used in a minute, of ${GMAIL_LIMIT.toLocaleString('en')} that Google gives a project.`,
            width: 6,
            height: 4,
            unit: 'short',
            thresholds: upTo(GMAIL_LIMIT * 0.6, GMAIL_LIMIT * 0.9),
            queries: [{ expr: gmail, legend: 'units' }],
          },
        ],
      },
      {
        title: 'Limits that we met',
        panels: [
          {
            type: 'timeseries',
            id: 10,
            title: '429 by source',
            description:
              'Whose limit it was: of Nylas (we send too much), of the provider (too much for a mailbox), or not said.',
            width: 8,
            height: 8,
            unit: 'reqps',
            stacked: true,
            min: 0,
            colors: { nylas: 'orange', provider: 'yellow', unknown: 'text' },
            queries: [
              {
                expr: rateBy(process, 'nylas.client.rate_limits', [SOURCE]),
                legend: '{{nylas_rate_limit_source}}',
              },
            ],
          },
          {
            type: 'timeseries',
            id: 11,
            title: '429 ratio',
            description: 'Share of all requests, beside the threshold of the alert.',
            width: 8,
            height: 8,
            unit: 'percentunit',
            min: 0,
            thresholds: [
              [null, 'transparent'],
              [config.rateLimited.ratio, 'red'],
            ],
            limits: true,
            queries: [{ expr: share(limits, requests), legend: '429' }],
          },
          {
            type: 'timeseries',
            id: 12,
            title: '429 by route',
            description: 'The ten routes that meet limits most.',
            width: 8,
            height: 8,
            unit: 'reqps',
            min: 0,
            queries: [
              {
                expr: `topk(10, ${rateBy(process, 'nylas.client.rate_limits', [TEMPLATE])} > 0)`,
                legend: '{{url_template}}',
              },
            ],
          },
          {
            type: 'timeseries',
            id: 15,
            title: 'Wait after a 429',
            description: 'What Retry-After asked for, or our backoff: half of the waits, and nearly all.',
            width: 12,
            height: 8,
            unit: 's',
            min: 0,
            queries: [0.5, 0.95].map((q) => ({
              expr: quantile(q, process, 'nylas.client.retry.delay', [], is(REASON, 'rate_limited')),
              legend: `p${q * 100}`,
            })),
          },
          {
            type: 'timeseries',
            id: 16,
            title: 'Gates closed',
            description: 'Grants held back because a limit was reached; others are not slowed.',
            width: 12,
            height: 8,
            unit: 'short',
            stacked: true,
            min: 0,
            queries: [
              {
                expr: sumBy([SOURCE], process.of('nylas.client.gates.closed')),
                legend: '{{nylas_rate_limit_source}}',
              },
            ],
          },
        ],
      },
      {
        title: 'What uses them up',
        panels: [
          {
            type: 'timeseries',
            id: 13,
            title: 'Provider calls a request',
            description:
              'Calls to the mail provider that one request to Nylas causes: filters and `select` make them fewer.',
            width: 8,
            height: 8,
            unit: 'short',
            min: 0,
            queries: [
              {
                expr: `topk(5, ${rateBy(process, 'nylas.client.provider.requests', [TEMPLATE])} / (${countRateBy(process, DURATION, [TEMPLATE])} > 0))`,
                legend: '{{url_template}}',
              },
            ],
          },
          {
            type: 'timeseries',
            id: 14,
            title: 'Gmail quota a minute, by route',
            description: 'Quota units of Google that each route uses.',
            width: 8,
            height: 8,
            unit: 'short',
            stacked: true,
            min: 0,
            queries: [
              {
                expr: `60 * ${rateBy(process, 'nylas.client.gmail.quota', [TEMPLATE])}`,
                legend: '{{url_template}}',
              },
            ],
          },
          {
            type: 'timeseries',
            id: 19,
            title: 'Retries because of limits',
            description: 'Requests sent again after a 429: more of them than requests makes it worse.',
            width: 8,
            height: 8,
            unit: 'reqps',
            min: 0,
            queries: [
              {
                expr: rateBy(process, 'nylas.client.retries', [], is(REASON, 'rate_limited')),
                legend: 'retries',
              },
            ],
          },
        ],
      },
      {
        title: 'Headroom',
        panels: [
          {
            type: 'timeseries',
            id: 17,
            title: 'Requests, and in an hour at this trend',
            description: 'A straight line through the last hour, drawn on by an hour.',
            width: 12,
            height: 8,
            unit: 'reqps',
            min: 0,
            queries: [
              { expr: `sum(${SLO_SERIES.requests}{job=~"$job"})`, legend: 'now' },
              {
                expr: `sum(predict_linear(${SLO_SERIES.requests}{job=~"$job"}[1h], 3600))`,
                legend: 'in an hour',
              },
            ],
          },
          {
            type: 'timeseries',
            id: 18,
            title: 'Application routes and their limit',
            description: `Grants, webhooks, connectors and authentication share ${APPLICATION_LIMIT} requests a second.`,
            width: 12,
            height: 8,
            unit: 'reqps',
            min: 0,
            thresholds: [
              [null, 'transparent'],
              [APPLICATION_LIMIT, 'red'],
            ],
            queries: [
              { expr: application, legend: 'requests' },
              { expr: `vector(${APPLICATION_LIMIT})`, legend: 'limit' },
            ],
            colors: { limit: 'red' },
          },
        ],
      },
    ],
  };
}
