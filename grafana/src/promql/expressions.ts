import { METRIC_NYLAS_TELEMETRY_ERRORS, type MetricName } from '@nylas-otel/semantic-conventions';
import { duration } from './duration.ts';
import type { SeriesWriter } from './series.ts';

/** What is counted, over which window (seconds), and the labels that are kept. */
export interface Counted {
  readonly metric: MetricName;
  readonly matchers?: readonly string[];
  readonly by: readonly string[];
  readonly window: number;
}

/**
 * How much a counter rose, first counts included: `increase()` does not see a series that appears at 1, as that of a
 * route's first failure does. A series younger than the window counts whole, unless its job is: then Prometheus, not
 * the counter, is new.
 */
export function counted(series: SeriesWriter, { metric, matchers = [], by, window }: Counted): string {
  const counter = series.of(metric, ...matchers);
  const ago = `offset ${duration(window)}`;
  const jobIsOlder = `group by (job) (${series.of(METRIC_NYLAS_TELEMETRY_ERRORS)} ${ago})`;
  return `sum by (${by.join(', ')}) (
  (increase(${counter}[${duration(window)}]) and ${counter} ${ago})
  or
  ((${counter} unless ${counter} ${ago}) and on (job) ${jobIsOlder})
)`;
}

/** The values of a shared gauge, put together over replicas. */
export function shared(selector: string, by: readonly string[]): string {
  return `max by (${by.join(', ')}) (${selector})`;
}
