import type { EventVerdict, ReceivedEvent } from '@nylas-otel/webhooks';
import { describe, expect, it, vi } from 'vitest';
import { CALL, received } from '../../test/contract/harness-events.ts';
import { Intake } from './intake.ts';

/** Stores batches when it is told to. */
function slowStore(): {
  readonly batches: (readonly ReceivedEvent[])[];
  readonly store: (events: readonly ReceivedEvent[]) => Promise<readonly EventVerdict[]>;
  release(): void;
} {
  const batches: (readonly ReceivedEvent[])[] = [];
  let waiting: (() => void)[] = [];
  let open = false;
  return {
    batches,
    store: async (events) => {
      batches.push(events);
      if (!open) await new Promise<void>((resolve) => waiting.push(resolve));
      return events.map(() => 'accepted' as const);
    },
    release() {
      open = true;
      for (const go of waiting) go();
      waiting = [];
    },
  };
}

describe('Intake', () => {
  it('puts what comes at one time into batches of a hundred, and gives each delivery its own verdicts', async () => {
    const { batches, store, release } = slowStore();
    const intake = new Intake(store);
    const deliveries = Array.from({ length: 110 }, (_, n) =>
      Array.from({ length: 1 + (n % 3) }, () => received()),
    );
    const verdicts = deliveries.map((events) => intake.accept(events, CALL));
    release();
    for (const [n, each] of (await Promise.all(verdicts)).entries())
      expect(each).toHaveLength(deliveries[n]?.length ?? 0);
    expect(batches.flat()).toEqual(deliveries.flat());
    expect(batches.length).toBeLessThanOrEqual(4);
    for (const batch of batches) expect(batch.length).toBeLessThanOrEqual(102);
  });

  it('refuses one that the database will not take, and none with it', async () => {
    const poison = received();
    const intake = new Intake(async (events) => {
      if (events.includes(poison)) throw Object.assign(new Error('value too long'), { code: '22001' });
      return events.map(() => 'accepted' as const);
    });
    const answers = await Promise.allSettled(
      [received(), poison, received()].map((event) => intake.accept([event], CALL)),
    );
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('refuses a whole batch at once when the database is away', async () => {
    let calls = 0;
    const intake = new Intake(async () => {
      calls++;
      throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    });
    const answers = await Promise.allSettled([1, 2, 3].map(() => intake.accept([received()], CALL)));
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(calls).toBe(1);
  });

  it('does not store what nobody waits for any more', async () => {
    const { batches, store, release } = slowStore();
    const intake = new Intake(store);
    const given = new AbortController();
    const late = intake.accept([received()], { signal: given.signal });
    given.abort(new Error('answered with 503'));
    const event = received();
    const kept = intake.accept([event], CALL);
    release();
    await expect(late).rejects.toThrow('answered with 503');
    expect(await kept).toEqual(['accepted']);
    expect(batches).toEqual([[event]]);
  });

  it('stores what is in hand when it is closed, and refuses what comes then', async () => {
    const { store, release } = slowStore();
    const intake = new Intake(store);
    const accepted = intake.accept([received()], CALL);
    const closed = intake.close();
    await expect(intake.accept([received()], CALL)).rejects.toMatchObject({
      code: 'NYLAS_WEBHOOK_INBOX_CLOSED',
    });
    release();
    await closed;
    expect(await accepted).toEqual(['accepted']);
    await intake.close();
  });

  it('is calm again once less than a batch waits', async () => {
    const { store, release } = slowStore();
    const intake = new Intake(store);
    await intake.calm();
    const all = Array.from({ length: 600 }, () => intake.accept([received()], CALL));
    let calm = false;
    const waited = intake.calm().then(() => {
      calm = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(calm).toBe(false);
    release();
    await Promise.all(all);
    await waited;
  });

  it('holds nobody up for more than a second', async () => {
    vi.useFakeTimers();
    try {
      const { store } = slowStore();
      const intake = new Intake(store);
      for (let n = 0; n < 600; n++) void intake.accept([received()], CALL);
      const waited = intake.calm();
      await vi.advanceTimersByTimeAsync(1_000);
      await waited;
    } finally {
      vi.useRealTimers();
    }
  });
});
