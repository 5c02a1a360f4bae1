import { describe, expect, it } from 'vitest';
import { scrapeGate } from './scrape-auth.ts';

describe('a gate', () => {
  it('admits a bearer token whatever the case of the scheme, and nothing near it', () => {
    const gate = scrapeGate({ bearer: 'abc' });
    expect(['Bearer abc', 'bearer abc', 'BEARER  abc'].map((header) => gate.admits(header))).toEqual([
      true,
      true,
      true,
    ]);
    const refused = [
      undefined,
      '',
      'Bearer',
      'Bearer ',
      'Bearer ab',
      'Bearer abcd',
      'Bearer ABC',
      'Basic abc',
      'abc',
    ];
    expect(refused.filter((header) => gate.admits(header))).toEqual([]);
  });

  it('admits user and password, colons and letters of every script included', () => {
    const gate = scrapeGate({ username: 'prometheus', password: 'pä:ss' });
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
    expect(gate.admits(basic('prometheus:pä:ss'))).toBe(true);
    expect(gate.admits(basic('prometheus:pa:ss'))).toBe(false);
    expect(gate.admits(basic('other:pä:ss'))).toBe(false);
    expect(gate.admits('Basic not-base64!')).toBe(false);
  });
});
