import { describe, expect, it } from 'vitest';
import { errorWords } from './error-words.ts';

class NoSuchMailbox extends Error {}

describe('errorWords', () => {
  it.each([
    [new NoSuchMailbox('ada@example.com'), 'NoSuchMailbox'],
    [Object.assign(new Error('ada@example.com'), { code: 'E_GONE' }), 'Error (E_GONE)'],
    [Object.assign(new Error('x'), { code: 404 }), 'Error (404)'],
    [Object.assign(new Error('x'), { code: 'to ada@example.com' }), 'Error'],
    ['ada@example.com', 'thrown string'],
    [null, 'thrown null'],
  ])('of %s are %j, nothing personal', (error, words) => {
    expect(errorWords(error, false)).toBe(words);
  });

  it('have the message where it is wanted', () => {
    expect(errorWords(new RangeError('too far'), true)).toBe('RangeError: too far');
    expect(errorWords(new Error('x'.repeat(1_000)), true)).toHaveLength(512);
  });
});
