import type { Runtime } from '@nylas-otel/accounts/tracking';
import { type Simulator, type SimulatorOptions, startSimulator } from '@nylas-otel/simulator';
import { type NylasStore, openStore } from '@nylas-otel/store';
import { onTestFinished } from 'vitest';
import type { AccountMonitor } from '../src/monitor/account-monitor.ts';
import { monitorOf } from '../src/monitor/create-account-monitor.ts';
import { type MonitorExtras, readMonitorOptions } from '../src/monitor/monitor-options.ts';
import type { MonitorParts } from '../src/monitor/monitor-parts.ts';
import type { Escalation, ReauthenticationRequest, RepairedAccount } from '../src/runner/people.ts';
import type { SupportBundleResult } from '../src/support-bundle/support-bundle.ts';

/** The clock of the process, moved forward by hand; short sleeps pass at once. */
export class MovedRuntime implements Runtime {
  #moved = 0;

  now(): number {
    return Date.now() + this.#moved;
  }

  random(): number {
    return 0.5;
  }

  /** Moves the clock. */
  move(ms: number): void {
    this.#moved += ms;
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (ms <= 1_000) return;
    await new Promise<void>((resolve) => {
      if (signal.aborted) return resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}

/** One process of a monitor on a database of its own, against a simulator, with the clock in hand. */
export interface MonitorWorld {
  readonly simulator: Simulator;
  readonly store: NylasStore;
  readonly runtime: MovedRuntime;
  readonly monitor: AccountMonitor;
  readonly parts: MonitorParts;
  readonly prompts: ReauthenticationRequest[];
  readonly escalations: Escalation<SupportBundleResult>[];
  /** Runs each job of the monitor once, in the order of the flow. */
  work(): Promise<void>;
  /** Time passes in steps, with work after each. */
  pass(ms: number, step?: number): Promise<void>;
}

/** Makes a world; ends with the test. */
export async function monitorWorld(
  databaseUrl: string,
  version: 'v2' | 'v3',
  {
    simulator: simulated = {},
    ...more
  }: { readonly simulator?: SimulatorOptions } & Partial<MonitorExtras> & Record<string, unknown> = {},
): Promise<MonitorWorld> {
  const runtime = new MovedRuntime();
  const simulator = await startSimulator({ limits: false, ...simulated, clock: () => runtime.now() });
  const store = await openStore({ databaseUrl });
  const prompts: ReauthenticationRequest[] = [];
  const escalations: MonitorWorld['escalations'] = [];
  const { apiKey, clientId, clientSecret, url } = simulator;
  const { monitor, parts } = monitorOf(
    readMonitorOptions({
      ...(version === 'v3' ? { apiKey } : { clientId, clientSecret }),
      baseUrl: url,
      store,
      repair: { dryRun: false },
      reauth: { clientId, redirectUri: 'https://app.example.com/callback' },
      onReauthenticationNeeded: (request: ReauthenticationRequest) => void prompts.push(request),
      onEscalation: (escalation: Escalation<SupportBundleResult>) => void escalations.push(escalation),
      getAccessToken: ({ id }: RepairedAccount) => simulator.accounts.get(id)?.accessToken,
      ...more,
    } as never),
    runtime,
  );
  onTestFinished(async () => {
    await monitor.close();
    await store.close({ graceMs: 1_000 });
    await simulator.close();
  });
  const signal = new AbortController().signal;
  const work = async (): Promise<void> => {
    const order = ['accounts.invalid', 'accounts.sweep', 'accounts.reread', 'repair.reconcile', 'repair'];
    for (const name of order) await parts.jobs.find((job) => job.name === name)?.run({ signal });
  };
  return {
    simulator,
    store,
    runtime,
    monitor,
    parts,
    prompts,
    escalations,
    work,
    async pass(ms, step = 60_000) {
      for (let left = ms; left > 0; left -= step) {
        runtime.move(Math.min(step, left));
        await work();
      }
    },
  };
}
