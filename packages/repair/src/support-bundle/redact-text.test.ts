import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor } from './redact-text.ts';

const clean = (text: string, kept: string[] = [], secrets: string[] = []) =>
  createRedactor(kept, secrets)(text);

describe('redaction of free text', () => {
  it('numbers addresses, so that a reader sees which are the same', () => {
    expect(
      clean('Ben@Example.com wrote to mia@example.org; ben@example.com again, ben%40example.com in a path'),
    ).toBe('[address 1] wrote to [address 2]; [address 1] again, [address 1] in a path');
  });

  it.each([
    ['an API key', 'used nyk_v0_abcDEF123456 today'],
    ['a bearer token', 'Authorization: Bearer abcdef123456'],
    ['basic credentials', 'curl -H "authorization: basic YWJjOg=="'],
    ['a JWT', 'id_token eyJhbGciOi.eyJzdWIi.c2ln'],
    ['a password', 'password=hunter2xyz'],
    ['a JSON secret', '{"client_secret":"abc123def"}'],
    ['credentials in a URL', 'postgres://nylas:hunter2@db/x'],
    ['a code of an authorization', 'https://x/callback?code=abc123&state=xyz789'],
    ['a long token', 'sent 9f8a7b6c5d4e3f2a1b0c9d8e7f'],
  ])('takes out %s', (_, text) => {
    const shown = clean(text);
    for (const secret of [
      'nyk_v0',
      'abcdef123456',
      'YWJjOg',
      'c2ln',
      'hunter2',
      'abc123',
      'xyz789',
      '9f8a7b6c',
    ])
      expect(shown).not.toContain(secret);
    expect(shown).toContain('[REDACTED]');
  });

  it('keeps what says nothing about a person: UUIDs, request ids, trace ids, kept values, code', () => {
    for (const text of [
      'grant e19f8e1a-eb1c-41c0-b6a6-d2e59daf7f47',
      'request 1234567890-e19f8e1a-eb1c-41c0-b6a6-d2e59daf7f47',
      'trace 0af7651916cd43dd8448eb211c80319c',
      'const client = new Nylas({ apiKey: process.env.NYLAS_API_KEY, apiUri })',
      'await nylas.messages.listAllOfThemWithAVeryLongName()',
      '/v3/grants/{grant_id}/messages',
      '2026-11-26T08:00:00.000Z',
    ])
      expect(clean(text)).toBe(text);
    expect(clean('message 185f2b3c4d5e6f7081920a1b2c', ['185f2b3c4d5e6f7081920a1b2c'])).toContain('185f2b3c');
  });

  it('takes out given secrets in every form they are sent in', () => {
    const secret = 'p@ss word/1';
    const forms = [secret, encodeURIComponent(secret), Buffer.from(`${secret}:`).toString('base64')];
    expect(clean(forms.join(' | '), [], [secret])).toBe('[REDACTED] | [REDACTED] | [REDACTED]');
  });

  it('lets no canary through, wherever it stands', () => {
    const canary = fc.stringMatching(/^[a-z]{3,8}[0-9]{3,6}$/);
    const around = fc.string({ maxLength: 20 });
    fc.assert(
      fc.property(canary, around, around, (name, before, after) => {
        const shown = clean(`${before} ${name}@example.com ${after} password: ${name}xyz`, [], []);
        expect(shown).not.toContain(`${name}@example.com`);
        expect(shown).not.toContain(`${name}xyz`);
      }),
      { numRuns: 2_000 },
    );
  });
});
