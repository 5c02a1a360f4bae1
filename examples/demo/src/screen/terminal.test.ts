import { describe, expect, it } from 'vitest';
import { columns, duration, pad, wrap } from './terminal.mjs';

describe('duration', () => {
  it.each([
    [0.2, '<1 ms'],
    [12.4, '12 ms'],
    [999.4, '999 ms'],
    [999.6, '1.00 s'],
    [1934, '1.93 s'],
    [12_345, '12.3 s'],
    [123_456, '123 s'],
  ])('shows %d ms as %s', (milliseconds, text) => {
    expect(duration(milliseconds)).toBe(text);
  });
});

describe('columns and pad', () => {
  it('do not count what only colours', () => {
    expect(columns('\u001b[31mred\u001b[39m')).toBe(3);
    expect(pad('\u001b[31mred\u001b[39m', 5, 'right')).toBe('  \u001b[31mred\u001b[39m');
  });
});

describe('wrap', () => {
  it('breaks between words and leaves a word alone that is too long', () => {
    expect(wrap('one two three averyverylongword four', 9)).toEqual([
      'one two',
      'three',
      'averyverylongword',
      'four',
    ]);
  });
});
