import { dropError } from '@nylas-otel/telemetry';
import type {
  Attributes,
  BatchObservableCallback,
  BatchObservableResult,
  Observable,
  ObservableCallback,
  ObservableResult,
} from '@opentelemetry/api';
import type { ObservedFamily } from '../families/observed-family.ts';
import { acceptable } from './acceptable.ts';

/** An asynchronous instrument. */
export class ObservableInstrument implements Observable {
  readonly family: ObservedFamily;
  readonly #callbacks: Callbacks;

  constructor(family: ObservedFamily, callbacks: Callbacks) {
    this.family = family;
    this.#callbacks = callbacks;
  }

  addCallback(callback: ObservableCallback): void {
    this.#callbacks.add(this, callback);
  }

  removeCallback(callback: ObservableCallback): void {
    this.#callbacks.remove(this, callback);
  }
}

interface Registered {
  /** Still at work since an earlier round: not called again, so that callbacks that hang do not pile up. */
  busy: boolean;
}

interface Single extends Registered {
  readonly instrument: ObservableInstrument;
  readonly callback: ObservableCallback;
}

interface Batch extends Registered {
  readonly instruments: ReadonlySet<ObservableInstrument>;
  readonly callback: BatchObservableCallback;
}

interface Round {
  /** Observations that come after the end are dropped. */
  open: boolean;
}

// Prometheus gives up a scrape after 10 s by default; the other metrics should be in time.
const CALLBACK_TIMEOUT_MS = 5_000;

/**
 * The callbacks of a provider. A scrape asks every family for itself; all that ask in the same turn of the event loop,
 * or while a callback is still waited for, share one round, so that each callback runs once a scrape.
 */
export class Callbacks {
  readonly #families = new Set<ObservedFamily>();
  #singles: Single[] = [];
  #batches: Batch[] = [];
  #round: { done: Promise<void> | undefined } | undefined;

  /** Adds a family that takes part in every round. */
  addFamily(family: ObservedFamily): void {
    this.#families.add(family);
  }

  add(instrument: ObservableInstrument, callback: ObservableCallback): void {
    const known = this.#singles.some((one) => one.instrument === instrument && one.callback === callback);
    if (!known) this.#singles.push({ instrument, callback, busy: false });
  }

  remove(instrument: ObservableInstrument, callback: ObservableCallback): void {
    this.#singles = this.#singles.filter((one) => one.instrument !== instrument || one.callback !== callback);
  }

  addBatch(callback: BatchObservableCallback, observables: readonly Observable[]): void {
    const instruments = ourInstruments(observables);
    const known = this.#batches.some((batch) => isBatch(batch, callback, instruments));
    if (!known && instruments.size > 0) this.#batches.push({ instruments, callback, busy: false });
  }

  removeBatch(callback: BatchObservableCallback, observables: readonly Observable[]): void {
    const instruments = ourInstruments(observables);
    this.#batches = this.#batches.filter((batch) => !isBatch(batch, callback, instruments));
  }

  /** Runs all callbacks, or joins the round under way. Never rejects. */
  collect(): Promise<void> | undefined {
    if (this.#round !== undefined) return this.#round.done;
    const round: { done: Promise<void> | undefined } = { done: undefined };
    this.#round = round;
    const pending = this.#run();
    const end = (): void => {
      this.#round = undefined;
    };
    if (pending === undefined) queueMicrotask(end);
    else round.done = pending.then(end);
    return round.done;
  }

  #run(): Promise<void> | undefined {
    const round: Round = { open: true };
    for (const family of this.#families) family.begin();
    const waiting: Promise<void>[] = [];
    const call = (registered: Registered, callback: () => void | Promise<void>): void => {
      if (registered.busy) return;
      try {
        const result = callback();
        if (typeof result?.then === 'function') waiting.push(inTime(result, registered));
      } catch (error) {
        dropError('metric', error);
      }
    };
    for (const single of this.#singles) {
      const result = new SingleResult(single.instrument.family, round);
      call(single, () => single.callback(result));
    }
    for (const batch of this.#batches) {
      const result = new BatchResult(batch.instruments, round);
      call(batch, () => batch.callback(result));
    }
    const publish = (): void => {
      round.open = false;
      for (const family of this.#families) family.publish();
    };
    if (waiting.length > 0) return Promise.all(waiting).then(publish);
    publish();
    return undefined;
  }
}

class SingleResult implements ObservableResult {
  readonly #family: ObservedFamily;
  readonly #round: Round;

  constructor(family: ObservedFamily, round: Round) {
    this.#family = family;
    this.#round = round;
  }

  observe(value: number, attributes?: Attributes): void {
    observe(this.#family, this.#round, value, attributes);
  }
}

class BatchResult implements BatchObservableResult {
  readonly #instruments: ReadonlySet<ObservableInstrument>;
  readonly #round: Round;

  constructor(instruments: ReadonlySet<ObservableInstrument>, round: Round) {
    this.#instruments = instruments;
    this.#round = round;
  }

  observe(metric: Observable, value: number, attributes?: Attributes): void {
    if (metric instanceof ObservableInstrument && this.#instruments.has(metric)) {
      observe(metric.family, this.#round, value, attributes);
    }
  }
}

const NO_ATTRIBUTES: Attributes = Object.freeze({});

function observe(
  family: ObservedFamily,
  round: Round,
  value: number,
  attributes: Attributes | undefined,
): void {
  if (round.open && acceptable(family.descriptor, value)) family.observe(value, attributes ?? NO_ATTRIBUTES);
}

function ourInstruments(observables: readonly Observable[]): Set<ObservableInstrument> {
  return new Set(observables.filter((observable) => observable instanceof ObservableInstrument));
}

function isBatch(batch: Batch, callback: unknown, instruments: ReadonlySet<ObservableInstrument>): boolean {
  return (
    batch.callback === callback &&
    batch.instruments.size === instruments.size &&
    [...instruments].every((instrument) => batch.instruments.has(instrument))
  );
}

/** Settles with the promise, or after {@link CALLBACK_TIMEOUT_MS}; a failure is dropped and counted. */
function inTime(promise: Promise<void>, registered: Registered): Promise<void> {
  registered.busy = true;
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      dropError(
        'metric',
        new Error(`a callback of an observable metric took over ${CALLBACK_TIMEOUT_MS} ms`),
      );
      resolve();
    }, CALLBACK_TIMEOUT_MS);
    timer.unref();
    const settled = (): void => {
      registered.busy = false;
      clearTimeout(timer);
      resolve();
    };
    promise.then(settled, (error: unknown) => {
      dropError('metric', error);
      settled();
    });
  });
}
