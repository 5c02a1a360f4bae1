import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRetryAfter } from './index.ts';

const NOW = Date.UTC(1994, 10, 6, 8, 49, 7);

describe('parseRetryAfter', () => {
  it.each([
    ['0', 0],
    ['120', 120],
    [' 5 ', 5],
    ['1.5', 1.5],
    ['+3', 3],
    ['-5', 0],
    ['0003', 3],
    ['9999999999', 9_999_999_999],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 30],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 30],
    ['Sun Nov  6 08:49:37 1994', 30],
    ['Sun, 06 Nov 1994 08:00:00 GMT', 0],
  ])('%j is %d s', (value, seconds) => {
    expect(parseRetryAfter(value, NOW)).toBe(seconds);
  });

  it('reads a two-digit year as the nearest', () => {
    const now = Date.UTC(2026, 0, 1);
    expect(parseRetryAfter('Thursday, 01-Jan-26 00:01:00 GMT', now)).toBe(60);
    expect(parseRetryAfter('Sunday, 06-Nov-94 08:49:37 GMT', now)).toBe(0);
  });

  it.each([
    '',
    ' ',
    'soon',
    'try in 5 minutes',
    '5s',
    '1e3',
    '0x10',
    'NaN',
    'Infinity',
    '--5',
    '1,5',
    '5, 10',
    '99999999999',
    '2026-01-01T00:00:00Z',
    'Sun, 06 Nov 1994 08:49:37 CET',
    'Sun, 06 ebM 1994 08:49:37 GMT',
    'Sun, 32 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 25:49:37 GMT',
    '5'.repeat(100_000),
  ])('%j is nonsense', (value) => {
    expect(parseRetryAfter(value, NOW)).toBeUndefined();
  });

  it('never throws and is never negative', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.double(), (value, now) => {
        const seconds = parseRetryAfter(value, now);
        return seconds === undefined || seconds >= 0;
      }),
    );
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(8e12) }), (date) => {
        date.setUTCMilliseconds(0);
        expect(parseRetryAfter(date.toUTCString(), 0)).toBe(date.getTime() / 1_000);
      }),
    );
  });
});
