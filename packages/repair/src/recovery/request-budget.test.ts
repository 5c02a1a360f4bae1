import type { Runtime } from '@nylas-otel/accounts/tracking';
import { describe, expect, it } from 'vitest';
import { type ProviderCost, RequestBudget } from './request-budget.ts';

const MINUTE = 60_000;

/** Time that passes by sleeping only. */
class SleptRuntime implements Runtime {
  time = 1_000_000;
  now(): number {
    return this.time;
  }
  random(): number {
    return 0.5;
  }
  async sleep(ms: number): Promise<void> {
    this.time += ms;
  }
}

function budgetOf(options: { version?: 'v2' | 'v3'; requestsPerSecond?: number; share?: number } = {}) {
  const runtime = new SleptRuntime();
  const budget = new RequestBudget({
    version: 'v3',
    share: 0.5,
    requestsPerSecond: 1_000,
    runtime,
    ...options,
  });
  /** When it was sent and what is to be told of it. */
  const ask = (account: string, provider: string, kind: 'data' | 'application' = 'data') => {
    runtime.time += budget.waitMs(account, provider, kind);
    return { time: runtime.time, price: budget.take(account, provider, kind) };
  };
  const calls = (count: number): ProviderCost => ({ calls: count, quotaUnits: 5 * count });
  return { runtime, budget, ask, calls };
}

/** The most that any window of this length holds. */
function mostWithin(windowMs: number, spent: readonly { time: number; cost: number }[]): number {
  return Math.max(
    ...spent.map(({ time }) =>
      spent
        .filter((one) => one.time > time - windowMs && one.time <= time)
        .reduce((sum, { cost }) => sum + cost, 0),
    ),
  );
}

describe('a budget of half of the limits', () => {
  it.each([
    ['v3', 'imap', 83.3],
    ['v2', 'google', 25],
  ] as const)('gives a %s account of %s at most %d requests a second', (version, provider, most) => {
    const { runtime, ask } = budgetOf({ version });
    const start = runtime.time;
    for (let n = 0; n < 200; n++) ask('a', provider);
    expect(199 / ((runtime.time - start) / 1_000)).toBeCloseTo(most, 0);
  });

  it.each([
    ['google', 50, 51, MINUTE, 300],
    ['google', 50, 1, MINUTE, 300],
    ['google', 50, 201, MINUTE, 300],
    ['microsoft', 200, 1, 10 * MINUTE, 5_000],
    ['microsoft', 200, 201, 10 * MINUTE, 5_000],
  ])(
    'gives a mailbox of %s (pages of %d, %d calls each) in any %d ms half of its limit: %d calls',
    (provider, page, cost, windowMs, most) => {
      const { budget, ask, calls, runtime } = budgetOf();
      expect(budget.pageSize(provider)).toBe(page);
      const spent: { time: number; cost: number }[] = [];
      const start = runtime.time;
      while (runtime.time - start < 1.5 * windowMs) {
        const { time, price } = ask('a', provider);
        spent.push({ time, cost });
        runtime.time += 100;
        price(calls(cost));
      }
      expect(mostWithin(windowMs, spent)).toBeLessThanOrEqual(most);
      // Nor much less: what is not used of a limit is time that somebody waits.
      const sum = spent.reduce((all, one) => all + one.cost, 0);
      if (cost === 51) expect(sum).toBeGreaterThan(1.5 * most * 0.75);
    },
  );

  it('gives all mailboxes of Google in any minute half of what the project may, however many are read at once', () => {
    const { runtime, ask, calls } = budgetOf();
    const spent: { time: number; cost: number }[] = [];
    const open: { at: number; end: () => void }[] = [];
    const start = runtime.time;
    for (let n = 0; runtime.time - start < 3 * MINUTE; n++) {
      const before = runtime.time;
      const { time, price } = ask(`account ${n}`, 'google');
      spent.push({ time, cost: 51 });
      open.push({ at: time + 2_000, end: () => price(calls(51)) });
      while (open[0] !== undefined && (open[0].at <= runtime.time || open.length >= 32)) {
        runtime.time = Math.max(runtime.time, open[0].at);
        open.shift()?.end();
      }
      expect(runtime.time).toBeGreaterThanOrEqual(before);
    }
    expect(mostWithin(MINUTE, spent)).toBeLessThanOrEqual(5_000);
    expect(spent.length * 51).toBeGreaterThan(3 * 5_000 * 0.85);
  });

  it('is not held up by what a request might have cost when it cost little', () => {
    const { runtime, ask, calls } = budgetOf();
    const start = runtime.time;
    for (let n = 0; n < 200; n++) {
      const { price } = ask(`account ${n}`, 'google');
      runtime.time += 50;
      price(calls(1));
    }
    expect(runtime.time - start).toBeLessThan(200 * 60);
  });

  it('gives the lists of the application 25 a second, and all together no more than it was told', () => {
    const { runtime, ask } = budgetOf();
    const start = runtime.time;
    for (let n = 0; n < 100; n++) ask('#', 'unknown', 'application');
    expect(99 / ((runtime.time - start) / 1_000)).toBeCloseTo(25, 0);
    const slow = budgetOf({ requestsPerSecond: 10 });
    const again = slow.runtime.time;
    for (let n = 0; n < 50; n++) slow.ask(`account ${n}`, 'imap');
    expect(49 / ((slow.runtime.time - again) / 1_000)).toBeCloseTo(10, 0);
  });

  it('holds back the account that was limited and no other', () => {
    const { runtime, budget, ask } = budgetOf();
    const start = runtime.time;
    budget.pause('a', 'data', start + 30_000);
    expect(ask('b', 'imap').time - start).toBeLessThan(1_000);
    expect(ask('a', 'imap').time - start).toBe(30_000);
  });

  it('hands what is not paid for to whoever goes on, and forgets an account only when it is', () => {
    const one = budgetOf();
    one.ask('a', 'google').price(one.calls(51));
    one.ask('b', 'imap').price(one.calls(1));
    one.budget.forget('a');
    const debts = one.budget.debts();
    expect(Object.keys(debts.accounts)).toEqual(['a']);
    const next = budgetOf();
    next.budget.owe(JSON.parse(JSON.stringify(debts)) as typeof debts);
    const start = next.runtime.time;
    expect(next.ask('b', 'imap').time).toBe(start);
    expect(next.ask('a', 'google').time - start).toBeGreaterThan(12_000);
    one.runtime.time += MINUTE;
    one.budget.forget('b');
    expect(one.budget.debts()).toEqual({ project: 0, accounts: {} });
  });

  it('asks for smaller pages where it may use less, so that several still fit into a minute', () => {
    const { budget, ask, calls, runtime } = budgetOf({ share: 0.1 });
    const page = budget.pageSize('google');
    expect(page).toBe(10);
    const spent: { time: number; cost: number }[] = [];
    for (let n = 0; n < 40; n++) {
      const { time, price } = ask('a', 'google');
      spent.push({ time, cost: page + 1 });
      runtime.time += 100;
      price(calls(page + 1));
    }
    expect(mostWithin(MINUTE, spent)).toBeLessThanOrEqual(60);
  });
});
