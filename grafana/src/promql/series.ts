import { METRICS, type MetricName, prometheusLabel, prometheusName } from '@nylas-otel/semantic-conventions';
import type { Naming } from '../config.ts';

/** The series of a histogram in Prometheus. */
export type HistogramPart = 'bucket' | 'sum' | 'count';

/** Writes selectors of our metrics; a name is written nowhere else. */
export class SeriesWriter {
  readonly #naming: Naming;
  readonly #always: readonly string[];

  /** @param always matchers put into every selector */
  constructor(naming: Naming, always: readonly string[] = []) {
    this.#naming = naming;
    this.#always = always;
  }

  /** The name alone. */
  name(metric: MetricName, part?: HistogramPart): string {
    const name = prometheusName(METRICS[metric], { unitSuffix: this.#naming === 'suffixed' });
    return part === undefined ? name : `${name}_${part}`;
  }

  /** `nylas_client_requests_total{http_response_status_code="403"}` */
  of(metric: MetricName, ...matchers: readonly string[]): string {
    return `${this.name(metric)}${this.matchers(matchers)}`;
  }

  /** The same for a series of a histogram. */
  part(metric: MetricName, part: HistogramPart, ...matchers: readonly string[]): string {
    return `${this.name(metric, part)}${this.matchers(matchers)}`;
  }

  matchers(matchers: readonly string[]): string {
    const all = [...this.#always, ...matchers];
    return all.length === 0 ? '' : `{${all.join(', ')}}`;
  }
}

/** The label of an attribute. */
export function label(attribute: string): string {
  return prometheusLabel(attribute);
}

export function is(attribute: string, value: string): string {
  return `${label(attribute)}="${value}"`;
}

export function isNot(attribute: string, value: string): string {
  return `${label(attribute)}!="${value}"`;
}

export function among(attribute: string, values: readonly string[]): string {
  return values.length === 1 ? is(attribute, values[0] as string) : matches(attribute, values.join('|'));
}

export function noneOf(attribute: string, values: readonly string[]): string {
  return values.length === 1
    ? isNot(attribute, values[0] as string)
    : `${label(attribute)}!~"${values.join('|')}"`;
}

export function matches(attribute: string, pattern: string): string {
  return `${label(attribute)}=~"${pattern}"`;
}

export function noneMatching(attribute: string, pattern: string): string {
  return `${label(attribute)}!~"${pattern}"`;
}
