import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeId, dressId, encodeId, fromV2Id, toV2Id, undressId } from './object-id.ts';

const key = fc.integer();
const index = fc.nat({ max: 0x7ffffffe });

describe('object ids', () => {
  it('carry their index', () => {
    fc.assert(
      fc.property(key, fc.nat(50), index, (owner, kind, i) => {
        const id = encodeId(owner, kind, i);
        expect(id).toMatch(/^[\da-f]{16}$/);
        expect(decodeId(owner, kind, id)).toBe(i);
        expect(fromV2Id(toV2Id(id))).toBe(id);
        expect(toV2Id(id)).toMatch(/^[\da-z]{25}$/);
        for (const provider of ['google', 'microsoft'])
          expect(undressId(provider, dressId(provider, id))).toBe(id);
      }),
    );
  });

  it('are of one owner and kind, and nobody invents one', () => {
    const id = encodeId(1, 11, 5);
    expect(decodeId(2, 11, id)).toBe(-1);
    expect(decodeId(1, 12, id)).toBe(-1);
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(decodeId(1, 11, text)).toBe(-1);
        expect(fromV2Id(text)).toBe('');
      }),
    );
    expect(decodeId(1, 11, `${id.slice(0, 15)}g`)).toBe(-1);
    expect(fromV2Id('z'.repeat(25))).toBe('');
  });
});
