import type { Attributes } from '@opentelemetry/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelsKey, promLabels } from './labels.ts';
import { SeriesTable } from './series-table.ts';

const plain = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constantFrom('1', 'true', '', 1, true),
);
const value = fc.oneof(
  { weight: 5, arbitrary: plain },
  { weight: 1, arbitrary: fc.constantFrom(undefined, null) },
  { weight: 1, arbitrary: fc.array(fc.oneof(fc.string(), fc.integer(), fc.constant(null))) },
);
const name = fc.constantFrom('a', 'b', 'c', 'd.e', 'd_e', 'le', '__proto__x', '9');
const attributes = fc.dictionary(name, value) as fc.Arbitrary<Attributes>;

describe('a series table', () => {
  it('finds one series for attributes that mean the same labels, and another for others', () => {
    fc.assert(
      fc.property(fc.array(attributes, { maxLength: 30 }), (sets) => {
        const table = new SeriesTable<{ key: string }>(1_000, (labels) => ({ key: labelsKey(labels) }));
        for (const set of [...sets, ...sets.toReversed()]) {
          const reordered = Object.fromEntries(Object.entries(set).toReversed());
          const expected = labelsKey(promLabels(set));
          expect(table.find(set)?.key).toBe(expected);
          expect(table.find(reordered)).toBe(table.find(set));
          expect(table.peek(set)).toBe(table.find(set));
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('follows an attributes object that its owner changes', () => {
    const table = new SeriesTable<object>(10, (labels) => labels);
    const set = { route: '/a' };
    expect(table.find(set)).toEqual({ route: '/a' });
    set.route = '/b';
    expect(table.find(set)).toEqual({ route: '/b' });
  });

  it('makes no series beyond its limit, and finds those it has', () => {
    const table = new SeriesTable<object>(2, (labels) => labels);
    table.find({ a: 1 });
    table.find({ a: 2 });
    expect(table.find({ a: 3 })).toBeUndefined();
    expect(table.find({ a: '2' })).toEqual({ a: '2' });
    expect(table.size).toBe(2);
  });

  it('forgets what is not kept', () => {
    const table = new SeriesTable<{ a?: unknown }>(10, (labels) => ({ ...labels }));
    const kept = table.find({ a: 1 });
    const dropped = table.find({ a: 2 });
    table.keep((series) => series === kept);
    expect(table.find({ a: 1 })).toBe(kept);
    expect(table.find({ a: 2 })).not.toBe(dropped);
  });
});
