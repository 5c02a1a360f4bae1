import { afterEach, describe, expect, it } from 'vitest';
import { readEnvelope } from '../envelope/parse-envelope.ts';
import { mockNotification } from '../testing/mock-notification.ts';
import type { ReceivedEvent } from './inbox.ts';
import { type InboxRuntime, type MemoryInboxOptions, memoryInbox, startMemoryInbox } from './memory-inbox.ts';

const call = { signal: new AbortController().signal };
const DAY_MS = 24 * 60 * 60 * 1_000;

function event(id: string, accountId = 'a', type = 'message.created'): ReceivedEvent {
  const [read] = readEnvelope(mockNotification(type, { id, accountId })).events;
  return { ...(read as NonNullable<typeof read>), receivedAt: 0 };
}

/** Time that passes when a test says so. */
class TestRuntime implements InboxRuntime {
  time = 0;
  waits: { readonly ms: number; readonly then: () => void }[] = [];
  now(): number {
    return this.time;
  }
  random(): number {
    return 1;
  }
  after(ms: number, then: () => void): () => void {
    const wait = { ms, then };
    this.waits.push(wait);
    return () => {
      this.waits = this.waits.filter((other) => other !== wait);
    };
  }
  /** Lets the next wait end; resolves with how long it was. */
  async pass(): Promise<number> {
    await expect.poll(() => this.waits.length, { interval: 1 }).toBeGreaterThan(0);
    const wait = this.waits.shift() as { ms: number; then: () => void };
    this.time += wait.ms;
    wait.then();
    return wait.ms;
  }
}

function started(options: MemoryInboxOptions) {
  const runtime = new TestRuntime();
  return { runtime, inbox: startMemoryInbox(options, runtime) };
}

describe('memoryInbox: what is stored', () => {
  it('takes an event once, in one delivery and over several', async () => {
    const handled: string[] = [];
    const inbox = memoryInbox({ onEvent: ({ id }) => handled.push(id as string) });
    expect(inbox.accept([event('1'), event('2'), event('1')], call)).toEqual([
      'accepted',
      'accepted',
      'duplicate',
    ]);
    expect(inbox.accept([event('2'), event('3')], call)).toEqual(['duplicate', 'accepted']);
    await inbox.drained();
    expect(handled).toEqual(['1', '2', '3']);
  });

  it('knows a key for seven days, then takes it as new', async () => {
    const { runtime, inbox } = started({});
    inbox.accept([event('1')], call);
    runtime.time = 7 * DAY_MS;
    expect(inbox.accept([event('1')], call)).toEqual(['duplicate']);
    runtime.time = 7 * DAY_MS + 1;
    expect(inbox.accept([event('1')], call)).toEqual(['accepted']);
  });

  it('keeps a bounded number of keys, the newest', async () => {
    const inbox = memoryInbox({ maxKeys: 3 });
    for (const id of ['1', '2', '3', '4']) inbox.accept([event(id)], call);
    expect(inbox.accept([event('4')], call)).toEqual(['duplicate']);
    expect(inbox.accept([event('1')], call)).toEqual(['accepted']);
  });

  it('stores all of a batch or nothing when it is full, and forgets what it refused', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const inbox = memoryInbox({ maxQueued: 2, concurrency: 1, onEvent: () => held });
    inbox.accept([event('1')], call);
    expect(() => inbox.accept([event('2'), event('3'), event('4')], call)).toThrow(
      expect.objectContaining({ code: 'NYLAS_WEBHOOK_INBOX_FULL' }),
    );
    // A repetition needs no room.
    expect(inbox.accept([event('1')], call)).toEqual(['duplicate']);
    release();
    await inbox.drained();
    expect(inbox.accept([event('2'), event('3')], call)).toEqual(['accepted', 'accepted']);
    await inbox.drained();
  });

  it('keeps a body that cannot be read, once, as bytes of its own', async () => {
    const inbox = memoryInbox({ maxKept: 2 });
    const body = new Uint8Array([1]);
    for (const key of ['a', 'a', 'b', 'c'])
      await inbox.quarantine({ key, fault: 'not_json', body, receivedAt: 0 }, call);
    body[0] = 2;
    expect(inbox.quarantined().map(({ key, body }) => [key, [...body]])).toEqual([
      ['b', [1]],
      ['c', [1]],
    ]);
  });
});

