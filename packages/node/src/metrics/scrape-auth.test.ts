import * as crypto from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { scrapeGate } from './scrape-auth.ts';

vi.mock('node:crypto', async (original) => {
  const real = await original<typeof import('node:crypto')>();
  return { ...real, timingSafeEqual: vi.fn(real.timingSafeEqual) };
});

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

  it.each([
    [{ bearer: 'abc' }, 'Bearer ', (text: string) => text],
    [{ username: 'me', password: 'abc' }, 'Basic ', btoa],
  ] as const)(
    'compares digests of one length in constant time, whatever is presented: %j',
    (auth, scheme, encode) => {
      const gate = scrapeGate(auth);
      const presented = ['', 'a', 'abc', 'me:abc', 'me:abd', 'x'.repeat(5_000)];
      vi.mocked(crypto.timingSafeEqual).mockClear();
      for (const text of presented) gate.admits(`${scheme}${encode(text)}`);
      const calls = vi.mocked(crypto.timingSafeEqual).mock.calls;
      expect(calls).toHaveLength(presented.length);
      for (const [one, other] of calls) expect([one.byteLength, other.byteLength]).toEqual([32, 32]);
    },
  );
});
