import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Runtime } from '@nylas-otel/accounts/tracking';
import {
  type Change,
  type Notice,
  type RequestRecord,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '@nylas-otel/simulator';
import { type NylasStore, openStore } from '@nylas-otel/store';
import { nylasWebhooks, type ReceivedEvent, readEnvelope } from '@nylas-otel/webhooks';
import { sleepFor } from './scaled-runtime.ts';

/** A simulated Nylas, a receiver, a store and handlers that write down what they get. */
export interface RecoveryWorld extends AsyncDisposable {
  readonly simulator: Simulator;
  readonly store: NylasStore;
  /** In the clock of the simulator. */
  readonly runtime: Runtime;
  /** What the handlers got, in their order. */
  readonly handled: ReceivedEvent[];
  /** Resolves when nothing waits for a handler. */
  drained(): Promise<void>;
}

const START = 1_767_225_600_000;

/** Makes a world in which time stands still until the simulator's clock is moved. */
export async function recoveryWorld(
  options: SimulatorOptions & { readonly version?: 'v2' | 'v3'; readonly databaseUrl: string },
): Promise<RecoveryWorld> {
  const { version = 'v3', databaseUrl, ...simulated } = options;
  const simulator = await startSimulator({
    clock: { scale: 0, start: START },
    requestLog: 200_000,
    grants: 0,
    accounts: 0,
    ...simulated,
  });
  const store = await openStore({ databaseUrl });
  const secret = 'a webhook secret';
  const webhooks = nylasWebhooks({
    inbox: store.inbox,
    ...(version === 'v3' ? { secret } : { secret: simulator.clientSecret }),
  });
  const server = createServer(webhooks);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  await simulator.webhooks.subscribe(version === 'v3' ? { url, secret } : { url, version: 'v2' });
  const handled: ReceivedEvent[] = [];
  await store.inbox.work({ onEvent: (event) => void handled.push(event), concurrency: 32 });
  return {
    simulator,
    store,
    runtime: simulatedRuntime(simulator),
    handled,
    async drained() {
      for (;;) {
        const { queued, active, dead } = await store.inbox.counts();
        if (queued + active === 0) return;
        if (dead > 0) throw new Error('a handler failed');
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await store.close();
      await simulator.close();
    },
  };
}

/** The notifications of changes, as they come when Nylas sends them after all; the last ones first. */
export function lateNotifications(
  simulator: Simulator,
  changes: readonly Change[],
): readonly ReceivedEvent[] {
  const missed = new Set(changes.map(({ serial }) => serial));
  return late(simulator, ({ change }) => change !== undefined && missed.has(change));
}

/** {@link lateNotifications} of an account's own states. */
export function lateStates(simulator: Simulator, accountId: string, since: Date): readonly ReceivedEvent[] {
  return late(
    simulator,
    (notice) => notice.subject === 'account' && notice.accountId === accountId && notice.time >= +since,
  );
}

function late({ notices, clock }: Simulator, fits: (notice: Notice) => boolean): readonly ReceivedEvent[] {
  return notices
    .list()
    .filter(fits)
    .toReversed()
    .flatMap((notice) => {
      const { id, version, trigger, time, object } = notice;
      const second = Math.floor(time / 1_000);
      const { events } = readEnvelope(
        version === 'v3'
          ? { specversion: '1.0', type: trigger, source: '/nylas', id, time: second, data: { object } }
          : { deltas: [{ date: second, object: object.object, type: trigger, object_data: object }] },
      );
      return events.map((event) => ({ ...event, receivedAt: clock.now() }));
    });
}

/** Hands events over as they come in deliveries of fifty. */
export async function acceptAll(
  { store }: RecoveryWorld,
  events: readonly ReceivedEvent[],
): Promise<readonly ReceivedEvent[]> {
  const accepted: ReceivedEvent[] = [];
  const signal = new AbortController().signal;
  for (let first = 0; first < events.length; first += 50) {
    const some = events.slice(first, first + 50);
    const verdicts = await store.inbox.accept(some, { signal });
    accepted.push(...some.filter((_, index) => verdicts[index] === 'accepted'));
  }
  return accepted;
}

/** Tells the simulator's time; sleeps as long as it takes there. */
function simulatedRuntime({ clock }: Simulator): Runtime {
  return {
    now: () => clock.now(),
    random: () => 0.5,
    sleep: (ms, signal) => sleepFor(clock.scale > 0 ? ms / clock.scale : ms, signal),
  };
}

/** The most requests of one account, and of all, within any second of the simulator's time. */
export function peakRates(requests: readonly RequestRecord[]): {
  readonly account: number;
  readonly all: number;
} {
  const byAccount = new Map<string, number[]>();
  const all: number[] = [];
  for (const { grantId, accountId, time } of requests) {
    all.push(time);
    const id = grantId ?? accountId;
    if (id === undefined) continue;
    byAccount.set(id, [...(byAccount.get(id) ?? []), time]);
  }
  return { account: Math.max(0, ...[...byAccount.values()].map(peak)), all: peak(all) };
}

function peak(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  let most = 0;
  let first = 0;
  for (let last = 0; last < sorted.length; last++) {
    while ((sorted[last] as number) - (sorted[first] as number) >= 1_000) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

/** How often each object's change was handled, by account, kind and object id. */
export function handledCounts(handled: readonly ReceivedEvent[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { accountId, trigger, objectId } of handled) {
    const key = `${accountId}/${trigger.slice(0, trigger.indexOf('.'))}/${objectId}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}
