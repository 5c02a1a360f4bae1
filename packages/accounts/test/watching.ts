import type { Simulator } from '@nylas-otel/simulator';
import { onTestFinished } from 'vitest';
import { readOptions } from '../src/options.ts';
import { type AccountWatch, startWatch } from '../src/watch-accounts.ts';
import { ManualRuntime } from './manual-runtime.ts';

/** A watch on a simulator, with a clock in hand; closed when the test ends. */
export interface Watching {
  readonly watch: AccountWatch;
  readonly runtime: ManualRuntime;
  /** Moves the clock until the next sweep is over. */
  sweep(): Promise<void>;
}

let applications = 0;

/** Watches the v3 grants of a simulator. */
export function watchGrants(simulator: Simulator, more: Record<string, unknown> = {}): Watching {
  return watching({ apiKey: simulator.apiKey, baseUrl: simulator.url, ...more });
}

/** Watches the v2 accounts of a simulator. */
export function watchV2(simulator: Simulator, more: Record<string, unknown> = {}): Watching {
  const { clientId, clientSecret, url } = simulator;
  return watching({ clientId, clientSecret, baseUrl: url, ...more });
}

/** Watches whatever the options lead to. */
export function watching(options: Record<string, unknown>): Watching {
  const runtime = new ManualRuntime();
  const settings = readOptions({ application: `app-${++applications}`, ...options });
  const watch = startWatch(settings, runtime);
  onTestFinished(() => watch.close());
  return {
    watch,
    runtime,
    async sweep() {
      const before = watch.snapshot().lastSweep?.getTime();
      await runtime.idle();
      for (let step = 0; step < 200 && watch.snapshot().lastSweep?.getTime() === before; step++)
        await runtime.advance(60);
      await runtime.idle();
    },
  };
}
