import { type GaugeSource, isUnhealthy, type Runtime, showOnGauges } from '@nylas-otel/accounts/tracking';
import {
  ATTR_NYLAS_APPLICATION,
  ATTR_NYLAS_REPAIR_STEP,
  METRIC_NYLAS_REPAIR_PAUSED,
  METRIC_NYLAS_REPAIR_PENDING,
} from '@nylas-otel/semantic-conventions';
import type { AccountAggregates, NylasStore, StoredAccount } from '@nylas-otel/store';
import { createEmitter, dropError, shownAccountId } from '@nylas-otel/telemetry';
import { REPAIR_STEPS, type RepairState } from '../machine/repair-state.ts';
import type { RepairControl } from '../runner/control.ts';
import { REPAIRS } from '../runner/repair-records.ts';
import { POLLS, type PollState } from '../tracking/poll-state.ts';
import { SCOPE } from '../version.ts';
import type { MonitorSettings } from './monitor-options.ts';

/** What the gauges show: as the store had it a few seconds ago, the same in every process. */
export interface Shown {
  readonly counts: AccountAggregates['counts'];
  readonly pending: ReadonlyMap<string, number>;
  readonly massFailure: boolean;
  readonly polls: readonly PollState[];
  readonly lastSweep: number | undefined;
  readonly longest: readonly StoredAccount[];
  readonly allowed: ReadonlyMap<string, readonly StoredAccount[]>;
}

const REFRESH_MS = 5_000;
const NOTHING: Shown = {
  counts: [],
  pending: new Map(),
  massFailure: false,
  polls: [],
  lastSweep: undefined,
  longest: [],
  allowed: new Map(),
};

/**
 * The shared gauges of a monitor. Read from the store in the background, so that a scrape neither waits for SQL nor costs
 * more with more accounts.
 */
export class SharedGauges {
  readonly #settings: MonitorSettings;
  readonly #store: NylasStore;
  readonly #control: Pick<RepairControl, 'pause'>;
  readonly #runtime: Runtime;
  readonly #closing = new AbortController();
  #undo: (() => void)[] = [];
  #loop: Promise<void> = Promise.resolve();
  #shown: Shown = NOTHING;

  constructor(settings: MonitorSettings, control: Pick<RepairControl, 'pause'>, runtime: Runtime) {
    this.#settings = settings;
    this.#store = settings.store;
    this.#control = control;
    this.#runtime = runtime;
  }

  /** What is shown at present. */
  get shown(): Shown {
    return this.#shown;
  }

  /** Puts the gauges up; resolves when they show something. */
  async start(): Promise<void> {
    await this.refresh();
    const { application } = this.#settings;
    const emitter = createEmitter(SCOPE);
    this.#undo = [
      showOnGauges(this.#source()),
      emitter.observe(METRIC_NYLAS_REPAIR_PENDING, (report) => {
        for (const step of REPAIR_STEPS) {
          if (step === 'recovered') continue;
          report(this.#shown.pending.get(step) ?? 0, {
            [ATTR_NYLAS_APPLICATION]: application,
            [ATTR_NYLAS_REPAIR_STEP]: step,
          });
        }
      }),
      emitter.observe(METRIC_NYLAS_REPAIR_PAUSED, (report) =>
        report(this.#shown.massFailure ? 1 : 0, { [ATTR_NYLAS_APPLICATION]: application }),
      ),
    ];
    this.#loop = this.#keepFresh();
  }

  /** Reads the store. */
  async refresh(): Promise<void> {
    const { series } = this.#settings;
    const store = this.#store;
    const [aggregates, pending, pause, polls] = await Promise.all([
      store.accounts.aggregates(),
      store.records<RepairState>(REPAIRS).countByTag(),
      this.#control.pause(),
      store.records<PollState>(POLLS).list(),
    ]);
    const allowed = new Map<string, readonly StoredAccount[]>();
    for (const name of series.allow) allowed.set(name, await store.accounts.resolve(name));
    const wanted = series.max === 0 ? 0 : series.max + series.allow.length;
    this.#shown = {
      counts: aggregates.counts,
      pending,
      massFailure: pause?.by === 'mass_failure',
      polls: polls.map(({ value }) => value),
      lastSweep: polls.find(({ key }) => key === 'sweep')?.value.completeAt,
      longest: wanted === 0 ? [] : await store.accounts.longestUnhealthy(wanted),
      allowed,
    };
  }

  async close(): Promise<void> {
    for (const undo of this.#undo) undo();
    this.#closing.abort();
    await this.#loop;
  }

  async #keepFresh(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await this.#runtime.sleep(REFRESH_MS, signal, false);
      if (signal.aborted) return;
      try {
        await this.refresh();
      } catch (error) {
        // The last values stay: a database that is away for a moment must not look like accounts that are gone.
        dropError('repair', error);
      }
    }
  }

  #source(): GaugeSource {
    const { application, profile, series, captureAccountId } = this.#settings;
    return {
      application,
      version: profile.version,
      series,
      counts: (report) => {
        for (const { provider, state, count } of this.#shown.counts) report(provider, state, count);
      },
      oldest: (report) => {
        for (const { provider, state, oldestSince } of this.#shown.counts)
          if (isUnhealthy(state)) report(provider, state, oldestSince);
      },
      lastSweep: () => this.#shown.lastSweep,
      now: () => this.#runtime.now(),
      shownId: (id) => shownAccountId(id, captureAccountId),
      resolve: (name) => this.#shown.allowed.get(name) ?? [],
      unhealthyCount: () => {
        let unhealthy = 0;
        for (const { state, count } of this.#shown.counts) if (isUnhealthy(state)) unhealthy += count;
        return unhealthy;
      },
      longestUnhealthy: (most) => this.#shown.longest.slice(0, most),
    };
  }
}
