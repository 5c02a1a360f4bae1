import { describe, expect, it } from 'vitest';
import { readChallenge } from './challenge.ts';

describe('the challenge', () => {
  it.each([
    ['challenge=abc', 'abc'],
    ['x=1&challenge=Abc-_123&y=2', 'Abc-_123'],
    ['challenge=a%2Fb%2Bc%3D', 'a/b+c='],
    ['challenge=first&challenge=second', 'first'],
    [`challenge=${'x'.repeat(256)}`, 'x'.repeat(256)],
  ])('%s is read as its exact value', (query, value) => {
    expect(readChallenge(query)).toEqual({ kind: 'challenge', value });
  });

  it.each(['', 'x=1', 'Challenge=abc'])('%j holds none', (query) => {
    expect(readChallenge(query)).toEqual({ kind: 'none' });
  });

  it.each([
    'challenge=',
    'challenge=%3Cscript%3E',
    'challenge=a%0D%0Ab',
    'challenge=a%20b',
    'challenge=%C3%A4',
    `challenge=${'x'.repeat(257)}`,
  ])('%s is not echoed', (query) => {
    expect(readChallenge(query)).toEqual({ kind: 'refused' });
  });
});
