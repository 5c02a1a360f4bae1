import {
  METRIC_NYLAS_TELEMETRY_ERRORS,
  METRICS,
  type MetricDefinition,
  type MetricName,
} from '@nylas-otel/semantic-conventions';
import {
  type Attributes,
  type Context,
  type Histogram,
  type MeterProvider,
  metrics,
  type Observable,
  type ObservableCallback,
  type ObservableResult,
} from '@opentelemetry/api';
import { CountTable } from './count-table.ts';
import { bornAtZero, foldsFor } from './folds.ts';
import { dropError, droppedErrors } from './guard.ts';
import { processState } from './process-state.ts';
import { SCOPE } from './version.ts';

/** The OpenTelemetry scope an instrument is emitted under: the emitting package. */
export interface Scope {
  readonly name: string;
  readonly version: string;
}

/** Reports one value of an observable instrument. */
export type Report = (value: number, attributes: Attributes) => void;

/** A histogram that finds its providers late; a record before any provider is dropped. */
export interface LateHistogram {
  /**
   * @param value in the instrument's unit (seconds)
   * @param attributes not copied: callers on a hot path reuse one object per series
   * @param context the context of the measured work, for exemplars; never the active one of a channel callback
   */
  record(value: number, attributes: Attributes, context?: Context): void;
}

/** How often a process looks whether the global meter provider was set or changed, in milliseconds. */
const PROVIDER_CHECK_MS = 1_000;

interface Instrument {
  readonly scope: Scope;
  readonly definition: MetricDefinition;
  readonly observers: Set<(report: Report) => void>;
  table: CountTable | undefined;
  histogram: FannedHistogram | undefined;
}

interface Bound {
  readonly provider: MeterProvider;
  readonly histograms: Map<MetricName, Histogram>;
  readonly callbacks: Map<MetricName, readonly [Observable, ObservableCallback]>;
}

class FannedHistogram implements LateHistogram {
  /** One a bound provider; nearly always one. */
  targets: Histogram[] = [];

  record(value: number, attributes: Attributes, context?: Context): void {
    for (const target of this.targets) target.record(value, attributes, context);
  }
}

/**
 * All instruments of a process, once: counts in plain numbers behind observable instruments, gauges from
 * callbacks, histograms recorded at once. Providers come late and may change: OpenTelemetry has no proxy meter
 * (instruments of the no-op provider stay no-op for ever), so instruments are made when a provider is known.
 *
 * With explicitly bound providers only these are used, else the global one.
 */
export class InstrumentHub {
  readonly #instruments = new Map<MetricName, Instrument>();
  readonly #explicit = new Map<object, MeterProvider>();
  #bound: Bound[] = [];
  #providerCheck: ReturnType<typeof setInterval> | undefined;

  /** The count table of a counter or up-down counter. */
  count(name: MetricName, scope: Scope): CountTable {
    const instrument = this.#instrument(name, scope);
    if (instrument.table === undefined) {
      const { attributes } = instrument.definition;
      instrument.table = new CountTable(attributes, foldsFor(attributes));
      for (const set of bornAtZero(instrument.definition)) instrument.table.entry(set);
    }
    return instrument.table;
  }

  /** A synchronous histogram. */
  histogram(name: MetricName, scope: Scope): LateHistogram {
    const instrument = this.#instrument(name, scope);
    if (instrument.histogram === undefined) {
      instrument.histogram = new FannedHistogram();
      this.#connectHistograms();
    }
    return instrument.histogram;
  }

  /** Adds an observer to a gauge or counter; returns what removes it. One that fails is dropped, others report. */
  observe(name: MetricName, scope: Scope, observer: (report: Report) => void): () => void {
    const { observers } = this.#instrument(name, scope);
    observers.add(observer);
    return () => observers.delete(observer);
  }

