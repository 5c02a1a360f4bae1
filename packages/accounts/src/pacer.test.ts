import { describe, expect, it } from 'vitest';
import { backoffMs, jittered, Pacer } from './pacer.ts';

describe('pacing', () => {
  it('spaces requests by the rate, without a burst after a pause', () => {
    const pacer = new Pacer(5);
    let now = 1_000_000;
    const starts: number[] = [];
    for (let request = 0; request < 20; request++) {
      if (request === 10) now += 60_000;
      now += pacer.waitMs(now);
      pacer.take(now);
      starts.push(now);
    }
    for (let i = 1; i < starts.length; i++)
      expect((starts[i] as number) - (starts[i - 1] as number)).toBeGreaterThanOrEqual(200);
    expect((starts[19] as number) - (starts[0] as number)).toBeLessThan(19 * 200 + 60_000);
  });

  it('does not stop for as long as the clock was set back', () => {
    const pacer = new Pacer(5);
    pacer.take(1_000_000);
    expect(pacer.waitMs(400_000)).toBe(200);
  });
});

describe('backing off', () => {
  it('doubles from the first pause to the longest, between half and all of it', () => {
    const shape = { firstMs: 1_000, mostMs: 60_000 };
    expect([1, 2, 3, 7, 8, 1_000_000].map((failures) => backoffMs(failures, shape, 1))).toEqual([
      1_000, 2_000, 4_000, 60_000, 60_000, 60_000,
    ]);
    expect(backoffMs(3, shape, 0)).toBe(2_000);
  });

  it('spreads intervals by a tenth either way', () => {
    expect(jittered(1_000, 0)).toBe(900);
    expect(jittered(1_000, 1)).toBeCloseTo(1_100);
  });
});
