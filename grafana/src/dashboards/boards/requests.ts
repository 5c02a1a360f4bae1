import {
  ATTR_NYLAS_CALLER as CALLER,
  ATTR_NYLAS_RETRY_DETECTION as DETECTION,
  ATTR_ERROR_TYPE as ERROR_TYPE,
  ATTR_SERVER_ADDRESS as HOST,
  ATTR_NYLAS_OUTCOME as OUTCOME,
  ATTR_NYLAS_RETRY_REASON as REASON,
  ATTR_HTTP_RESPONSE_STATUS_CODE as STATUS,
  ATTR_URL_TEMPLATE as TEMPLATE,
} from '@nylas-otel/semantic-conventions';
import type { RulesConfig } from '../../config.ts';
import { label } from '../../promql/series.ts';
import { buckets, countRateBy, percentiles, quantile, rateBy, sumBy } from '../board-queries.ts';
import type { BoardSeries, BoardSpec } from '../board-spec.ts';
import { OUTCOME_COLORS } from '../colors.ts';
import { routesTable } from './routes-table.ts';

const DURATION = 'nylas.client.request.duration';

export function requestsBoard(config: RulesConfig, { process }: BoardSeries): BoardSpec {
  return {
    uid: 'nylas-requests',
    title: 'Nylas / Requests',
    description:
      'Rate, errors and duration of the requests to Nylas, by route; retries; down to logs and traces.',
    variables: ['loki', 'tempo'],
    from: 'now-6h',
    rows: [
      {
        title: 'Rate and errors',
        panels: [
          {
            type: 'timeseries',
            id: 10,
            title: 'Requests by outcome',
            description: 'Requests a second, one per attempt, by how they ended.',
            width: 8,
            height: 8,
            unit: 'reqps',
            stacked: true,
            min: 0,
            colors: OUTCOME_COLORS,
            queries: [{ expr: countRateBy(process, DURATION, [OUTCOME]), legend: '{{nylas_outcome}}' }],
          },
          {
            type: 'timeseries',
            id: 11,
            title: 'Failed requests by status',
            description:
              'Answers from 400 on, a second. Many 401: key or region. Many 403: the application may be disabled.',
            width: 8,
            height: 8,
            unit: 'reqps',
            min: 0,
            queries: [
              {
                expr: `${rateBy(process, 'nylas.client.requests', [STATUS], `${label(STATUS)}=~"[45].."`)} > 0`,
                legend: '{{http_response_status_code}}',
              },
            ],
          },
          {
            type: 'timeseries',
            id: 12,
            title: 'Failed requests by error type',
            description: 'Error types of Nylas, or of the network where there was no answer.',
            width: 8,
            height: 8,
            unit: 'reqps',
            min: 0,
            queries: [
              {
                expr: `topk(10, ${rateBy(process, 'nylas.client.requests', [ERROR_TYPE], `${label(ERROR_TYPE)}!=""`)} > 0)`,
                legend: '{{error_type}}',
              },
            ],
          },
        ],
      },
      {
        title: 'Duration',
        panels: [
          {
            type: 'timeseries',
            id: 13,
            title: 'Request time',
            description: 'Time to the response headers. Most of it is the mail provider’s.',
            width: 12,
            height: 8,
            unit: 's',
            min: 0,
            exemplars: true,
            queries: percentiles(process, DURATION),
          },
          {
            type: 'heatmap',
            id: 14,
            title: 'Request time, all requests',
            description:
              'How many requests took how long: two bands mean two kinds of requests, or two providers.',
            width: 12,
            height: 8,
            unit: 's',
            queries: [buckets(process, DURATION)],
          },
        ],
      },
      {
        title: 'Routes',
        panels: [
          { ...routesTable(config, process), id: 15, title: 'Routes', width: 24, height: 10 },
          {
            type: 'timeseries',
            id: 21,
            title: 'Requests by route',
            description: 'The ten routes with most requests.',
            width: 12,
            height: 8,
            unit: 'reqps',
            min: 0,
            queries: [
              { expr: `topk(10, ${countRateBy(process, DURATION, [TEMPLATE])})`, legend: '{{url_template}}' },
            ],
          },
          {
            type: 'timeseries',
            id: 22,
            title: 'Request time by route, p95',
            description: 'The ten slowest routes; one of their requests in twenty takes longer.',
            width: 12,
            height: 8,
            unit: 's',
            min: 0,
            queries: [
              {
                expr: `topk(10, ${quantile(0.95, process, DURATION, [TEMPLATE])})`,
                legend: '{{url_template}}',
              },
            ],
          },
        ],
      },
      {
        title: 'Retries',
        panels: [
          {
            type: 'timeseries',
            id: 16,
            title: 'Retries',
            description:
              'Requests that were sent again, by the failure before; `inferred`: seen, not announced by our retry package.',
            width: 6,
            height: 8,
            unit: 'reqps',
            stacked: true,
            min: 0,
            queries: [
              {
                expr: `${rateBy(process, 'nylas.client.retries', [REASON, DETECTION])} > 0`,
                legend: '{{nylas_retry_reason}} ({{nylas_retry_detection}})',
              },
            ],
          },
          {
            type: 'timeseries',
            id: 17,
            title: 'Retries exhausted',
            description:
              'Operations that failed after their last retry, within the window of the graph’s step.',
            width: 6,
            height: 8,
            unit: 'short',
            min: 0,
            queries: [
              {
                expr: `${sumBy([REASON], `increase(${process.of('nylas.client.retries.exhausted')}[$__rate_interval])`)}`,
                legend: '{{nylas_retry_reason}}',
              },
            ],
          },
          {
            type: 'timeseries',
            id: 18,
            title: 'Retry budget left',
            description:
              'Share that is left at the instance that has least. At 0 nothing is retried, so that an outage is not multiplied.',
            width: 6,
            height: 8,
            unit: 'percentunit',
            min: 0,
            max: 1,
            queries: [
              { expr: `min by (job) (${process.of('nylas.client.retry.budget')})`, legend: '{{job}}' },
            ],
          },
          {
            type: 'timeseries',
            id: 19,
            title: 'Wait before a retry, p95',
            description: 'Backoff, or what Retry-After asked for.',
            width: 6,
            height: 8,
            unit: 's',
            min: 0,
            queries: [
              {
                expr: quantile(0.95, process, 'nylas.client.retry.delay', [REASON]),
                legend: '{{nylas_retry_reason}}',
              },
            ],
          },
        ],
      },
      {
        title: 'In flight, and who asks',
        panels: [
          {
            type: 'timeseries',
            id: 20,
            title: 'Requests in flight',
            description: 'Requests that wait for their response headers, by host.',
            width: 12,
            height: 8,
            unit: 'short',
            min: 0,
            queries: [
              {
                expr: sumBy([HOST], process.of('nylas.client.requests.active')),
                legend: '{{server_address}}',
              },
            ],
          },
          {
            type: 'timeseries',
            id: 23,
            title: 'Requests by caller',
            description: 'Opt-in (`callers: true`): which of your own routes and jobs cause the requests.',
            width: 12,
            height: 8,
            unit: 'reqps',
            stacked: true,
            min: 0,
            queries: [
              {
                expr: `topk(10, ${rateBy(process, 'nylas.client.caller.requests', [CALLER])})`,
                legend: '{{nylas_caller}}',
              },
            ],
          },
        ],
      },
      {
        title: 'Single calls',
        panels: [
          {
            type: 'logs',
            id: 24,
            title: 'Failed calls',
            description:
              'One line per failed call, with the request id that Nylas support asks for. Click a trace id to see the trace.',
            width: 12,
            height: 10,
            logql: '{service_name=~".+"} | event_name="nylas.client.error"',
          },
          {
            type: 'traces',
            id: 25,
            title: 'Failed and slow operations',
            description: 'Traces of operations that failed or took more than five seconds.',
            width: 12,
            height: 10,
            traceql: '{ name =~ "nylas .+" && (status = error || duration > 5s) }',
          },
        ],
      },
    ],
  };
}
