import {
  ATTR_NYLAS_APPLICATION as APPLICATION,
  ATTR_NYLAS_PLATFORM_COMPONENT as COMPONENT,
  ATTR_SERVER_ADDRESS as HOST,
  ATTR_NYLAS_PLATFORM_IMPACT as IMPACT,
  ATTR_NYLAS_OUTCOME as OUTCOME,
  ATTR_NYLAS_PLATFORM_STATUS as STATUS,
  ATTR_HTTP_RESPONSE_STATUS_CODE as STATUS_CODE,
} from '@nylas-otel/semantic-conventions';
import type { RulesConfig } from '../../config.ts';
import { among, label } from '../../promql/series.ts';
import { countRateBy, encoded, maxBy, quantile, rateBy, share } from '../board-queries.ts';
import type { BoardSeries, BoardSpec } from '../board-spec.ts';
import { downTo, STATUS_TEXTS, upTo } from '../colors.ts';

const DURATION = 'nylas.client.request.duration';
const BROKEN = ['degraded_performance', 'partial_outage', 'major_outage'];

export function platformBoard(config: RulesConfig, { process, shared }: BoardSeries): BoardSpec {
  const errorRatio = share(
    countRateBy(process, DURATION, [], among(OUTCOME, config.slo.badOutcomes)),
    countRateBy(process, DURATION, []),
  );
  const broken = maxBy(
    [APPLICATION, COMPONENT],
    shared.of('nylas.platform.component.status', among(STATUS, BROKEN)),
  );
  const incidents = maxBy(
    [APPLICATION, IMPACT],
    shared.of('nylas.platform.incidents', among(IMPACT, config.platform.impacts)),
  );
  return {
    uid: 'nylas-platform',
    title: 'Nylas / Platform',
    description: 'What Nylas says of itself, beside what we see.',
    variables: ['application'],
    from: 'now-24h',
    rows: [
      {
        title: 'Now',
        panels: [
          {
            type: 'stat',
            id: 1,
            title: 'Open incidents',
            description: 'Incidents on the status page that are not resolved; maintenance does not count.',
            width: 8,
            height: 4,
            unit: 'short',
            decimals: 0,
            thresholds: upTo(1, 2),
            queries: [{ expr: `sum(${incidents})`, legend: 'incidents' }],
          },
          {
            type: 'stat',
            id: 2,
            title: 'Broken components',
            description: 'Components that are degraded or out.',
            width: 8,
            height: 4,
            unit: 'short',
            decimals: 0,
            thresholds: upTo(1, 2),
            queries: [{ expr: `sum(${broken})`, legend: 'components' }],
          },
          {
            type: 'stat',
            id: 3,
            title: 'Our success ratio',
            description: 'Requests that did not end badly, as our objective counts them.',
            width: 8,
            height: 4,
            unit: 'percentunit',
            decimals: 2,
            thresholds: downTo(config.slo.objective, 0.93),
            queries: [{ expr: `1 - ${errorRatio}`, legend: 'success' }],
          },
        ],
      },
      {
        title: 'What they say',
        panels: [
          {
            type: 'state-timeline',
            id: 10,
            title: 'Components',
            description: 'Every component of the status page over time. Grey: the page could not be read.',
            width: 24,
            height: 9,
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
        title: 'What we see',
        panels: [
          {
            type: 'timeseries',
            id: 12,
            title: 'Our error ratio',
            description:
              'Bad requests of ours. High here while the status page is green: ask Nylas, with request ids.',
            width: 12,
            height: 8,
            unit: 'percentunit',
            min: 0,
            colors: { 'our error ratio': 'red' },
            queries: [{ expr: errorRatio, legend: 'our error ratio' }],
          },
          {
            type: 'timeseries',
            id: 11,
            title: 'Their incidents',
            description: 'Unresolved incidents, by impact, on the same time axis.',
            width: 12,
            height: 8,
            unit: 'short',
            stacked: true,
            min: 0,
            colors: { minor: 'yellow', major: 'orange', critical: 'red', unknown: 'text' },
            queries: [
              {
                expr: maxBy(
                  [IMPACT],
                  shared.of('nylas.platform.incidents', among(IMPACT, config.platform.impacts)),
                ),
                legend: '{{nylas_platform_impact}}',
              },
            ],
          },
          {
            type: 'timeseries',
            id: 13,
            title: 'Server errors by host',
            description:
              'Answers of 500 and above, as a share of each host’s: one region alone points to it.',
            width: 12,
            height: 8,
            unit: 'percentunit',
            min: 0,
            queries: [
              {
                expr: `${share(rateBy(process, 'nylas.client.requests', [HOST], `${label(STATUS_CODE)}=~"5.."`), rateBy(process, 'nylas.client.requests', [HOST]))}`,
                legend: '{{server_address}}',
              },
            ],
          },
          {
            type: 'timeseries',
            id: 14,
            title: 'Request time, p95',
            description:
              'One request in twenty takes longer. Nylas says of itself: nine of ten under half a second.',
            width: 12,
            height: 8,
            unit: 's',
            min: 0,
            queries: [{ expr: quantile(0.95, process, DURATION), legend: 'p95' }],
          },
        ],
      },
    ],
  };
}
