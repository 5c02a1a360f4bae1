import type { Runtime } from '@nylas-otel/accounts/tracking';

/** A clock that stands still until it is moved; those who sleep wake in the order of their time. */
export class SteppedRuntime implements Runtime {
  time: number;
  readonly #sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();
  #watchers: (() => void)[] = [];

  constructor(time = 1_700_000_000_000) {
    this.time = time;
  }

  now(): number {
    return this.time;
  }

  random(): number {
    return 0.5;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const sleeper = {
        until: this.time + ms,
        wake: () => {
          signal.removeEventListener('abort', sleeper.wake);
          this.#sleepers.delete(sleeper);
          resolve();
        },
      };
      signal.addEventListener('abort', sleeper.wake);
      this.#sleepers.add(sleeper);
      const watchers = this.#watchers;
      this.#watchers = [];
      for (const watcher of watchers) watcher();
    });
  }

  /** Resolves when somebody sleeps. */
  async asleep(): Promise<void> {
    while (this.#sleepers.size === 0) await new Promise<void>((resolve) => this.#watchers.push(resolve));
  }

  /** Moves the clock, waking whoever sleeps until then; resolves when somebody sleeps again. */
  async advance(seconds: number): Promise<void> {
    await this.asleep();
    this.time += seconds * 1_000;
    for (const sleeper of [...this.#sleepers].sort((a, b) => a.until - b.until))
      if (sleeper.until <= this.time) sleeper.wake();
    await new Promise((resolve) => setImmediate(resolve));
    await this.asleep();
  }
}
