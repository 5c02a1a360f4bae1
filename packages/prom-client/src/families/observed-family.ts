import type { Attributes } from '@opentelemetry/api';
import type { Point } from '../registry/prom-registry.ts';
import { Family, type FamilyDescriptor } from './family.ts';
import { OVERFLOW_LABELS } from './labels.ts';
import { numberPoint } from './number-family.ts';
import { SeriesTable } from './series-table.ts';
import { warnOfOverflow } from './warnings.ts';

/** Runs the callbacks that observe; a promise only where one needs time. */
export type Collect = () => Promise<void> | undefined;

interface ObservedSeries {
  readonly point: Point;
  /** The round that saw it last. */
  round: number;
}

// Spares rebuilding the table for a few series that come and go.
const FORGOTTEN_AT_LEAST = 64;

/**
 * Counters, up-down counters and gauges that are read by callbacks at a scrape. A series that no callback reports any
 * more is gone at the next scrape.
 */
export class ObservedFamily extends Family {
  readonly #collect: Collect;
  readonly #table: SeriesTable<ObservedSeries>;
  readonly #limit: number;
  #overflow: ObservedSeries | undefined;
  #round = 0;
  #observed: Point[] = [];
  #points: readonly Point[] = [];

  constructor(descriptor: FamilyDescriptor, collect: Collect) {
    super(descriptor);
    this.#collect = collect;
    this.#limit = descriptor.cardinalityLimit - 1;
    this.#table = new SeriesTable(Number.POSITIVE_INFINITY, (labels) => ({
      point: numberPoint(labels),
      round: 0,
    }));
  }

  /** Begins a round of callbacks. */
  begin(): void {
    this.#round++;
    this.#observed = [];
  }

  /** Takes the value of one series; the last of a round counts, but what overflows is added up. */
  observe(value: number, attributes: Attributes): void {
    // A full round looks new sets up without keeping them, so that a table is bounded whatever the input.
    const full = this.#observed.length >= this.#limit;
    const series = full ? this.#table.peek(attributes) : this.#table.find(attributes);
    if (series?.round === this.#round) {
      series.point.value = value;
    } else if (series === undefined || full) {
      this.#overflowBy(value);
    } else {
      this.#see(series, value);
    }
  }

  /** Ends a round: what was observed is what the next scrape prints. */
  publish(): void {
    this.#points = this.#observed;
    if (this.#table.size > this.#points.length * 2 + FORGOTTEN_AT_LEAST) {
      this.#table.keep((series) => series.round === this.#round);
    }
  }

  // The values are kept elsewhere and will be reported again.
  reset(): void {}

  protected refresh(): Promise<void> | undefined {
    return this.#collect();
  }

  protected points(): readonly Point[] {
    return this.#points;
  }

  #see(series: ObservedSeries, value: number): void {
    series.round = this.#round;
    series.point.value = value;
    this.#observed.push(series.point);
  }

  #overflowBy(value: number): void {
    if (this.#overflow === undefined) {
      warnOfOverflow(this.descriptor);
      this.#overflow = { point: numberPoint(OVERFLOW_LABELS), round: 0 };
    }
    const overflow = this.#overflow;
    if (overflow.round !== this.#round) this.#see(overflow, value);
    else if (this.descriptor.kind === 'gauge') overflow.point.value = value;
    else overflow.point.value += value;
  }
}
