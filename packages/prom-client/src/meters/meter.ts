import type { MetricKind } from '@nylas-otel/semantic-conventions';
import {
  type Attributes,
  type BatchObservableCallback,
  type Context,
  type Counter,
  createNoopMeter,
  diag,
  type Gauge,
  type Histogram,
  type Meter,
  type MetricOptions,
  type Observable,
  type ObservableCounter,
  type ObservableGauge,
  type ObservableUpDownCounter,
  type UpDownCounter,
  ValueType,
} from '@opentelemetry/api';
import type { Family, FamilyDescriptor, Recorder } from '../families/family.ts';
import type { HistogramFamily } from '../families/histogram-family.ts';
import type { NumberFamily } from '../families/number-family.ts';
import type { ObservedFamily } from '../families/observed-family.ts';
import { acceptable } from './acceptable.ts';
import { type Callbacks, ObservableInstrument } from './callbacks.ts';

/** Where a meter gets its families: the provider. */
export interface FamilySource {
  readonly callbacks: Callbacks;
  numbers(name: string, kind: MetricKind, options: MetricOptions): NumberFamily | undefined;
  observed(name: string, kind: MetricKind, options: MetricOptions): ObservedFamily | undefined;
  histogram(name: string, options: MetricOptions): HistogramFamily | undefined;
}

const NO_ATTRIBUTES: Attributes = Object.freeze({});

// The rule of the OpenTelemetry specification for instrument names.
const VALID_NAME = /^[a-z][a-z0-9_.\-/]{0,254}$/i;

/** A meter whose instruments are metrics on a prom-client registry. Scopes are not printed: all share the families. */
export class PromMeter implements Meter {
  readonly #source: FamilySource;

  constructor(source: FamilySource) {
    this.#source = source;
  }

  createCounter(name: string, options?: MetricOptions): Counter {
    const family = this.#family(name, () => this.#source.numbers(name, 'counter', options ?? {}));
    return family === undefined ? noop.createCounter(name) : new SyncInstrument(family, options);
  }

  createUpDownCounter(name: string, options?: MetricOptions): UpDownCounter {
    const family = this.#family(name, () => this.#source.numbers(name, 'updowncounter', options ?? {}));
    return family === undefined ? noop.createUpDownCounter(name) : new SyncInstrument(family, options);
  }

  createGauge(name: string, options?: MetricOptions): Gauge {
    const family = this.#family(name, () => this.#source.numbers(name, 'gauge', options ?? {}));
    return family === undefined ? noop.createGauge(name) : new SyncInstrument(family, options);
  }

  createHistogram(name: string, options?: MetricOptions): Histogram {
    const family = this.#family(name, () => this.#source.histogram(name, options ?? {}));
    return family === undefined ? noop.createHistogram(name) : new SyncInstrument(family, options);
  }

  createObservableCounter(name: string, options?: MetricOptions): ObservableCounter {
    return this.#observable(name, 'counter', options);
  }

  createObservableUpDownCounter(name: string, options?: MetricOptions): ObservableUpDownCounter {
    return this.#observable(name, 'updowncounter', options);
  }

  createObservableGauge(name: string, options?: MetricOptions): ObservableGauge {
    return this.#observable(name, 'gauge', options);
  }

  addBatchObservableCallback(callback: BatchObservableCallback, observables: Observable[]): void {
    this.#source.callbacks.addBatch(callback, observables);
  }

  removeBatchObservableCallback(callback: BatchObservableCallback, observables: Observable[]): void {
    this.#source.callbacks.removeBatch(callback, observables);
  }

  #observable(name: string, kind: MetricKind, options: MetricOptions | undefined): Observable {
    const family = this.#family(name, () => this.#source.observed(name, kind, options ?? {}));
    return family === undefined
      ? noop.createObservableGauge(name)
      : new ObservableInstrument(family, this.#source.callbacks);
  }

  #family<F extends Family>(name: string, find: () => F | undefined): F | undefined {
    if (typeof name === 'string' && VALID_NAME.test(name)) return find();
    diag.warn(
      `nylas-otel: ${JSON.stringify(name)} is no metric name, nothing is recorded for it. A name starts with a letter ` +
        'and has at most 255 letters, digits, "_", ".", "-" and "/".',
    );
    return undefined;
  }
}

const noop: Meter = createNoopMeter();

/** Counter, up-down counter, gauge or histogram: what differs is in the family. */
class SyncInstrument implements Counter, Histogram {
  readonly #family: Family & Recorder;
  readonly #descriptor: FamilyDescriptor;
  readonly #integers: boolean;

  constructor(family: Family & Recorder, options: MetricOptions | undefined) {
    this.#family = family;
    this.#descriptor = family.descriptor;
    this.#integers = options?.valueType === ValueType.INT;
  }

  add(value: number, attributes?: Attributes, context?: Context): void {
    this.record(value, attributes, context);
  }

  record(value: number, attributes?: Attributes, context?: Context): void {
    if (!acceptable(this.#descriptor, value)) return;
    this.#family.record(this.#integers ? Math.trunc(value) : value, attributes ?? NO_ATTRIBUTES, context);
  }
}
