import type { MetricName } from '@nylas-otel/semantic-conventions';
import { label, type SeriesWriter } from '../promql/series.ts';
import type { QuerySpec, ValueText } from './panel-spec.ts';

/** How fast a counter rises, summed by these attributes. */
export function rateBy(
  series: SeriesWriter,
  metric: MetricName,
  by: readonly string[],
  ...matchers: string[]
): string {
  return sumBy(by, `rate(${series.of(metric, ...matchers)}[$__rate_interval])`);
}

/** The same of what a histogram counts. */
export function countRateBy(
  series: SeriesWriter,
  metric: MetricName,
  by: readonly string[],
  ...matchers: string[]
): string {
  return sumBy(by, `rate(${series.part(metric, 'count', ...matchers)}[$__rate_interval])`);
}

export function sumBy(by: readonly string[], expr: string): string {
  return by.length === 0 ? `sum(${expr})` : `sum by (${by.map(label).join(', ')}) (${expr})`;
}

export function maxBy(by: readonly string[], expr: string): string {
  return by.length === 0 ? `max(${expr})` : `max by (${by.map(label).join(', ')}) (${expr})`;
}

/** `part / whole`, 0 where there is a whole and no part. */
export function share(part: string, whole: string): string {
  return `(${part} or ${whole} * 0) / ${whole}`;
}

/** A quantile of a histogram over the rate interval. */
export function quantile(
  q: number,
  series: SeriesWriter,
  metric: MetricName,
  by: readonly string[] = [],
  ...matchers: string[]
): string {
  const buckets = series.part(metric, 'bucket', ...matchers);
  return `histogram_quantile(${q}, ${sumBy([...by, 'le'], `rate(${buckets}[$__rate_interval])`)})`;
}

/** Half, nearly all, and the slowest. */
export function percentiles(series: SeriesWriter, metric: MetricName, ...matchers: string[]): QuerySpec[] {
  return [0.5, 0.95, 0.99].map((q) => ({
    expr: quantile(q, series, metric, [], ...matchers),
    legend: `p${q * 100}`,
  }));
}

/** The buckets of a histogram, for a heatmap. */
export function buckets(series: SeriesWriter, metric: MetricName, ...matchers: string[]): QuerySpec {
  return {
    expr: sumBy(['le'], `increase(${series.part(metric, 'bucket', ...matchers)}[$__rate_interval])`),
    legend: '{{le}}',
  };
}

/** Which of several 1/0 series is 1, as the number of its text: one line of a state timeline for each `by`. */
export function encoded(
  series: SeriesWriter,
  metric: MetricName,
  attribute: string,
  by: readonly string[],
  texts: readonly ValueText[],
): string {
  const which = texts.map(
    ({ value, text }) => `(${series.of(metric, `${label(attribute)}="${text}"`)} == 1) * ${value}`,
  );
  return maxBy(by, `\n  ${which.join('\n  or\n  ')}\n`);
}