describe('memoryInbox: how events are handled', () => {
  it('handles those of one account in order, those of others beside it', async () => {
    const log: string[] = [];
    const gates = new Map<string, () => void>();
    const inbox = memoryInbox({
      onEvent: async ({ id }) => {
        log.push(`begin ${id}`);
        await new Promise<void>((resolve) => gates.set(id as string, resolve));
        log.push(`end ${id}`);
      },
    });
    inbox.accept([event('a1', 'a'), event('a2', 'a'), event('b1', 'b')], call);
    await expect.poll(() => log).toEqual(['begin a1', 'begin b1']);
    expect(inbox.counts()).toEqual({ queued: 1, active: 2, dead: 0 });
    gates.get('b1')?.();
    gates.get('a1')?.();
    await expect.poll(() => log).toEqual(['begin a1', 'begin b1', 'end b1', 'end a1', 'begin a2']);
    gates.get('a2')?.();
    await inbox.drained();
  });

  it('handles no more accounts at one time than it may', async () => {
    let active = 0;
    let most = 0;
    const inbox = memoryInbox({
      concurrency: 3,
      onEvent: async () => {
        most = Math.max(most, ++active);
        await new Promise((resolve) => setImmediate(resolve));
        active--;
      },
    });
    inbox.accept(
      Array.from({ length: 20 }, (_, index) => event(`${index}`, `account ${index}`)),
      call,
    );
    await inbox.drained();
    expect(most).toBe(3);
  });

  it('runs a handler again after longer and longer waits, and holds back what follows on the account', async () => {
    const runs: string[] = [];
    const { runtime, inbox } = started({
      retryDelayMs: 1_000,
      onEvent: ({ id }, { run }) => {
        runs.push(`${id}:${run}`);
        if (id === '1' && run < 4) throw new Error('not yet');
      },
    });
    inbox.accept([event('1'), event('2')], call);
    expect([await runtime.pass(), await runtime.pass(), await runtime.pass()]).toEqual([1_000, 2_000, 4_000]);
    await inbox.drained();
    expect(runs).toEqual(['1:1', '1:2', '1:3', '1:4', '2:1']);
    expect(inbox.deadLetters()).toEqual([]);
  });

  it('gives an event up after its last run, keeps it, goes on, and handles it again when told', async () => {
    let works = false;
    const handled: string[] = [];
    const { runtime, inbox } = started({
      maxRuns: 2,
      onEvent: async ({ id }) => {
        if (id === '1' && !works) throw new TypeError('broken');
        handled.push(id as string);
      },
    });
    inbox.accept([event('1'), event('2')], call);
    await runtime.pass();
    await inbox.drained();
    expect(handled).toEqual(['2']);
    expect(inbox.counts()).toEqual({ queued: 0, active: 0, dead: 1 });
    expect(inbox.deadLetters()).toMatchObject([
      { event: { id: '1' }, runs: 2, error: new TypeError('broken') },
    ]);
    expect(inbox.accept([event('1')], call)).toEqual(['duplicate']);

    works = true;
    expect(inbox.redrive('v3:1')).toBe(true);
    expect(inbox.redrive('v3:1')).toBe(false);
    await inbox.drained();
    expect(handled).toEqual(['2', '1']);
    expect(inbox.counts().dead).toBe(0);
  });

  it('chooses a handler by the base trigger, with * for all others', async () => {
    const seen: string[] = [];
    const inbox = memoryInbox({
      onEvent: {
        'message.created': ({ id }) => seen.push(`created ${id}`),
        '*': ({ id }) => seen.push(`other ${id}`),
      },
    });
    inbox.accept(
      [event('1', 'a', 'message.created.truncated'), event('2'), event('3', 'a', 'toString')],
      call,
    );
    await inbox.drained();
    expect(seen).toEqual(['created 1', 'created 2', 'other 3']);
  });

  it('answers before a handler begins, though it blocks', async () => {
    let began = false;
    const inbox = memoryInbox({
      onEvent: () => {
        began = true;
      },
    });
    inbox.accept([event('1')], call);
    expect(began).toBe(false);
    await inbox.drained();
    expect(began).toBe(true);
  });

  it('closes: refuses, tells the running handler, waits for it, drops the rest', async () => {
    let ended = false;
    const handled: string[] = [];
    const inbox = memoryInbox({
      onEvent: async ({ id }, { signal }) => {
        handled.push(id as string);
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        ended = true;
      },
    });
    inbox.accept([event('1'), event('2')], call);
    await expect.poll(() => handled).toEqual(['1']);
    await inbox.close();
    expect(ended).toBe(true);
    expect(handled).toEqual(['1']);
    expect(() => inbox.accept([event('3')], call)).toThrow(
      expect.objectContaining({ code: 'NYLAS_WEBHOOK_INBOX_CLOSED' }),
    );
    expect(inbox.redrive('x')).toBe(false);
  });
});

describe('memoryInbox: where it may run', () => {
  const before = process.env.NODE_ENV;
  afterEach(() => {
    process.env.NODE_ENV = before;
  });

  it('is refused in production, unless the loss does not matter', async () => {
    process.env.NODE_ENV = 'production';
    expect(() => memoryInbox()).toThrow(
      expect.objectContaining({ code: 'NYLAS_WEBHOOK_MEMORY_INBOX_IN_PRODUCTION' }),
    );
    await memoryInbox({ allowInProduction: true }).close();
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses %s as a number of runs', (maxRuns) => {
    expect(() => memoryInbox({ maxRuns })).toThrow('maxRuns');
  });
});
