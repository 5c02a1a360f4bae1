import type { NylasStore } from '@nylas-otel/store';
import type { Hold } from '../machine/repair-state.ts';
import { type BrakeSettings, type BrakeState, judgeBrake } from './brake.ts';

/** Why repair holds still, and since when. */
export interface RepairPause {
  readonly by: 'mass_failure' | 'operator';
  readonly since: Date;
  /** What the operator said, or how many accounts failed. */
  readonly why: string;
}

interface ControlRecord {
  readonly brake: BrakeState;
  readonly pause?: { readonly at: number; readonly why: string } | undefined;
}

/** Who is told when the brake moves. */
export interface ControlListener {
  held(pause: RepairPause): void;
  released(by: 'mass_failure' | 'operator'): void;
}

const KEY = 'control';
const MOST_TRANSITIONS = 10_000;
const FRESH_MS = 5_000;

/**
 * Whether repair may act, for all processes of the application: an operator's pause and the mass-failure brake, kept in one
 * record.
 */
export class RepairControl {
  readonly #store: NylasStore;
  readonly #settings: BrakeSettings;
  readonly #now: () => number;
  readonly #listener: ControlListener;
  #last: { readonly record: ControlRecord; readonly at: number } | undefined;

  constructor(store: NylasStore, settings: BrakeSettings, now: () => number, listener: ControlListener) {
    this.#store = store;
    this.#settings = settings;
    this.#now = now;
    this.#listener = listener;
  }

  /** What holds repair still, judged anew at most every five seconds. */
  async hold(): Promise<Exclude<Hold, 'pace'> | undefined> {
    const now = this.#now();
    if (this.#last === undefined || now - this.#last.at >= FRESH_MS || now < this.#last.at)
      this.#last = { record: await this.#judge(now), at: now };
    const { brake, pause } = this.#last.record;
    if (pause !== undefined) return 'operator';
    return brake.engagedAt === undefined ? undefined : 'mass_failure';
  }

  /** The pause, as the store has it. */
  async pause(): Promise<RepairPause | undefined> {
    const { brake, pause } = (await this.#read()).value;
    if (pause !== undefined) return { by: 'operator', since: new Date(pause.at), why: pause.why };
    return massFailure(brake);
  }

  /** An operator holds repair still. */
  async holdBy(why: string): Promise<void> {
    const at = this.#now();
    await this.#change((record) => ({ ...record, pause: { at, why } }));
    this.#listener.held({ by: 'operator', since: new Date(at), why });
  }

  /** An operator lets repair go on: what failed up to now is no reason to hold any more. */
  async release(): Promise<void> {
    const forgivenUntil = this.#now();
    const before = await this.#change(() => ({ brake: { forgivenUntil } }));
    if (before.pause !== undefined) this.#listener.released('operator');
    if (before.brake.engagedAt !== undefined) this.#listener.released('mass_failure');
  }

  async #judge(now: number): Promise<ControlRecord> {
    const { accounts } = this.#store;
    const since = now - this.#settings.windowMs;
    const recent = await accounts.transitions(since, MOST_TRANSITIONS);
    let total = 0;
    for (const { count } of (await accounts.aggregates()).counts) total += count;
    const { value, version } = await this.#read();
    const { next, change } = judgeBrake(value.brake, recent, total, now, this.#settings);
    const record = { ...value, brake: next };
    if (change === undefined) return record;
    // Said by the process that wrote it, and only by that.
    if (!(await this.#write(record, version))) return (await this.#read()).value;
    if (change === 'engaged') {
      const pause = massFailure(next);
      if (pause !== undefined) this.#listener.held(pause);
    } else this.#listener.released('mass_failure');
    return record;
  }

  async #change(change: (record: ControlRecord) => ControlRecord): Promise<ControlRecord> {
    for (;;) {
      const { value, version } = await this.#read();
      if (await this.#write(change(value), version)) {
        this.#last = undefined;
        return value;
      }
    }
  }

  async #read(): Promise<{ readonly value: ControlRecord; readonly version: number | undefined }> {
    const record = await this.#records().get(KEY);
    return record === undefined ? { value: { brake: {} }, version: undefined } : record;
  }

  #write(record: ControlRecord, version: number | undefined): Promise<boolean> {
    return version === undefined
      ? this.#records().add(KEY, record)
      : this.#records().replace(KEY, version, record);
  }

  #records() {
    return this.#store.records<ControlRecord>('repair.control');
  }
}

function massFailure({ engagedAt, failures = 0 }: BrakeState): RepairPause | undefined {
  if (engagedAt === undefined) return undefined;
  return {
    by: 'mass_failure',
    since: new Date(engagedAt),
    why: `${failures} accounts became unhealthy within minutes`,
  };
}
