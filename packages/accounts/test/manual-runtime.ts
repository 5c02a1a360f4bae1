import type { Runtime } from '../src/runtime.ts';

interface Sleeper {
  readonly until: number;
  readonly holding: boolean;
  readonly wake: () => void;
}

/** A clock that stands still until it is moved. Short sleeps (pacing) pass at once and move it. */
export class ManualRuntime implements Runtime {
  time = 1_700_000_000_000;
  chance = 0.5;
  readonly #passMs: number;
  #sleeper: Sleeper | undefined;
  #onSleep: (() => void) | undefined;

  constructor(passMs = 500) {
    this.#passMs = passMs;
  }

  now(): number {
    return this.time;
  }

  random(): number {
    return this.chance;
  }

  sleep(ms: number, signal: AbortSignal, holding: boolean): Promise<void> {
    if (ms <= this.#passMs) {
      this.time += Math.ceil(ms);
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const wake = (): void => {
        signal.removeEventListener('abort', wake);
        this.#sleeper = undefined;
        resolve();
      };
      signal.addEventListener('abort', wake);
      this.#sleeper = { until: this.time + ms, holding, wake };
      this.#onSleep?.();
    });
  }

  /** Resolves once nothing is left to do before the clock moves. */
  async idle(): Promise<void> {
    do {
      if (this.#sleeper === undefined) {
        await new Promise<void>((resolve) => {
          this.#onSleep = resolve;
        });
        this.#onSleep = undefined;
      }
      // Whoever was woken by the last answer may have more to say.
      await new Promise((resolve) => setImmediate(resolve));
    } while (this.#sleeper === undefined);
  }

  /** Moves the clock on, waking whoever sleeps until then, and waits until all is quiet again. */
  async advance(seconds: number): Promise<void> {
    const end = this.time + seconds * 1_000;
    await this.idle();
    while (this.#sleeper !== undefined && this.#sleeper.until <= end) {
      this.time = Math.max(this.time, this.#sleeper.until);
      this.#sleeper.wake();
      await this.idle();
    }
    this.time = Math.max(this.time, end);
  }

  /** Ends the present sleep as a timer does. */
  wake(): void {
    this.#sleeper?.wake();
  }

  /** Seconds until the sleeper wakes. */
  get sleepsFor(): number {
    return this.#sleeper === undefined ? 0 : (this.#sleeper.until - this.time) / 1_000;
  }

  /** True when the present sleep keeps the process alive. */
  get holding(): boolean {
    return this.#sleeper?.holding === true;
  }
}
