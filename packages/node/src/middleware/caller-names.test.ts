import { describe, expect, it } from 'vitest';
import { CallerNames } from './caller-names.ts';

describe('the names of callers', () => {
  it('are kept up to the bound, then called other', () => {
    const names = new CallerNames(2);
    expect([names.label('/a'), names.label('/b'), names.label('/c'), names.label('/a')]).toEqual([
      '/a',
      '/b',
      'other',
      '/a',
    ]);
  });

  it('are 100 by default', () => {
    const names = new CallerNames();
    for (let i = 0; i < 1_000; i++) names.label(`/${i}`);
    expect(names.label('/99')).toBe('/99');
    expect(names.label('/100')).toBe('other');
  });

  it('are absent where no route is known', () => {
    expect(new CallerNames().label(undefined)).toBeUndefined();
    expect(new CallerNames().label('')).toBeUndefined();
  });
});
