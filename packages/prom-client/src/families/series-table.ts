import type { Attributes } from '@opentelemetry/api';
import type { Labels } from '../registry/prom-registry.ts';
import { labelsKey, promLabels } from './labels.ts';

// Attribute sets of one series differ in order and in types only: nearly all have one spelling. More are found, slower.
const MAX_SPELLINGS = 8_000;

/**
 * The series of one instrument, found by attributes. Sets that mean the same labels (another order, `200` for `"200"`,
 * an attribute that is undefined) are one series: Prometheus refuses a scrape that says a series twice.
 */
export class SeriesTable<Series> {
  /** By attributes as they were given; spares the translation to labels on the hot path. */
  readonly #spellings = new Map<string, Series>();
  readonly #byLabels = new Map<string, Series>();
  /** The attribute names of the first set; most sets have the same, in the same order. */
  #names: readonly string[] = [];
  readonly #limit: number;
  readonly #make: (labels: Labels) => Series;

  /**
   * @param limit how many series it makes
   * @param make makes the series of labels met for the first time
   */
  constructor(limit: number, make: (labels: Labels) => Series) {
    this.#limit = limit;
    this.#make = make;
  }

  get size(): number {
    return this.#byLabels.size;
  }

  /** The series of the attributes, made when new; undefined when it is new and the table is full. */
  find(attributes: Attributes): Series | undefined {
    const spelling = this.#spell(attributes);
    if (spelling === undefined) return this.#byTranslation(attributes);
    return this.#spellings.get(spelling) ?? this.#spelled(spelling, attributes);
  }

  /** The series of the attributes if there is one. */
  peek(attributes: Attributes): Series | undefined {
    return this.#byLabels.get(labelsKey(promLabels(attributes)));
  }

  clear(): void {
    this.#spellings.clear();
    this.#byLabels.clear();
  }

  /** Forgets the series that fail the test. */
  keep(wanted: (series: Series) => boolean): void {
    for (const table of [this.#spellings, this.#byLabels]) {
      for (const [key, series] of table) {
        if (!wanted(series)) table.delete(key);
      }
    }
  }

  #spelled(spelling: string, attributes: Attributes): Series | undefined {
    const series = this.#byTranslation(attributes);
    if (series !== undefined && this.#spellings.size < MAX_SPELLINGS) {
      this.#spellings.set(spelling, series);
    }
    return series;
  }

  #byTranslation(attributes: Attributes): Series | undefined {
    const labels = promLabels(attributes);
    const key = labelsKey(labels);
    let series = this.#byLabels.get(key);
    if (series === undefined && this.#byLabels.size < this.#limit) {
      series = this.#make(labels);
      this.#byLabels.set(key, series);
    }
    return series;
  }

  // The hot path: one string per record, which prom-client pays too. Nearly all callers of an instrument name the same
  // attributes in the same order (the last ones may be missing), so the names are compared, which are interned, and only
  // the values are put together. Undefined where a value is no plain one (an array).
  #spell(attributes: Attributes): string | undefined {
    const names = this.#names;
    let spelling = '';
    let i = 0;
    for (const name in attributes) {
      if (name !== names[i++]) return this.#spellNames(attributes);
      const value: unknown = attributes[name];
      if (typeof value === 'string') spelling += value;
      else if (typeof value === 'number' || typeof value === 'boolean') spelling += value;
      else if (value !== undefined && value !== null) return undefined;
      spelling += '\u0001';
    }
    return spelling;
  }

  #spellNames(attributes: Attributes): string | undefined {
    if (this.#names.length === 0) this.#names = Object.keys(attributes);
    let spelling = '';
    for (const name in attributes) {
      const value: unknown = attributes[name];
      if (value === undefined || value === null) continue;
      if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
        return undefined;
      spelling += `${name}\u0000${value}\u0001`;
    }
    return spelling;
  }
}
