import {
  METRIC_NYLAS_WEBHOOK_DOWNTIME,
  METRIC_NYLAS_WEBHOOK_LAST_DELIVERY_TIME,
} from '@nylas-otel/semantic-conventions';
import { createEmitter, type Emitter, processState } from '@nylas-otel/telemetry';
import { SCOPE } from '../version.ts';

// Without a way to ask the inbox, nothing says how long it stays away after a delivery it refused: Nylas may pause.
const LONGEST_GUESS_MS = 60_000;

/** One receiver's time in which it could not accept. The clock is passed in. */
export class DownClock {
  #total = 0;
  #from: number | undefined;
  #lastFailure = 0;
  readonly #bounded: boolean;

  /** @param bounded true when nobody probes, so that silence ends the downtime */
  constructor(bounded: boolean) {
    this.#bounded = bounded;
  }

  get down(): boolean {
    return this.#from !== undefined;
  }

  fail(now: number): void {
    if (this.#from !== undefined && this.#end(now) < now) this.succeed(now);
    this.#from ??= now;
    this.#lastFailure = now;
  }

  succeed(now: number): void {
    if (this.#from === undefined) return;
    this.#total += Math.max(0, this.#end(now) - this.#from);
    this.#from = undefined;
  }

  /** Milliseconds up to now. */
  total(now: number): number {
    return this.#total + (this.#from === undefined ? 0 : Math.max(0, this.#end(now) - this.#from));
  }

  #end(now: number): number {
    return this.#bounded ? Math.min(now, this.#lastFailure + LONGEST_GUESS_MS) : now;
  }
}

interface Liveness {
  readonly clocks: Set<DownClock>;
  /** Downtime of receivers that are closed: the counter must not go back. */
  past: number;
  /** Unix time in milliseconds. */
  lastDelivery: number | undefined;
  observed: boolean;
}

// Once a process: two receivers, or two copies of this package, report one series.
const state = processState(
  'webhook-liveness',
  (): Liveness => ({ clocks: new Set(), past: 0, lastDelivery: undefined, observed: false }),
);

/** Puts a receiver's clock on the downtime counter; returns what takes it off. */
export function showLiveness(emitter: Emitter, clock: DownClock): () => void {
  state.clocks.add(clock);
  observe(emitter);
  return () => {
    if (!state.clocks.delete(clock)) return;
    clock.succeed(Date.now());
    state.past += clock.total(Date.now());
  };
}

/**
 * Adds downtime that no receiver could count itself: while none ran. For an inbox that keeps a ledger of uptime.
 *
 * @param seconds told once over all processes
 */
export function noteDowntime(seconds: number): void {
  state.past += seconds * 1_000;
  observe(createEmitter(SCOPE));
}

function observe(emitter: Emitter): void {
  if (state.observed) return;
  state.observed = true;
  emitter.observe(METRIC_NYLAS_WEBHOOK_DOWNTIME, (report) => {
    let total = state.past;
    for (const each of state.clocks) total += each.total(Date.now());
    report(total / 1_000, {});
  });
  emitter.observe(METRIC_NYLAS_WEBHOOK_LAST_DELIVERY_TIME, (report) => {
    if (state.lastDelivery !== undefined) report(state.lastDelivery / 1_000, {});
  });
}

/** Notes a delivery with a good signature. */
export function noteDelivery(now: number): void {
  state.lastDelivery = now;
}
