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

  it('does what a plain list does, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.tuple(fc.nat(9), fc.nat(30))),
        (most, steps) => {
          const keys = new KeyMemory(50, most);
          let list: { key: string; since: number }[] = [];
          let now = 0;
          for (const [number, passed] of steps) {
            now += passed;
            const key = String(number);
            keys.expire(now);
            list = list.filter(({ since }) => now - since <= 50);
            expect(keys.has(key)).toBe(list.some((known) => known.key === key));
            if (keys.has(key)) continue;
            keys.add(key, now);
            list = [...list, { key, since: now }].slice(-most);
          }
        },
      ),
    );
  });

  it('stays right when it has dropped more than it holds', () => {
    const keys = new KeyMemory(1_000, 10);
    for (let index = 0; index < 5_000; index++) keys.add(`k${index}`, 0);
    expect(keys.has('k4989')).toBe(false);
    for (let index = 4_990; index < 5_000; index++) expect(keys.has(`k${index}`)).toBe(true);
  });
});
