import {
  METRICS,
  type MetricDefinition,
  type MetricKind,
  prometheusName,
} from '@nylas-otel/semantic-conventions';
import { diag, type Meter, type MeterProvider, type MetricOptions } from '@opentelemetry/api';
import type { Family, FamilyDescriptor } from '../families/family.ts';
import { HistogramFamily } from '../families/histogram-family.ts';
import { NumberFamily } from '../families/number-family.ts';
import { ObservedFamily } from '../families/observed-family.ts';
import { clashMessage, RegistryError } from '../registry/errors.ts';
import { type Aggregator, isRegistry, type PromRegistry } from '../registry/prom-registry.ts';
import { Registration } from '../registry/registration.ts';
import { Callbacks } from './callbacks.ts';
import { type FamilySource, PromMeter } from './meter.ts';

/** Options of {@link createPromMeterProvider}. */
export interface PromMeterProviderOptions {
  /** The registry of prom-client (14.2 and later) or `@prometheus-io/client` that the metrics go to. */
  register: PromRegistry;
  /**
   * Attribute sets an instrument keeps; further ones are counted together in one series `otel_metric_overflow="true"`.
   * Default 2,000, as in OpenTelemetry SDKs.
   */
  cardinalityLimit?: number;
  /**
   * How the workers of a cluster are put together, by OpenTelemetry name of the instrument. Default, and where it
   * returns undefined: what the nylas-otel contract says of its own instruments, `sum` for all others.
   */
  aggregator?: (name: string, kind: MetricKind) => Aggregator | undefined;
}

/** A `MeterProvider` whose instruments are metrics on a prom-client registry. */
export interface PromMeterProvider extends MeterProvider {
  /** The registry the metrics are on. */
  readonly register: PromRegistry;
  /** Prometheus names of instruments that are not shown because the registry has a metric of somebody else so called. */
  readonly clashes: readonly string[];
  /** Puts the metrics back after `register.clear()`, with the values they have. */
  restore(): void;
  /** Takes the metrics off the registry. Instruments may still be called; nothing shows them. */
  shutdown(): void;
}

// OpenTelemetry's cardinality limit and default bounds, so that both ways to Prometheus fold and print the same.
const CARDINALITY_LIMIT = 2_000;
const DEFAULT_BOUNDS = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1_000, 2_500, 5_000, 7_500, 10_000];

/**
 * Makes a `MeterProvider` of the OpenTelemetry API (1.9 and 1.10) on a prom-client registry: for instrumentations that
 * are to be scraped with the rest of a service that has no OpenTelemetry SDK.
 *
 * @throws RegistryError when `register` is no registry
 * @throws RangeError when `cardinalityLimit` is no whole number from 2 up
 */
export function createPromMeterProvider(options: PromMeterProviderOptions): PromMeterProvider {
  if (!isRegistry(options?.register)) {
    throw new RegistryError(
      'nylas-otel: register is not a registry of prom-client or @prometheus-io/client. ' +
        'Give one: createPromMeterProvider({ register: client.register }).',
    );
  }
  const { cardinalityLimit = CARDINALITY_LIMIT } = options;
  if (!Number.isInteger(cardinalityLimit) || cardinalityLimit < 2) {
    throw new RangeError(
      `nylas-otel: option "cardinalityLimit" is ${cardinalityLimit}. Give a whole number from 2 up, or nothing.`,
    );
  }
  return new RegistryMeterProvider(options, warnOfClash);
}

/** Says that an instrument is not shown, where a service without a diag logger sees it too. */
export function warnOfClash(promName: string): void {
  const message = clashMessage([promName]);
  diag.warn(message);
  process.emitWarning(message, { code: 'NYLAS_OTEL_METRIC_NAME_CLASH' });
}

