import { type Attributes, type Context, TraceFlags, trace } from '@opentelemetry/api';
import { type Exemplar, type Labels, type Point, speaksOpenMetrics } from '../registry/prom-registry.ts';
import { Family, type FamilyDescriptor, type Recorder } from './family.ts';
import { OVERFLOW_LABELS } from './labels.ts';
import { SeriesTable } from './series-table.ts';
import { warnOfOverflow } from './warnings.ts';

const NO_LABELS: Labels = Object.freeze({});

/** One attribute set of a histogram, counted bucket by bucket; added up only at a scrape. */
class HistogramSeries {
  readonly counts: number[];
  sum = 0;
  count = 0;
  /** One a bucket, the newest; made with the first. */
  exemplars: Array<Exemplar | undefined> | undefined;
  /** The buckets' lines, then sum and count. */
  readonly points: Point[];

  constructor(name: string, bounds: readonly number[], labels: Labels) {
    this.counts = new Array<number>(bounds.length + 1).fill(0);
    const line = (suffix: string, sharedLabels: Labels): Point => ({
      labels: NO_LABELS,
      sharedLabels,
      value: 0,
      metricName: `${name}_${suffix}`,
      exemplar: undefined,
    });
    this.points = [
      ...[...bounds, '+Inf'].map((le) => line('bucket', { ...labels, le })),
      line('sum', labels),
      line('count', labels),
    ];
  }

  update(): void {
    let cumulative = 0;
    const { counts, points, exemplars } = this;
    for (let bucket = 0; bucket < counts.length; bucket++) {
      cumulative += counts[bucket] as number;
      const point = points[bucket] as Point;
      point.value = cumulative;
      if (exemplars !== undefined) point.exemplar = exemplars[bucket];
    }
    (points[counts.length] as Point).value = this.sum;
    (points[counts.length + 1] as Point).value = this.count;
  }
}

/** Histograms with explicit buckets, with exemplars where the registry speaks OpenMetrics. */
export class HistogramFamily extends Family implements Recorder {
  readonly bounds: readonly number[];
  readonly #table: SeriesTable<HistogramSeries>;
  #series: HistogramSeries[] = [];
  #points: Point[] = [];
  #overflow: HistogramSeries | undefined;

  /** @param bounds upper bounds of the buckets, ascending, without +Inf */
  constructor(descriptor: FamilyDescriptor, bounds: readonly number[]) {
    super(descriptor);
    this.bounds = bounds;
    this.#table = new SeriesTable(descriptor.cardinalityLimit - 1, (labels) => this.#add(labels));
  }

  record(value: number, attributes: Attributes, context: Context | undefined): void {
    const series = this.#table.find(attributes) ?? this.#overflowing();
    const { bounds } = this;
    // A dozen bounds, and most requests end in the first half: a scan is as fast as a bisection.
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket++;
    series.counts[bucket] = (series.counts[bucket] as number) + 1;
    series.sum += value;
    series.count++;
    if (context !== undefined && speaksOpenMetrics(this.descriptor.registry)) {
      this.#exemplify(series, bucket, value, context);
    }
  }

  reset(): void {
    this.#table.clear();
    this.#series = [];
    this.#points = [];
    this.#overflow = undefined;
  }

  protected refresh(): undefined {}

  protected points(): readonly Point[] {
    for (const series of this.#series) series.update();
    return this.#points;
  }

  #exemplify(series: HistogramSeries, bucket: number, value: number, context: Context): void {
    const span = trace.getSpanContext(context);
    if (span === undefined || (span.traceFlags & TraceFlags.SAMPLED) === 0) return;
    series.exemplars ??= new Array<Exemplar | undefined>(this.bounds.length + 1).fill(undefined);
    series.exemplars[bucket] = {
      labelSet: { trace_id: span.traceId, span_id: span.spanId },
      value,
      timestamp: Date.now() / 1_000,
    };
  }

  #add(labels: Labels): HistogramSeries {
    const series = new HistogramSeries(this.promName, this.bounds, labels);
    this.#series.push(series);
    this.#points.push(...series.points);
    return series;
  }

  #overflowing(): HistogramSeries {
    if (this.#overflow === undefined) {
      warnOfOverflow(this.descriptor);
      this.#overflow = this.#add(OVERFLOW_LABELS);
    }
    return this.#overflow;
  }
}
