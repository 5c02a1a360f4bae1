import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Budget } from './budget.ts';

const START = 1_000_000;

describe('the retry budget', () => {
  it('begins with ten seconds of the floor, so that a service that just started can retry', () => {
    const budget = new Budget({ ratio: 0.1, floorPerSecond: 1 });
    expect(take(budget, START, 20)).toBe(10);
  });

  it('gives the floor to a service with few requests', () => {
    const budget = new Budget({ ratio: 0.1, floorPerSecond: 1 });
    take(budget, START, 10);
    expect(take(budget, START + 999, 5)).toBe(0);
    expect(take(budget, START + 5_000, 20)).toBe(5);
  });

  it('earns one resend for ten answered requests', () => {
    const budget = new Budget({ ratio: 0.1, floorPerSecond: 0 });
    expect(take(budget, START, 1)).toBe(0);
    // A capacity of a token needs the traffic of a second.
    for (let i = 0; i < 100; i++) budget.answered(START);
    expect(take(budget, START, 100)).toBe(5);
    for (let second = 1; second <= 10; second++) {
      for (let i = 0; i < 100; i++) budget.answered(START + second * 1_000);
    }
    expect(take(budget, START + 10_000, 100)).toBeGreaterThanOrEqual(45);
  });

  it('earns nothing but the floor while everything fails', () => {
    const budget = new Budget({ ratio: 0.1, floorPerSecond: 1 });
    for (let second = 0; second < 20; second++) {
      for (let i = 0; i < 200; i++) budget.answered(START + second * 1_000);
    }
    let taken = 0;
    for (let second = 20; second < 80; second++) taken += take(budget, START + second * 1_000, 200);
    // What a healthy service had saved (five seconds of 20), then one a second.
    expect(taken).toBeLessThanOrEqual(100 + 60);
    expect(taken).toBeGreaterThanOrEqual(60);
  });

  it('keeps half of it from throttled resends, so that one limited grant cannot starve the others', () => {
    const budget = new Budget({ ratio: 0.1, floorPerSecond: 1 });
    let throttled = 0;
    while (budget.tryTake(START, 'throttle')) throttled++;
    expect(throttled).toBe(5);
    expect(take(budget, START, 20)).toBe(5);
  });

  it('shows the share that is left', () => {
    const budget = new Budget({ ratio: 0.1, floorPerSecond: 1 });
    expect(budget.share(START)).toBe(1);
    take(budget, START, 5);
    expect(budget.share(START)).toBeCloseTo(0.5);
    take(budget, START, 5);
    expect(budget.share(START)).toBe(0);
  });

  it('never gives more than the burst + the larger of ratio and floor for each second: 10,000 histories', () => {
    const step = fc.record({
      advanceMs: fc.oneof(
        fc.constant(0),
        fc.integer({ min: 0, max: 3_000 }),
        fc.integer({ min: 0, max: 60_000 }),
      ),
      answered: fc.integer({ min: 0, max: 60 }),
      wanted: fc.integer({ min: 0, max: 40 }),
      kind: fc.constantFrom('outage' as const, 'throttle' as const),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(0, 0.05, 0.1, 0.5),
        fc.constantFrom(0, 0.5, 1, 3),
        fc.array(step, { maxLength: 30 }),
        (ratio, floorPerSecond, steps) => {
          const budget = new Budget({ ratio, floorPerSecond });
          const answeredIn = new Map<number, number>();
          let now = START;
          let taken = 0;
          let highest = budget.capacity;
          for (const { advanceMs, answered, wanted, kind } of steps) {
            now += advanceMs;
            const second = Math.floor(now / 1_000);
            for (let i = 0; i < answered; i++) budget.answered(now);
            answeredIn.set(second, (answeredIn.get(second) ?? 0) + answered);
            highest = Math.max(highest, budget.capacity);
            for (let i = 0; i < wanted && budget.tryTake(now, kind); i++) taken++;
            let earned = 0;
            for (let s = START / 1_000; s <= second; s++) {
              earned += Math.max(ratio * (answeredIn.get(s) ?? 0), floorPerSecond);
            }
            expect(taken).toBeLessThanOrEqual(highest + earned + 1e-6);
            expect(budget.share(now)).toBeGreaterThanOrEqual(0);
            expect(budget.share(now)).toBeLessThanOrEqual(1);
          }
        },
      ),
      { numRuns: 10_000 },
    );
  });
});

function take(budget: Budget, now: number, most: number): number {
  let taken = 0;
  while (taken < most && budget.tryTake(now, 'outage')) taken++;
  return taken;
}
