import type { Attributes } from '@opentelemetry/api';
import type { Labels, Point } from '../registry/prom-registry.ts';
import { Family, type FamilyDescriptor, type Recorder } from './family.ts';
import { OVERFLOW_LABELS } from './labels.ts';
import { SeriesTable } from './series-table.ts';
import { warnOfOverflow } from './warnings.ts';

const NO_LABELS: Labels = Object.freeze({});

/** A line that is one number. */
export function numberPoint(labels: Labels): Point {
  return { labels: NO_LABELS, sharedLabels: labels, value: 0 };
}

/** Counters, up-down counters and gauges that are told each change. */
export class NumberFamily extends Family implements Recorder {
  readonly #sets: boolean;
  readonly #table: SeriesTable<Point>;
  /** The series are the lines: nothing is prepared at a scrape. */
  #points: Point[] = [];
  #overflow: Point | undefined;

  constructor(descriptor: FamilyDescriptor) {
    super(descriptor);
    this.#sets = descriptor.kind === 'gauge';
    this.#table = new SeriesTable(descriptor.cardinalityLimit - 1, (labels) => this.#add(labels));
  }

  record(value: number, attributes: Attributes): void {
    const point = this.#table.find(attributes) ?? this.#overflowing();
    if (this.#sets) point.value = value;
    else point.value += value;
  }

  reset(): void {
    this.#table.clear();
    this.#points = [];
    this.#overflow = undefined;
  }

  protected refresh(): undefined {}

  protected points(): readonly Point[] {
    return this.#points;
  }

  #add(labels: Labels): Point {
    const point = numberPoint(labels);
    this.#points.push(point);
    return point;
  }

  #overflowing(): Point {
    if (this.#overflow === undefined) {
      warnOfOverflow(this.descriptor);
      this.#overflow = this.#add(OVERFLOW_LABELS);
    }
    return this.#overflow;
  }
}