  /** Binds a provider for `owner` (an instrumentation, a bridge); replaces the owner's former one. */
  bind(owner: object, provider: MeterProvider): void {
    if (isNoop(provider) || this.#explicit.get(owner) === provider) return;
    this.#explicit.set(owner, provider);
    this.refresh();
  }

  /** Takes back what {@link bind} gave. */
  unbind(owner: object): void {
    if (this.#explicit.delete(owner)) this.refresh();
  }

  /** Looks at the providers again and moves the instruments; cheap when nothing changed. */
  refresh(): void {
    const wanted = this.#wanted();
    if (
      wanted.length !== this.#bound.length ||
      wanted.some((provider, i) => this.#bound[i]?.provider !== provider)
    ) {
      for (const bound of this.#bound) {
        if (!wanted.includes(bound.provider)) release(bound);
      }
      this.#bound = wanted.map(
        (provider) => this.#bound.find((bound) => bound.provider === provider) ?? fresh(provider),
      );
      for (const [name, instrument] of this.#instruments) this.#create(name, instrument);
      this.#connectHistograms();
    }
    this.#watchGlobalProvider();
  }

  #wanted(): MeterProvider[] {
    if (this.#explicit.size > 0) return [...new Set(this.#explicit.values())];
    const global = metrics.getMeterProvider();
    return isNoop(global) ? [] : [global];
  }

  #instrument(name: MetricName, scope: Scope): Instrument {
    let instrument = this.#instruments.get(name);
    if (instrument === undefined) {
      const definition: MetricDefinition = METRICS[name];
      instrument = { scope, definition, observers: new Set(), table: undefined, histogram: undefined };
      this.#instruments.set(name, instrument);
      this.refresh();
      this.#create(name, instrument);
    }
    return instrument;
  }

  /** Makes the instrument at every bound provider that does not have it yet. */
  #create(name: MetricName, instrument: Instrument): void {
    const { definition, scope } = instrument;
    const options = { unit: definition.unit, description: definition.description };
    for (const bound of this.#bound) {
      if (bound.histograms.has(name) || bound.callbacks.has(name)) continue;
      try {
        const meter = bound.provider.getMeter(scope.name, scope.version);
        if (definition.kind === 'histogram') {
          const advice =
            definition.buckets === undefined ? {} : { explicitBucketBoundaries: [...definition.buckets] };
          bound.histograms.set(name, meter.createHistogram(name, { ...options, advice }));
          continue;
        }
        const observable: Observable =
          definition.kind === 'counter'
            ? meter.createObservableCounter(name, options)
            : definition.kind === 'updowncounter'
              ? meter.createObservableUpDownCounter(name, options)
              : meter.createObservableGauge(name, options);
        const callback: ObservableCallback = (result) => report(instrument, result);
        observable.addCallback(callback);
        bound.callbacks.set(name, [observable, callback]);
      } catch (error) {
        dropError('metric', error);
      }
    }
  }

  #connectHistograms(): void {
    for (const [name, { histogram }] of this.#instruments) {
      if (histogram !== undefined)
        histogram.targets = this.#bound.flatMap((bound) => bound.histograms.get(name) ?? []);
    }
  }

  // A provider registered after us, without traffic, is found by nothing else. Never keeps a process alive.
  #watchGlobalProvider(): void {
    if (this.#explicit.size > 0) {
      clearInterval(this.#providerCheck);
      this.#providerCheck = undefined;
    } else if (this.#providerCheck === undefined && this.#instruments.size > 0) {
      this.#providerCheck = setInterval(() => this.refresh(), PROVIDER_CHECK_MS);
      this.#providerCheck.unref();
    }
  }
}

function fresh(provider: MeterProvider): Bound {
  return { provider, histograms: new Map(), callbacks: new Map() };
}

function release(bound: Bound): void {
  for (const [observable, callback] of bound.callbacks.values()) observable.removeCallback(callback);
}

function report(instrument: Instrument, result: ObservableResult): void {
  if (instrument.table !== undefined) {
    for (const entry of instrument.table.entries()) result.observe(entry.value, entry.attributes);
  }
  for (const observer of instrument.observers) {
    try {
      observer((value, attributes) => result.observe(value, attributes));
    } catch (error) {
      dropError('metric', error);
    }
  }
}

// The API's no-op provider hands out one meter for every name; its class name does not survive minifying.
function isNoop(provider: MeterProvider): boolean {
  return provider.getMeter('nylas-otel.a') === provider.getMeter('nylas-otel.b');
}

/** The process's hub, shared by all copies of our packages. */
export const instrumentHub: InstrumentHub = processState('instruments', () => {
  const hub = new InstrumentHub();
  hub.observe(METRIC_NYLAS_TELEMETRY_ERRORS, SCOPE, (tell) => {
    for (const [component, count] of droppedErrors()) tell(count, { 'nylas.telemetry.component': component });
  });
  return hub;
});
