import { describe, expect, it } from 'vitest';
import type { DestinationStatus } from './destination.ts';
import { Health } from './health.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Runs answers through a destination's health, one each given time, and tells the status after each. */
function follow(answers: readonly (readonly [at: number, ok: boolean])[]): DestinationStatus[] {
  const health = new Health();
  let status: DestinationStatus = 'active';
  return answers.map(([at, ok]) => {
    health.note(ok, at);
    status = health.judge(status, at);
    return status;
  });
}

/** One answer a minute for so long. */
const every = (from: number, minutes: number, ok: (minute: number) => boolean) =>
  Array.from({ length: minutes }, (_, minute): [number, boolean] => [from + minute * MINUTE, ok(minute)]);

describe('the health of a destination', () => {
  it('is failing after 15 minutes of failures, and not before', () => {
    const statuses = follow(every(0, 16, () => false));
    expect(statuses.slice(0, 15)).toEqual(Array(15).fill('active'));
    expect(statuses[15]).toBe('failing');
  });

  it('stays active where one in ten succeeds', () => {
    expect(new Set(follow(every(0, 600, (minute) => minute % 10 === 0)))).toEqual(new Set(['active']));
  });

  it('is active again when it recovers', () => {
    const statuses = follow([...every(0, 30, () => false), ...every(30 * MINUTE, 15, () => true)]);
    expect([statuses[29], statuses.at(-1)]).toEqual(['failing', 'active']);
  });

  it('has failed when that went on for 72 hours, and never comes back by itself', () => {
    const down = every(0, 16 + 72 * 60, () => false);
    const statuses = follow([...down, ...every(80 * HOUR, 60, () => true)]);
    expect(statuses[15 + 72 * 60 - 1]).toBe('failing');
    expect(statuses[15 + 72 * 60]).toBe('failed');
    expect(statuses.at(-1)).toBe('failed');
  });

  it('says when to look again', () => {
    const health = new Health();
    expect(health.nextCheck('active')).toBeUndefined();
    health.note(false, 5);
    expect(health.nextCheck('active')).toBe(5 + 15 * MINUTE);
    expect(health.judge('active', 5 + 15 * MINUTE)).toBe('failing');
    expect(health.nextCheck('failing')).toBe(5 + 15 * MINUTE + 72 * HOUR);
    expect(health.judge('pause', 9)).toBe('pause');
  });
});
