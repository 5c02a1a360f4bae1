import { describe, expect, it } from 'vitest';
import { judgeVanished } from './vanished.ts';

const LISTED_FROM = 1_000;
const accounts = (count: number, time = 0) =>
  Array.from({ length: count }, (_, index) => ({ id: `a${index}`, time }));
const listing = (ids: Iterable<string>, verified = true) => {
  const listed = new Set(ids);
  return { walk: { has: (id: string) => listed.has(id), verified }, listedFrom: LISTED_FROM };
};
const ids = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => `a${from + index}`);

describe('accounts that a sweep did not find', () => {
  it('are asked for one by one while they are few, even when they are all', () => {
    expect(judgeVanished(accounts(3), listing([]), new Set())).toMatchObject({
      gone: [],
      ask: ['a0', 'a1', 'a2'],
      lookAgain: false,
    });
  });

  it('are gone at once when they are many but not most, and the list agreed with itself', () => {
    const { gone, ask, missing } = judgeVanished(accounts(100), listing(ids(50, 100)), new Set());
    expect(gone).toEqual(ids(0, 50));
    expect(ask).toEqual([]);
    expect(missing.size).toBe(0);
  });

  it('stay until another look when they are most of all', () => {
    const first = judgeVanished(accounts(100), listing(ids(51, 100)), new Set());
    expect(first).toMatchObject({ gone: [], ask: [], lookAgain: true });
    const second = judgeVanished(accounts(100), listing(ids(51, 100)), first.missing);
    expect(second.gone).toEqual(ids(0, 51));
  });

  it('stay when the list did not agree with itself, however often', () => {
    const first = judgeVanished(accounts(100), listing(ids(30, 100), false), new Set());
    const second = judgeVanished(accounts(100), listing(ids(30, 100), false), first.missing);
    expect(second).toMatchObject({ gone: [], lookAgain: true });
  });

  it('are gone at the second sweep when nobody answered for them', () => {
    const { missing } = judgeVanished(accounts(10), listing(ids(1, 10)), new Set());
    expect(judgeVanished(accounts(10), listing(ids(1, 10)), missing).gone).toEqual(['a0']);
  });

  it('are not judged when they are known of since', () => {
    expect(judgeVanished(accounts(5, LISTED_FROM), listing([]), new Set())).toMatchObject({
      gone: [],
      ask: [],
    });
  });
});
