import { expect, it } from 'vitest';
import { equalJitter, fullJitter } from './backoff.ts';

it('draws from zero to the base, doubling with each resend', () => {
  expect(fullJitter(0, 200, 30_000, () => 0)).toBe(0);
  expect(fullJitter(0, 200, 30_000, () => 0.999)).toBeCloseTo(199.8);
  expect(fullJitter(3, 200, 30_000, () => 0.5)).toBe(800);
});

it('never waits longer than the cap, however many resends there were', () => {
  expect(fullJitter(10, 200, 30_000, () => 1)).toBe(30_000);
  expect(fullJitter(5_000, 200, 30_000, () => 1)).toBe(30_000);
});

it('closes a gate for half of the backoff at least', () => {
  expect(equalJitter(0, 1_000, 30_000, () => 0)).toBe(500);
  expect(equalJitter(2, 1_000, 30_000, () => 1)).toBe(4_000);
});
