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

  it('knows the newest keys that came in time, as many as it may hold, and no other', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.tuple(fc.nat(14), fc.nat(30))),
        (most, steps) => {
          const keys = new KeyMemory(50, most);
          let held: { key: string; since: number }[] = [];
          let now = 0;
          for (const [number, passed] of steps) {
            now += passed;
            const key = String(number);
            keys.expire(now);
            held = held.filter(({ since }) => now - since <= 50);
            const known = held.some((each) => each.key === key);
            expect(keys.has(key)).toBe(known);
            expect(keys.add(key, now)).toBe(!known);
            if (!known) held = [...held, { key, since: now }].slice(-most);
            const all = Array.from({ length: 15 }, (_, index) => String(index));
            expect(all.filter((each) => keys.has(each)).sort()).toEqual(held.map((each) => each.key).sort());
          }
        },
      ),
    );
  });

  it('holds a great many, with room made as they come, and drops the oldest one by one', () => {
    const keys = new KeyMemory(1_000, 10_000);
    const model = new Set<string>();
    const wrong: string[] = [];
    for (let index = 0; index < 40_000; index++) {
      // Every third is a repetition, of a key that may have been dropped.
      const key = `k${index % 3 === 0 ? Math.floor(index / 2) : index}`;
      if (keys.add(key, 0) === model.has(key)) wrong.push(key);
      model.add(key);
      if (model.size > 10_000) model.delete(model.values().next().value as string);
    }
    for (let index = 0; index < 40_000; index++) {
      if (keys.has(`k${index}`) !== model.has(`k${index}`)) wrong.push(`k${index}`);
    }
    expect([wrong, model.size]).toEqual([[], 10_000]);
  });

  it('makes room in a ring that does not begin at its first place', () => {
    const keys = new KeyMemory(100, 1_000);
    for (let index = 0; index < 40; index++) keys.add(`old${index}`, 0);
    for (let index = 0; index < 24; index++) keys.add(`new${index}`, 50);
    keys.expire(101);
    for (let index = 24; index < 200; index++) expect(keys.add(`new${index}`, 60)).toBe(true);
    for (let index = 0; index < 200; index++) expect(keys.has(`new${index}`)).toBe(true);
    keys.expire(151);
    expect([keys.has('new23'), keys.has('new24'), keys.has('old0')]).toEqual([false, true, false]);
  });

  it('tells keys apart that have one hash', () => {
    // A known collision of 32-bit FNV-1a.
    const keys = new KeyMemory(100, 4);
    expect([keys.add('costarring', 0), keys.add('liquid', 0)]).toEqual([true, true]);
    expect([keys.add('costarring', 0), keys.add('liquid', 0)]).toEqual([false, false]);
    for (const key of ['a', 'b', 'c']) keys.add(key, 1);
    expect([keys.has('costarring'), keys.has('liquid')]).toEqual([false, true]);
  });
});
