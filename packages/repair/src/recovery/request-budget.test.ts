import type { Runtime } from '@nylas-otel/accounts/tracking';
import { describe, expect, it } from 'vitest';
import { accountRate, RequestBudget } from './request-budget.ts';

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

const never = new AbortController().signal;

describe('a budget of half of the limits', () => {
  it('knows what Nylas and the provider allow an account', () => {
    expect(accountRate('v3', 'imap')).toBe(200);
    expect(accountRate('v3', 'google')).toBe(10);
    expect(accountRate('v3', 'microsoft')).toBeCloseTo(10_000 / 600);
    expect(accountRate('v2', 'google')).toBe(50);
  });

  it.each([
    ['v3', 'google', 5],
    ['v3', 'imap', 83.3],
    ['v2', 'google', 25],
  ] as const)('gives a %s account of %s at most %d requests a second', async (version, provider, most) => {
    const runtime = new SleptRuntime();
    const budget = new RequestBudget({ version, share: 0.5, requestsPerSecond: 1_000, runtime });
    const start = runtime.now();
    for (let n = 0; n < 200; n++) await budget.take('a', provider, 'data', never);
    expect(199 / ((runtime.now() - start) / 1_000)).toBeCloseTo(most, 0);
  });

  it('gives the lists of the application 25 a second, and all together no more than it was told', async () => {
    const runtime = new SleptRuntime();
    const budget = new RequestBudget({ version: 'v3', share: 0.5, requestsPerSecond: 1_000, runtime });
    const start = runtime.now();
    for (let n = 0; n < 100; n++) await budget.take('#', 'unknown', 'application', never);
    expect(99 / ((runtime.now() - start) / 1_000)).toBeCloseTo(25, 0);
    const slow = new RequestBudget({ version: 'v3', share: 0.5, requestsPerSecond: 10, runtime });
    const again = runtime.now();
    for (let n = 0; n < 50; n++) await slow.take(`account ${n}`, 'imap', 'data', never);
    expect(49 / ((runtime.now() - again) / 1_000)).toBeCloseTo(10, 0);
  });

  it('holds back the account that was limited and no other, and counts what one request cost the provider', async () => {
    const runtime = new SleptRuntime();
    const budget = new RequestBudget({ version: 'v3', share: 0.5, requestsPerSecond: 1_000, runtime });
    for (const account of ['a', 'b']) await budget.take(account, 'google', 'data', never);
    const start = runtime.now();
    budget.pause('a', 'data', start + 60_000);
    await budget.take('b', 'google', 'data', never);
    expect(runtime.now() - start).toBeLessThan(1_000);
    await budget.take('a', 'google', 'data', never);
    expect(runtime.now() - start).toBeGreaterThanOrEqual(60_000);
    budget.charge('b', 'google', 9);
    const charged = runtime.now();
    await budget.take('b', 'google', 'data', never);
    expect(runtime.now() - charged).toBeGreaterThan(1_700);
  });
});
