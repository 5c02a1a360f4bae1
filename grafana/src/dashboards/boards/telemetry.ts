import { ATTR_NYLAS_TELEMETRY_COMPONENT as COMPONENT } from '@nylas-otel/semantic-conventions';
import type { RulesConfig } from '../../config.ts';
import { OVERFLOW_LABEL } from '../../rules/telemetry.ts';
import { maxBy, sumBy } from '../board-queries.ts';
import type { BoardSeries, BoardSpec } from '../board-spec.ts';
import { PLAIN, upTo } from '../colors.ts';

export function telemetryBoard(_config: RulesConfig, { process, shared }: BoardSeries): BoardSpec {
  const alive = process.of('nylas.telemetry.errors');
  const ours = (...matchers: string[]): string => process.matchers(['__name__=~"nylas_.+"', ...matchers]);
  const overflow = ours(`${OVERFLOW_LABEL}="true"`);
  return {
    uid: 'nylas-telemetry',
    title: 'Nylas / Telemetry',
    description:
      'The health of nylas-otel itself: who reports, what fails inside, and what it costs Prometheus.',
    variables: ['application'],
    from: 'now-6h',
    rows: [
      {
        title: 'Now',
        panels: [
          {
            type: 'stat',
            id: 1,
            title: 'Instances reporting',
            description: 'Processes with nylas-otel in them.',
            width: 6,
            height: 4,
            unit: 'short',
            decimals: 0,
            thresholds: PLAIN,
            queries: [{ expr: `count(count by (job, instance) (${alive}))`, legend: 'instances' }],
          },
          {
            type: 'stat',
            id: 2,
            title: 'Failures inside, last hour',
            description:
              'Failures in our own hooks. They were dropped: the service is not harmed, but what it shows may be incomplete.',
            width: 6,
            height: 4,
            unit: 'short',
            decimals: 0,
            thresholds: upTo(1, 10),
            queries: [{ expr: `sum(increase(${alive}[1h]))`, legend: 'failures' }],
          },
          {
            type: 'stat',
            id: 3,
            title: 'Series',
            description: 'Series of all our metrics, over all instances.',
            width: 6,
            height: 4,
            unit: 'short',
            thresholds: PLAIN,
            queries: [{ expr: `count(${ours()})`, legend: 'series' }],
          },
          {
            type: 'stat',
            id: 4,
            title: 'Overflow series',
            description: 'Series that hold what was over OpenTelemetry’s limit. There should be none.',
            width: 6,
            height: 4,
            unit: 'short',
            decimals: 0,
            thresholds: upTo(1, 2),
            queries: [{ expr: `count(${overflow}) or vector(0)`, legend: 'series' }],
          },
        ],
      },
      {
        title: 'Health',
        panels: [
          {
            type: 'timeseries',
            id: 10,
            title: 'Failures inside',
            description: 'Failures of our own hooks within the step of the graph, by part.',
            width: 12,
            height: 8,
            unit: 'short',
            min: 0,
            queries: [
              {
                expr: sumBy([COMPONENT], `increase(${alive}[$__rate_interval])`),
                legend: '{{nylas_telemetry_component}}',
              },
            ],
          },
          {
            type: 'timeseries',
            id: 13,
            title: 'Instances reporting',
            description:
              'Processes with nylas-otel in them, by job. A line that ends is a service we no longer see.',
            width: 12,
            height: 8,
            unit: 'short',
            decimals: 0,
            min: 0,
            queries: [{ expr: `count by (job) (count by (job, instance) (${alive}))`, legend: '{{job}}' }],
          },
        ],
      },
      {
        title: 'Cost',
        panels: [
          {
            type: 'timeseries',
            id: 11,
            title: 'Series by metric',
            description: 'The ten metrics with most series.',
            width: 8,
            height: 9,
            unit: 'short',
            min: 0,
            queries: [{ expr: `topk(10, count by (__name__) (${ours()}))`, legend: '{{__name__}}' }],
          },
          {
            type: 'timeseries',
            id: 12,
            title: 'Series at the fullest metric',
            description:
              'Series of the fullest metric of one instance. From 1,900 on labels are folded; OpenTelemetry’s limit is 2,000.',
            width: 8,
            height: 9,
            unit: 'short',
            min: 0,
            queries: [
              {
                expr: `max(count by (job, instance, __name__) (${ours('__name__!~".+_(bucket|sum)"')}))`,
                legend: 'fullest',
              },
              { expr: `count(${overflow}) or vector(0)`, legend: 'overflow' },
            ],
          },
          {
            type: 'timeseries',
            id: 15,
            title: 'Time of a scrape',
            description: 'How long Prometheus waits for the metrics of the slowest instance.',
            width: 8,
            height: 9,
            unit: 's',
            min: 0,
            queries: [
              {
                expr: 'max by (job) (scrape_duration_seconds{job=~"$job", instance=~"$instance"})',
                legend: '{{job}}',
              },
            ],
          },
        ],
      },
      {
        title: 'Versions',
        panels: [
          {
            type: 'table',
            id: 14,
            title: 'What runs where',
            description: 'Services, their versions and the language of their SDK, as `target_info` tells.',
            width: 16,
            height: 8,
            columns: [
              { field: 'job', title: 'Job' },
              { field: 'service_version', title: 'Version' },
              { field: 'telemetry_sdk_version', title: 'OpenTelemetry SDK' },
              { field: 'instances', title: 'Instances', unit: 'short', decimals: 0, width: 100 },
            ],
            queries: [
              {
                expr: 'count by (job, service_version, telemetry_sdk_version) (target_info{job=~"$job", instance=~"$instance"})',
                legend: 'instances',
                instant: true,
              },
            ],
          },
          {
            type: 'stat',
            id: 17,
            title: 'Accounts left out',
            description:
              'Opt-in per-account series: accounts that should have had one, but the cap was reached.',
            width: 8,
            height: 8,
            unit: 'short',
            decimals: 0,
            thresholds: upTo(1, 100),
            noValue: 'not on',
            queries: [{ expr: maxBy([], shared.of('nylas.account.series.dropped')), legend: 'accounts' }],
          },
        ],
      },
    ],
  };
}
