import { describe, expect, it } from 'vitest';
import { type AttemptResult, nextWait } from './attempts.ts';

const MINUTE = 60_000;
const answer = (status: number, retryAfterMs?: number): AttemptResult => ({ status, retryAfterMs });

describe('the next attempt', () => {
  it.each([0, 408, 429, 502, 503, 504, 507])('comes after %i', (status) => {
    expect(nextWait('v3', 1, [answer(status)], 0)).toBeGreaterThan(0);
  });

  it.each([200, 204, 301, 400, 401, 403, 404, 413, 500])('never comes after %i', (status) => {
    expect(nextWait('v3', 1, [answer(status)], 0)).toBeUndefined();
  });

  it('comes when any destination failed so', () => {
    expect(nextWait('v3', 1, [answer(200), answer(503)], 0)).toBeGreaterThan(0);
  });

  it.each([0, 0.999])('is the third and last within 10 to 20 minutes on v3, chance %d', (chance) => {
    const first = nextWait('v3', 1, [answer(503)], chance) as number;
    const second = nextWait('v3', 2, [answer(503)], chance) as number;
    expect(second).toBeGreaterThan(first);
    expect(first + second).toBeGreaterThanOrEqual(10 * MINUTE);
    expect(first + second).toBeLessThanOrEqual(20 * MINUTE);
    expect(nextWait('v3', 3, [answer(503)], chance)).toBeUndefined();
  });

  it.each([0, 0.999])('is the fifth and last within about 20 minutes on v2, chance %d', (chance) => {
    let sum = 0;
    for (let attempt = 1; attempt < 5; attempt++)
      sum += nextWait('v2', attempt, [answer(0)], chance) as number;
    expect(sum).toBeGreaterThanOrEqual(18 * MINUTE);
    expect(sum).toBeLessThanOrEqual(22 * MINUTE);
    expect(nextWait('v2', 5, [answer(0)], chance)).toBeUndefined();
  });

  it('comes when Retry-After says, and not later than retries last', () => {
    expect(nextWait('v3', 1, [answer(429, 30_000)], 0)).toBe(30_000);
    expect(nextWait('v3', 1, [answer(429, 86_400_000)], 0)).toBe(20 * MINUTE);
  });
});
