import { Heap } from 'heap-js';
import { SimulatorError } from '../simulator-error.ts';

/** How simulated time starts and runs. */
export interface ClockOptions {
  /**
   * Simulated milliseconds in a real one, at most 1,000,000. Default 1. With 0 time stands still and moves by
   * `clock.advance` only.
   */
  readonly scale?: number;
  /** Unix milliseconds at the start. Default: now. */
  readonly start?: number;
}

/** The simulator's time: limits, tokens, expiry, back-off, traffic and the states of destinations follow it. */
export interface SimulatorClock {
  /** Simulated time, Unix milliseconds. */
  now(): number;
  /** Simulated milliseconds in a real one; 0 when time stands still. */
  readonly scale: number;
  /**
   * Lets time run faster, slower or (0) not at all from now on.
   * @throws {SimulatorError} code `invalid_option` when it is no number from 0 to 1,000,000
   */
  setScale(scale: number): void;
  /**
   * Moves time forward and does everything that falls due on the way, in order, each thing at its own time. Resolves
   * when it is done, webhook attempts and their answers included. Two calls at once run one after the other.
   * @param ms simulated milliseconds, 0 or more
   * @throws {SimulatorError} code `invalid_option` when it is no such number
   */
  advance(ms: number): Promise<void>;
  /** Resolves when nothing is due and nothing is under way at the present simulated time. */
  settled(): Promise<void>;
}

/** Something that will happen at a simulated time. */
export interface Job {
  /** Simulated Unix milliseconds. */
  readonly at: number;
  /** Takes it back; harmless when it has happened. */
  cancel(): void;
}

/** What a clock is built from. */
export interface ClockSettings {
  readonly scale: number;
  /** Simulated time at the start; undefined takes the source's. */
  readonly start: number | undefined;
  /** Real time in milliseconds. */
  readonly source: () => number;
  /** The source may jump, so a due time cannot be told from how long it is until then. */
  readonly jumps: boolean;
}

interface Entry extends Job {
  readonly serial: number;
  readonly run: () => void | Promise<void>;
  cancelled: boolean;
}

/** The highest scale: a day in a tenth of a second. */
export const MAX_SCALE = 1_000_000;
/** Node's timers take no more. */
const LONGEST_TIMER_MS = 2_147_483_647;
/** How often a clock that may jump is looked at. */
const LOOK_EVERY_MS = 50;

/** A scaled, steppable clock with a list of what is to come. */
export class Clock implements SimulatorClock {
  readonly #settings: ClockSettings;
  readonly #onError: (error: unknown) => void;
  readonly #jobs = new Heap<Entry>((a, b) => a.at - b.at || a.serial - b.serial);
  readonly #underWay = new Set<Promise<void>>();
  #scale: number;
  /** Simulated time at `#sourceAt`. */
  #simulatedAt: number;
  #sourceAt: number;
  /** Set while time is moved by hand: then nothing else moves it. */
  #held: number | undefined;
  #advancing: Promise<void> = Promise.resolve();
  #serial = 0;
  #life = 0;
  #timer: NodeJS.Timeout | undefined;
  #armedFor = Number.POSITIVE_INFINITY;

  /** @param onError told what a job throws */
  constructor(settings: ClockSettings, onError: (error: unknown) => void) {
    this.#settings = settings;
    this.#onError = onError;
    this.#scale = settings.scale;
    this.#sourceAt = settings.source();
    this.#simulatedAt = settings.start ?? this.#sourceAt;
  }

  get scale(): number {
    return this.#scale;
  }

  /** Number of things to come. */
  get waiting(): number {
    return this.#jobs.size();
  }

  now(): number {
    return (
      this.#held ?? Math.floor(this.#simulatedAt + (this.#settings.source() - this.#sourceAt) * this.#scale)
    );
  }

  setScale(scale: number): void {
    if (typeof scale !== 'number' || !(scale >= 0 && scale <= MAX_SCALE)) {
      throw new SimulatorError('invalid_option', `scale must be a number from 0 to ${MAX_SCALE}`);
    }
    this.#setTime(this.now());
    this.#scale = scale;
    this.#arm();
  }

