import type { Runtime } from '@nylas-otel/accounts/tracking';
import { describe, expect, it, onTestFinished } from 'vitest';
import { keepAll } from '../src/recovery/keeper.ts';
import { KeeperTurns } from '../src/recovery/keeper-turns.ts';
import { type Lease, takeLease, waitForLease } from '../src/recovery/lease.ts';
import { type RecoverySettings, readRecoverySettings } from '../src/recovery/options.ts';
import { carryOn } from '../src/recovery/recovery-run.ts';
import { addRun } from '../src/recovery/run-ledger.ts';
import { FakeDatabase } from './fake-store.ts';
import { countingFetch, HALF, type SentRequest, spendingOf } from './spending.ts';

const MINUTE = 60_000;
const RATE = 50;

/** Time that moves on by itself as soon as everybody sleeps and nobody waits for an answer. */
class IdleRuntime implements Runtime {
  time = 1_700_000_000_000;
  /** Requests without an answer. */
  underWay = 0;
  readonly #sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();

  now(): number {
    return this.time;
  }

  random(): number {
    return 0.5;
  }

  get asleep(): number {
    return this.#sleepers.size;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const sleeper = {
        until: this.time + ms,
        wake: () => {
          this.#sleepers.delete(sleeper);
          resolve();
        },
      };
      if (signal.aborted) return resolve();
      signal.addEventListener('abort', sleeper.wake);
      this.#sleepers.add(sleeper);
    });
  }

  /** Runs until the work is done. */
  async until<T>(work: Promise<T>): Promise<T> {
    let done = false;
    const end = (): void => {
      done = true;
    };
    work.then(end, end);
    while (!done) {
      for (let turn = 0; turn < 4; turn++) await new Promise(setImmediate);
      if (this.underWay > 0) continue;
      const next = Math.min(...[...this.#sleepers].map(({ until }) => until));
      if (next < Number.POSITIVE_INFINITY) this.time = Math.max(this.time, next);
      for (const sleeper of [...this.#sleepers]) if (sleeper.until <= this.time) sleeper.wake();
    }
    return await work;
  }
}

const OBJECTS: Readonly<Record<string, number>> = {
  calendars: 2,
  messages: 50,
  events: 20,
  contacts: 20,
  folders: 10,
};

/** Mailboxes of Google: a page costs one call for each object. The list of grants says nothing new. */
function answerOf(path: string): { body: object; calls: number } {
  const resource = path.split('/').at(-1) ?? '';
  const objects = Array.from({ length: OBJECTS[resource] ?? 0 }, (_, n) => ({
    id: `${resource}-${n}`,
    date: 1_700_000_000,
    updated_at: 1_700_000_000,
  }));
  return { body: { data: objects, request_id: 'r' }, calls: 1 + objects.length };
}

function worldOf(accounts: number) {
  const runtime = new IdleRuntime();
  const database = new FakeDatabase(() => runtime.now());
  const store = database.open();
  const sent = new Map<number, SentRequest>();
  const answer = async (input: string | URL | Request): Promise<Response> => {
    runtime.underWay++;
    await new Promise(setImmediate);
    runtime.underWay--;
    const { body, calls } = answerOf(new URL(String(input)).pathname);
    return Response.json(body, { headers: { 'nylas-provider-request-count': String(calls) } });
  };
  const inbox = {
    known: async () => new Set<string>(),
    knownFrom: async () => [],
    statesFrom: async () => [],
    accept: async (events: readonly unknown[]) => events.map(() => 'accepted'),
  };
  const settings: RecoverySettings = {
    ...readRecoverySettings(
      'startRecovery',
      {
        store: { ...store, inbox: inbox as unknown as typeof store.inbox },
        apiKey: 'nyk_v0_test',
        unfiltered: 'count',
        requestsPerSecond: RATE,
        fetch: countingFetch(
          () => runtime.now(),
          (n, request) => void sent.set(n, request),
          answer,
        ),
      },
      runtime,
    ),
  };
  const ready = store.accounts.apply(
    Array.from({ length: accounts }, (_, n) => ({
      reading: {
        id: `grant-${n}`,
        email: undefined,
        provider: 'google',
        state: 'running' as const,
        raw: 'valid',
      },
      time: runtime.now(),
      signal: 'poll' as const,
    })),
  );
  const spending = () => spendingOf([...sent.values()], () => true, RATE);
  return { runtime, settings, store, ready, spending };
}

const never = new AbortController().signal;
const free: Pick<Lease, 'spendFrom'> = { spendFrom() {} };

describe('the pace of recovery', () => {
  it('is set by the limits of all: an account that waits for its mailbox holds up no other while lists are taken', async () => {
    const { runtime, settings, ready, spending } = worldOf(60);
    await ready;
    const begin = runtime.now();
    await runtime.until(keepAll(settings, new KeeperTurns(settings, never, async () => false)));
    const { forcedSeconds, mailboxPerMinute, projectPerMinute } = spending();
    expect((runtime.now() - begin) / 1_000).toBeLessThan(1.3 * forcedSeconds + 30);
    expect(mailboxPerMinute).toBeLessThanOrEqual(HALF.mailbox);
    expect(projectPerMinute).toBeLessThanOrEqual(HALF.project);
  });

  it('is the same while missed webhooks are made up for', async () => {
    const { runtime, settings, store, ready, spending } = worldOf(60);
    await ready;
    const begin = runtime.now();
    const plan = {
      version: 'v3' as const,
      createdAt: begin,
      windows: [{ from: begin - 60 * MINUTE, to: begin }],
      gaps: [],
      resources: ['messages', 'events', 'contacts', 'folders', 'calendars'],
      unfiltered: 'count' as const,
      dryRun: false,
    };
    await addRun(store, 'run', plan);
    const run = { id: 'run', plan, state: 'running' as const };
    const report = await runtime.until(
      carryOn(settings, run, { lease: free, signal: never, onProgress: undefined }),
    );
    expect(report).toMatchObject({ complete: true, accounts: 60, failed: [] });
    const { forcedSeconds, mailboxPerMinute, projectPerMinute } = spending();
    expect((runtime.now() - begin) / 1_000).toBeLessThan(1.3 * forcedSeconds + 30);
    expect(mailboxPerMinute).toBeLessThanOrEqual(HALF.mailbox);
    expect(projectPerMinute).toBeLessThanOrEqual(HALF.project);
  });

  it('leaves recovery its turn while a mailbox makes the keeper wait, however long', async () => {
    const { runtime, settings, store, ready } = worldOf(1);
    await ready;
    const closing = new AbortController();
    onTestFinished(() => closing.abort());
    const turns = new KeeperTurns(settings, closing.signal, async () => false);
    const kept = keepAll(settings, turns);
    // Nobody moves the time on: it waits for its mailbox until the end of this test.
    await expect.poll(() => runtime.asleep).toBe(1);
    expect(await takeLease(store, 'v3')).toBeUndefined();
    const lease = await waitForLease(store, 'v3', 15_000);
    expect(lease).toBeDefined();
    await lease?.release();
    closing.abort();
    await kept;
  });

  it('hands on what one holder of the limits has used to the next', async () => {
    const { runtime, settings, store, ready } = worldOf(1);
    await ready;
    const closing = new AbortController();
    const kept = keepAll(settings, new KeeperTurns(settings, closing.signal, async () => false));
    await expect.poll(() => runtime.asleep).toBe(1);
    closing.abort();
    await kept;
    const lease = await takeLease(store, 'v3');
    let owed: object = {};
    lease?.spendFrom({
      debts: () => ({ project: 0, accounts: {} }),
      owe: (debts) => {
        owed = debts.accounts;
      },
    });
    expect(owed).toEqual({ 'grant-0': expect.any(Number) });
    await lease?.release();
  });
});
