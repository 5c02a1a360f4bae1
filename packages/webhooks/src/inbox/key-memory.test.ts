import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyMemory } from './key-memory.ts';

describe('KeyMemory', () => {
  it('knows a key as long as it was told to, and not longer', () => {
    const keys = new KeyMemory(100, 10);
    keys.add('a', 0);
    keys.expire(100);
    expect(keys.has('a')).toBe(true);
    keys.expire(101);
    expect(keys.has('a')).toBe(false);
  });

  it('knows every key of the newest half, none that never came, and holds no more than it may', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 9 }),
        fc.array(fc.tuple(fc.nat(14), fc.nat(30))),
        (most, steps) => {
          const keys = new KeyMemory(50, most);
          let came: { key: string; since: number }[] = [];
          let now = 0;
          for (const [number, passed] of steps) {
            now += passed;
            const key = String(number);
            keys.expire(now);
            const fresh = came.filter(({ since }) => now - since <= 50);
            const newest = fresh.slice(-Math.floor(most / 2));
            const known = keys.has(key);
            if (newest.some((each) => each.key === key)) expect(known).toBe(true);
            if (!came.some((each) => each.key === key)) expect(known).toBe(false);
            expect(keys.add(key, now)).toBe(!known);
            expect(keys.has(key)).toBe(true);
            if (!known) came = [...came.filter((each) => each.key !== key), { key, since: now }];
            const all = Array.from({ length: 15 }, (_, index) => String(index));
            expect(all.filter((each) => keys.has(each)).length).toBeLessThanOrEqual(most);
          }
        },
      ),
    );
  });

  it('forgets all that is too old, also when the last half was never full', () => {
    const keys = new KeyMemory(100, 4);
    for (const [key, now] of Object.entries({ a: 0, b: 10, c: 20 })) keys.add(key, now);
    keys.expire(110);
    expect(['a', 'b', 'c'].map((key) => keys.has(key))).toEqual([true, true, true]);
    keys.expire(111);
    expect(['a', 'b', 'c'].map((key) => keys.has(key))).toEqual([false, false, true]);
    keys.expire(120);
    expect(keys.has('c')).toBe(true);
    keys.expire(121);
    expect(keys.has('c')).toBe(false);
  });

  it('stays right when it has dropped more than it holds', () => {
    const keys = new KeyMemory(1_000, 10);
    for (let index = 0; index < 5_000; index++) keys.add(`k${index}`, 0);
    expect(keys.has('k4989')).toBe(false);
    for (let index = 4_995; index < 5_000; index++) expect(keys.has(`k${index}`)).toBe(true);
  });
});
