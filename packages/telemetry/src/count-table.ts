import type { Attributes } from '@opentelemetry/api';

/** One series of a counter: a plain number that a hot path raises without asking OpenTelemetry. */
export interface CountEntry {
  /** The count so far. */
  value: number;
  /** The series' attributes; never changed. */
  readonly attributes: Attributes;
}

/** Makes an attribute set coarser, so that new sets meet in fewer series. */
export type FoldStep = (attributes: Attributes) => Attributes;

// OpenTelemetry JS folds silently into one overflow series at 2,000 attribute sets; stay below with room to fold.
const FOLD_FROM = 1_900;
const FOLD_STEP = 30;
const LAST_RESORT = 1_990;

/**
 * The series of one instrument, kept in plain numbers and bounded: near 1,900 attribute sets new ones are folded,
 * step by step, and under 2,000 whatever the input (TELEMETRY: metrics).
 */
export class CountTable {
  readonly #entries = new Map<string, CountEntry>();
  readonly #keys: readonly string[];
  readonly #folds: readonly FoldStep[];
  #lastResort: CountEntry | undefined;

  /**
   * @param keys attribute names of the instrument, in a fixed order; others are dropped
   * @param folds how new sets are made coarser near the bound, tried in this order and added up
   */
  constructor(keys: readonly string[], folds: readonly FoldStep[] = []) {
    this.#keys = keys;
    this.#folds = folds;
  }

  /** Number of series, at most 1,991. */
  get size(): number {
    return this.#entries.size;
  }

  /** The series of these attributes, made at 0 when it is new. Callers on a hot path keep it. */
  entry(attributes: Attributes): CountEntry {
    const key = this.#key(attributes);
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    if (this.#entries.size < FOLD_FROM) return this.#make(key, attributes);
    return this.#folded(attributes);
  }

  /** Adds `amount` (default 1) to the series of these attributes. */
  add(attributes: Attributes, amount = 1): void {
    this.entry(attributes).value += amount;
  }

  /** All series, for an observable instrument's callback. */
  entries(): IterableIterator<CountEntry> {
    return this.#entries.values();
  }

  #folded(attributes: Attributes): CountEntry {
    let coarse = attributes;
    for (let step = 0; step < this.#folds.length; step++) {
      coarse = (this.#folds[step] as FoldStep)(coarse);
      const key = this.#key(coarse);
      const known = this.#entries.get(key);
      if (known !== undefined) return known;
      const limit = Math.min(FOLD_FROM + FOLD_STEP * (step + 1), LAST_RESORT);
      if (this.#entries.size < limit) return this.#make(key, coarse);
    }
    if (this.#lastResort === undefined) {
      const rest: Attributes = {};
      for (const key of this.#keys) rest[key] = '_OTHER';
      this.#lastResort = this.#make(this.#key(rest), rest);
    }
    return this.#lastResort;
  }

  #make(key: string, attributes: Attributes): CountEntry {
    const own: Attributes = {};
    for (const name of this.#keys) {
      const value = attributes[name];
      if (value !== undefined) own[name] = value;
    }
    const entry = { value: 0, attributes: own };
    this.#entries.set(key, entry);
    return entry;
  }

  #key(attributes: Attributes): string {
    let key = '';
    for (const name of this.#keys) {
      const value = attributes[name];
      key += value === undefined ? '\u0000' : `${typeof value === 'number' ? '#' : ''}${String(value)}\u0001`;
    }
    return key;
  }
}
