import { describe, expect, it } from 'vitest';
import { type BrakeState, DEFAULT_BRAKE, judgeBrake } from './brake.ts';

const NOW = 1_700_000_000_000;
const MINUTE = 60_000;

/** So many accounts that became invalid, a second apart, the last of them now. */
function failures(count: number, until = NOW) {
  return Array.from({ length: count }, (_, n) => ({
    id: `account-${n}`,
    from: 'running' as const,
    to: 'invalid' as const,
    time: until - n * 1_000,
  }));
}

describe('the brake', () => {
  const judge = (brake: BrakeState, recent: Parameters<typeof judgeBrake>[1], total: number, now = NOW) =>
    judgeBrake(brake, recent, total, now, DEFAULT_BRAKE);

  it('engages when twenty accounts, and one in twenty, became unhealthy within ten minutes', () => {
    expect(judge({}, failures(19), 100).change).toBeUndefined();
    expect(judge({}, failures(20), 100).change).toBe('engaged');
    expect(judge({}, failures(49), 1_000).change).toBeUndefined();
    expect(judge({}, failures(50), 1_000).change).toBe('engaged');
    expect(judge({}, failures(20, NOW - 11 * MINUTE), 100).change).toBeUndefined();
  });

  it('counts accounts, not their changes, and only those that were well', () => {
    const one = failures(1).flatMap((failure) => Array.from({ length: 40 }, () => failure));
    expect(judge({}, one, 100).change).toBeUndefined();
    const others = failures(40).map((failure) => ({ ...failure, from: 'stopped' as const }));
    expect(judge({}, others, 100).change).toBeUndefined();
    const back = failures(40).map((failure) => ({ ...failure, to: 'running' as const }));
    expect(judge({}, back, 100).change).toBeUndefined();
  });

  it('stays until fewer than half of that fail, then lets go by itself', () => {
    const engaged = judge({}, failures(20), 100).next;
    expect(engaged).toEqual({ engagedAt: NOW, failures: 20 });
    expect(judge(engaged, failures(10), 100, NOW + MINUTE)).toMatchObject({
      change: undefined,
      next: { engagedAt: NOW, failures: 10 },
    });
    const released = judge(engaged, failures(9), 100, NOW + MINUTE);
    expect(released.change).toBe('released');
    expect(released.next.engagedAt).toBeUndefined();
  });

  it('does not engage again over what an operator has forgiven', () => {
    const forgiven = { forgivenUntil: NOW };
    expect(judge(forgiven, failures(40), 100).change).toBeUndefined();
    expect(judge(forgiven, failures(20, NOW + MINUTE), 100, NOW + MINUTE).change).toBe('engaged');
  });
});
