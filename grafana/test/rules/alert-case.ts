import { ATTRIBUTES, type MetricName } from '@nylas-otel/semantic-conventions';
import { type HistogramPart, label, SeriesWriter } from '../../src/promql/series.ts';

/** One series and its samples, a minute (or `every`) apart, in promtool's notation. */
export interface Input {
  readonly series: string;
  readonly values: string;
}

/** A moment, in minutes from the first sample. */
type Minutes = number;

/** What an alert must do with some input. */
export interface Firing {
  readonly what: string;
  readonly input: readonly Input[];
  readonly at: Minutes;
  /** Labels of the alerts that fire, beside `severity` and `component`; one entry each. */
  readonly labels: readonly Readonly<Record<string, string>>[];
  /** Minutes between samples and evaluations; 1 where it is not said. */
  readonly every?: number;
}

export interface Quiet extends Omit<Firing, 'labels'> {}

export interface Resolving extends Omit<Firing, 'at'> {
  readonly firing: Minutes;
  readonly resolved: Minutes;
}

/** The cases of one alert: every alert has all three kinds. */
export interface AlertCases {
  readonly fires: readonly Firing[];
  readonly quiet: readonly Quiet[];
  readonly resolves: readonly Resolving[];
}

type Attributes = Readonly<Record<string, string>>;

const names = new SeriesWriter('suffixed');

/** A series of a metric; attributes by their OpenTelemetry names, labels of the scrape (`job`) as they are. */
export function of(metric: MetricName, attributes: Attributes, values: string): Input {
  return { series: names.of(metric, ...matchers(attributes)), values };
}

export function part(
  metric: MetricName,
  which: HistogramPart,
  attributes: Attributes,
  values: string,
): Input {
  return { series: names.part(metric, which, ...matchers(attributes)), values };
}

function matchers(attributes: Attributes): string[] {
  return Object.entries({ job: 'mail', instance: 'a', ...attributes })
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name in ATTRIBUTES ? label(name) : name}="${value}"`);
}

/** Segments of [rise a step, steps] of a counter that begins at 0; `undefined` for no samples. */
export function counter(
  ...segments: readonly (readonly [rise: number | undefined, steps: number])[]
): string {
  let last: number | undefined;
  const texts: string[] = [];
  for (const [rise, steps] of segments) {
    if (rise === undefined) {
      texts.push(`_x${steps}`);
      continue;
    }
    const first = last === undefined ? 0 : last + rise;
    last = first + rise * (steps - 1);
    texts.push(`${first}+${rise}x${steps - 1}`);
  }
  return texts.join(' ');
}

/** Segments of [value, steps] of a gauge; `undefined` for no samples. */
export function gauge(...segments: readonly (readonly [value: number | undefined, steps: number])[]): string {
  return segments
    .map(([value, steps]) => (value === undefined ? `_x${steps}` : `${value}+0x${steps - 1}`))
    .join(' ');
}

/** A counter that is not there for `before` steps and then at `value`, as one born at its first count. */
export function bornAt(value: number, before: number, after: number): string {
  return `_x${before} ${value}+0x${after - 1}`;
}

/** What every process with nylas-otel in it reports, so that its job is known to be older than the case. */
export function alive(steps: number, attributes: Attributes = {}): Input {
  return of(
    'nylas.telemetry.errors',
    { 'nylas.telemetry.component': 'hook', ...attributes },
    gauge([0, steps]),
  );
}
