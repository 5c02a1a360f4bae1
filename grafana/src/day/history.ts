import { once } from 'node:events';
import type { WriteStream } from 'node:fs';
import { METRICS, type MetricDefinition, type MetricName } from '@nylas-otel/semantic-conventions';
import type { Naming } from '../config.ts';
import { label, SeriesWriter } from '../promql/series.ts';
import { SAMPLES } from './clock.ts';

/** Labels of a scrape and attributes by their OpenTelemetry names. */
export type Labels = Readonly<Record<string, string>>;

/** A value at a moment (Unix seconds); `undefined` for no sample. */
export type ValueAt = (time: number) => number | undefined;

const FLUSH_BYTES = 1 << 20;

/** Writes history as OpenMetrics text, series by series. */
export class History {
  readonly #out: WriteStream;
  readonly #names: SeriesWriter;
  readonly #stamps: readonly string[];
  readonly written = new Set<MetricName>();
  #chunk = '';

  constructor(out: WriteStream, naming: Naming) {
    this.#out = out;
    this.#names = new SeriesWriter(naming);
    this.#stamps = SAMPLES.map((time) => ` ${time}\n`);
  }

  /** A counter that rises by so much a minute. */
  counter(metric: MetricName, labels: Labels, perMinute: (time: number) => number): Promise<void> {
    this.written.add(metric);
    return this.#series(`${this.#names.name(metric)}${braced(labels)}`, summed(perMinute));
  }

  gauge(metric: MetricName, labels: Labels, value: ValueAt): Promise<void> {
    this.written.add(metric);
    return this.#series(`${this.#names.name(metric)}${braced(labels)}`, value);
  }

  /** Records of a histogram: so many a minute, spread log-normally around a median. */
  async histogram(
    metric: MetricName,
    labels: Labels,
    perMinute: (time: number) => number,
    median: (time: number) => number,
    spread = 0.8,
  ): Promise<void> {
    this.written.add(metric);
    const { buckets = [] } = METRICS[metric] as MetricDefinition;
    for (const bound of [...buckets, Number.POSITIVE_INFINITY]) {
      const le = bound === Number.POSITIVE_INFINITY ? '+Inf' : String(bound);
      const below = summed((time) => perMinute(time) * shareBelow(bound, median(time), spread));
      await this.#series(`${this.#names.name(metric, 'bucket')}${braced({ ...labels, le })}`, below);
    }
    await this.#series(`${this.#names.name(metric, 'count')}${braced(labels)}`, summed(perMinute));
    const mean = Math.exp(spread ** 2 / 2);
    const sum = summed((time) => perMinute(time) * median(time) * mean);
    await this.#series(`${this.#names.name(metric, 'sum')}${braced(labels)}`, sum);
  }

  /** A series that is none of ours, by its whole name. */
  foreign(name: string, labels: Labels, value: ValueAt): Promise<void> {
    return this.#series(`${name}${braced(labels)}`, value);
  }

  async end(): Promise<void> {
    this.#out.end(`${this.#chunk}# EOF\n`);
    await once(this.#out, 'close');
  }

  async #series(selector: string, value: ValueAt): Promise<void> {
    for (let i = 0; i < SAMPLES.length; i++) {
      const now = value(SAMPLES[i] as number);
      if (now !== undefined) this.#chunk += `${selector} ${now}${this.#stamps[i]}`;
    }
    if (this.#chunk.length < FLUSH_BYTES) return;
    const chunk = this.#chunk;
    this.#chunk = '';
    if (!this.#out.write(chunk)) await once(this.#out, 'drain');
  }
}

// OpenMetrics allows no space between labels.
function braced(labels: Labels): string {
  const texts = Object.entries(labels).map(
    ([name, value]) => `${name.includes('.') ? label(name) : name}="${value}"`,
  );
  return `{${texts.join(',')}}`;
}

/** Whole counts, as counters have; the rest is carried on. */
function summed(perMinute: (time: number) => number): ValueAt {
  let total = 0;
  let last: number | undefined;
  return (time) => {
    if (last !== undefined) total += perMinute(time) * ((time - last) / 60);
    last = time;
    return Math.round(total * 1000) / 1000;
  };
}

/** Share of a log-normal distribution below a bound. */
function shareBelow(bound: number, median: number, spread: number): number {
  if (bound === Number.POSITIVE_INFINITY) return 1;
  return 1 / (1 + Math.exp((-1.702 * Math.log(bound / median)) / spread));
}
