import {
  ATTR_HTTP_REQUEST_METHOD as METHOD,
  ATTR_NYLAS_OUTCOME as OUTCOME,
  ATTR_URL_TEMPLATE as TEMPLATE,
} from '@nylas-otel/semantic-conventions';
import type { RulesConfig } from '../../config.ts';
import { among, type SeriesWriter } from '../../promql/series.ts';
import { sumBy } from '../board-queries.ts';
import { upTo } from '../colors.ts';
import { LOGS_OF_ROUTE, TRACES_OF_ROUTE } from '../explore-links.ts';
import type { TableSpec } from '../panel-spec.ts';

/** Routes over the whole time range, those with most failures first. */
export function routesTable(
  config: RulesConfig,
  process: SeriesWriter,
): Omit<TableSpec, 'id' | 'title' | 'width' | 'height'> {
  const by = [METHOD, TEMPLATE];
  const duration = 'nylas.client.request.duration';
  const count = (...matchers: string[]): string =>
    sumBy(by, `increase(${process.part(duration, 'count', ...matchers)}[$__range])`);
  const bad = count(among(OUTCOME, config.slo.badOutcomes));
  const limited = count(among(OUTCOME, ['rate_limited', 'provider_limited']));
  const p95 = `histogram_quantile(0.95, ${sumBy([...by, 'le'], `increase(${process.part(duration, 'bucket')}[$__range])`)})`;
  return {
    type: 'table',
    description:
      'Requests, bad ones, 429s and the time that one in twenty exceeds, over the whole time range. A click on a route opens its failed calls in Loki or its traces in Tempo.',
    sortBy: 'Bad',
    columns: [
      { field: 'http_request_method', title: 'Method', width: 80 },
      { field: 'url_template', title: 'Route', links: [LOGS_OF_ROUTE, TRACES_OF_ROUTE] },
      { field: 'requests', title: 'Requests', unit: 'short', decimals: 0, width: 95 },
      { field: 'bad', title: 'Bad', unit: 'short', decimals: 0, width: 75 },
      {
        field: 'ratio',
        title: 'Bad ratio',
        unit: 'percentunit',
        decimals: 2,
        width: 90,
        thresholds: upTo(0.005, 0.05),
      },
      { field: 'limited', title: '429', unit: 'short', decimals: 0, width: 75 },
      { field: 'p95', title: 'p95', unit: 's', width: 85, thresholds: upTo(2.5, config.latency.limit) },
    ],
    queries: [
      { expr: count(), legend: 'requests', instant: true },
      { expr: `${bad} or ${count()} * 0`, legend: 'bad', instant: true },
      { expr: `(${bad} or ${count()} * 0) / (${count()} > 0)`, legend: 'ratio', instant: true },
      { expr: `${limited} or ${count()} * 0`, legend: 'limited', instant: true },
      { expr: p95, legend: 'p95', instant: true },
    ],
  };
}
