import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CountTable } from './count-table.ts';

const KEYS = ['template', 'status', 'type'];
const folds = [
  (set: object) => ({ ...set, type: '_OTHER' }),
  (set: object) => ({ ...set, status: 'class' }),
  (set: object) => ({ ...set, template: 'other' }),
];

describe('CountTable', () => {
  it('hands out one entry a set, made at 0, with its own attributes only', () => {
    const table = new CountTable(KEYS);
    const entry = table.entry({ template: '/a', status: 200, stranger: 'x' });
    entry.value += 2;
    table.add({ status: 200, template: '/a' });
    expect(table.entry({ template: '/a', status: 200 })).toBe(entry);
    expect(entry).toEqual({ value: 3, attributes: { template: '/a', status: 200 } });
  });

  it('keeps apart the number 1 and the text 1, and an absent value and an empty one', () => {
    const table = new CountTable(KEYS);
    for (const status of [1, '1', '', undefined]) table.add(status === undefined ? {} : { status });
    expect(table.size).toBe(4);
  });

  it('folds step by step near the bound: the type first, then the status, then the template', () => {
    const table = new CountTable(KEYS, folds);
    for (let i = 0; i < 1_900; i++) table.add({ template: '/a', status: i, type: 'x' });
    expect(table.entry({ template: '/b', status: 5, type: 'new' }).attributes).toEqual({
      template: '/b',
      status: 5,
      type: '_OTHER',
    });
    for (let i = 0; i < 40; i++) table.add({ template: '/c', status: 10_000 + i, type: 'new' });
    expect(table.entry({ template: '/d', status: 7, type: 'new' }).attributes).toEqual({
      template: '/d',
      status: 'class',
      type: '_OTHER',
    });
  });

  it('never reaches 2,000 sets and never loses a count', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20_000 }), fc.integer({ min: 1, max: 97 }), (adds, spread) => {
        const table = new CountTable(KEYS, folds);
        for (let i = 0; i < adds; i++) {
          table.add({ template: `/${i}`, status: i % spread, type: String(i * 31) });
        }
        const total = [...table.entries()].reduce((sum, { value }) => sum + value, 0);
        expect(table.size).toBeLessThan(2_000);
        expect(total).toBe(adds);
      }),
      { numRuns: 50 },
    );
  });
});