/** See {@link createPromMeterProvider}. */
export class RegistryMeterProvider implements PromMeterProvider, FamilySource {
  readonly register: PromRegistry;
  readonly callbacks: Callbacks = new Callbacks();
  readonly #options: PromMeterProviderOptions;
  readonly #onClash: (promName: string) => void;
  readonly #registration: Registration;
  readonly #meters = new Map<string, Meter>();
  #open = true;

  /** @param onClash told of an instrument whose name is taken on the registry */
  constructor(options: PromMeterProviderOptions, onClash: (promName: string) => void) {
    this.register = options.register;
    this.#options = options;
    this.#onClash = onClash;
    this.#registration = new Registration(options.register);
  }

  get clashes(): readonly string[] {
    return this.#registration.taken;
  }

  getMeter(name: string, version?: string): Meter {
    const scope = `${name}@${version ?? ''}`;
    let meter = this.#meters.get(scope);
    if (meter === undefined) {
      meter = new PromMeter(this);
      this.#meters.set(scope, meter);
    }
    return meter;
  }

  restore(): void {
    if (this.#open) this.#registration.restore();
  }

  shutdown(): void {
    this.#open = false;
    this.#registration.remove();
  }

  numbers(name: string, kind: MetricKind, options: MetricOptions): NumberFamily | undefined {
    const descriptor = this.#descriptor(name, kind, false, options);
    return this.#family(descriptor, NumberFamily, () => new NumberFamily(descriptor));
  }

  observed(name: string, kind: MetricKind, options: MetricOptions): ObservedFamily | undefined {
    const descriptor = this.#descriptor(name, kind, true, options);
    return this.#family(descriptor, ObservedFamily, () => {
      const family = new ObservedFamily(descriptor, () => this.callbacks.collect());
      this.callbacks.addFamily(family);
      return family;
    });
  }

  histogram(name: string, options: MetricOptions): HistogramFamily | undefined {
    const descriptor = this.#descriptor(name, 'histogram', false, options);
    const bounds = boundsOf(options);
    return this.#family(descriptor, HistogramFamily, () => new HistogramFamily(descriptor, bounds));
  }

  #descriptor(name: string, kind: MetricKind, observable: boolean, options: MetricOptions): FamilyDescriptor {
    return {
      name,
      kind,
      observable,
      unit: options.unit ?? '',
      description: options.description ?? '',
      aggregator: this.#options.aggregator?.(name, kind) ?? contractAggregator(name),
      cardinalityLimit: this.#options.cardinalityLimit ?? CARDINALITY_LIMIT,
      registry: this.register,
    };
  }

  /** The family of that name, made when new; undefined when the name belongs to another kind of instrument. */
  #family<F extends Family>(
    descriptor: FamilyDescriptor,
    type: new (...args: never[]) => F,
    make: () => F,
  ): F | undefined {
    const known = this.#registration.get(prometheusName(descriptor));
    if (known === undefined) {
      const family = make();
      this.#add(family);
      return family;
    }
    if (known instanceof type && known.descriptor.kind === descriptor.kind) return known;
    diag.warn(
      `nylas-otel: metric "${descriptor.name}" already exists as another kind of instrument under the name ` +
        `${known.promName}; nothing is recorded for the second one. Give it another name.`,
    );
    return undefined;
  }

  #add(family: Family): void {
    if (!this.#open) return;
    this.#registration.add(family);
    if (this.clashes.includes(family.promName)) this.#onClash(family.promName);
  }
}

function contractAggregator(name: string): Aggregator {
  return (
    (METRICS as { readonly [name: string]: MetricDefinition | undefined })[name]?.acrossInstances ?? 'sum'
  );
}

// What a caller gives may be unsorted, double or no numbers at all; a bucket line must rise.
function boundsOf(options: MetricOptions): readonly number[] {
  const given: unknown = options.advice?.explicitBucketBoundaries;
  if (!Array.isArray(given)) return DEFAULT_BOUNDS;
  return [...new Set(given.filter((bound) => Number.isFinite(bound)))].sort((a: number, b: number) => a - b);
}