  advance(ms: number): Promise<void> {
    if (typeof ms !== 'number' || !(ms >= 0) || !Number.isFinite(ms)) {
      throw new SimulatorError('invalid_option', 'advance takes simulated milliseconds, 0 or more');
    }
    const life = this.#life;
    this.#advancing = this.#advancing.then(() => this.#advanceTo(this.now() + Math.floor(ms), life));
    return this.#advancing;
  }

  async settled(): Promise<void> {
    for (;;) {
      await this.#advancing;
      this.runDue();
      if (this.#underWay.size === 0) return;
      await Promise.all(this.#underWay);
    }
  }

  /** Does `run` at a simulated time, or as soon as possible when it has passed. */
  schedule(at: number, run: () => void | Promise<void>): Job {
    const entry: Entry = {
      at,
      serial: this.#serial++,
      run,
      cancelled: false,
      cancel() {
        this.cancelled = true;
      },
    };
    this.#jobs.push(entry);
    if (at < this.#armedFor) this.#arm();
    return entry;
  }

  /** Does `run` so many simulated milliseconds from now. */
  after(ms: number, run: () => void | Promise<void>): Job {
    return this.schedule(this.now() + ms, run);
  }

  /** Starts everything that is due; also called before each request, for clocks that jump. */
  runDue(): void {
    if (this.#held !== undefined || this.#jobs.size() === 0) return;
    const now = this.now();
    for (let next = this.#jobs.peek(); next !== undefined && next.at <= now; next = this.#jobs.peek()) {
      this.#jobs.pop();
      void this.#start(next);
    }
  }

  /** Back to the beginning: nothing to come, time and scale as at the start. */
  clear(): void {
    this.#life++;
    this.#jobs.clear();
    this.#scale = this.#settings.scale;
    this.#held = undefined;
    this.#setTime(this.#settings.start ?? this.#settings.source());
    this.#arm();
  }

  /** Ends it for good. */
  close(): void {
    this.#life++;
    this.#jobs.clear();
    clearTimeout(this.#timer);
  }

  #setTime(simulated: number): void {
    this.#sourceAt = this.#settings.source();
    this.#simulatedAt = simulated;
  }

  async #advanceTo(target: number, life: number): Promise<void> {
    if (life !== this.#life) return;
    this.#held = this.now();
    await Promise.all(this.#underWay);
    for (;;) {
      if (life !== this.#life) return;
      const next = this.#jobs.peek();
      if (next === undefined || next.at > target) break;
      const now = Math.max(this.#held, next.at);
      this.#held = now;
      const started: Promise<void>[] = [];
      for (let due = this.#jobs.peek(); due !== undefined && due.at <= now; due = this.#jobs.peek()) {
        this.#jobs.pop();
        started.push(this.#start(due));
      }
      await Promise.all(started);
    }
    this.#setTime(target);
    this.#held = undefined;
    this.#arm();
  }

  /** Runs one thing; the promise never rejects. */
  #start(entry: Entry): Promise<void> {
    if (entry.cancelled) return DONE;
    let running: void | Promise<void>;
    try {
      running = entry.run();
    } catch (error) {
      this.#onError(error);
      return DONE;
    }
    if (!(running instanceof Promise)) return DONE;
    const ended = running.catch(this.#onError).finally(() => this.#underWay.delete(ended));
    this.#underWay.add(ended);
    return ended;
  }

  #arm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#armedFor = Number.POSITIVE_INFINITY;
    const next = this.#jobs.peek();
    if (next === undefined || this.#held !== undefined) return;
    const ahead = Math.max(0, next.at - this.now());
    if (ahead > 0 && this.#scale === 0) return;
    const real = ahead === 0 ? 0 : Math.ceil(ahead / this.#scale);
    this.#armedFor = next.at;
    const wake = (): void => {
      this.runDue();
      this.#arm();
    };
    const longest = this.#settings.jumps ? LOOK_EVERY_MS : LONGEST_TIMER_MS;
    this.#timer = setTimeout(wake, Math.min(real, longest)).unref();
  }
}
const DONE = Promise.resolve();
