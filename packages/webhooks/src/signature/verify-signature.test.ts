import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SIGNATURE_HEADER, signWebhook } from './sign-webhook.ts';
import { signingSecret, verifySignature } from './verify-signature.ts';

const secret = (text = 'the secret', name = 'only') => signingSecret(name, text);
const bytes = (text: string) => new TextEncoder().encode(text);

describe('the signature of a webhook', () => {
  it('is the lower-case hex HMAC-SHA256 of the bytes (RFC 4231, case 2)', () => {
    expect(signWebhook('what do ya want for nothing?', 'Jefe')).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
  });

  it('travels in the header that Nylas documents', () => {
    expect(SIGNATURE_HEADER).toBe('x-nylas-signature');
  });

  it('signs a string as its UTF-8 bytes', () => {
    expect(signWebhook('grüße', 'k')).toBe(signWebhook(bytes('grüße'), 'k'));
  });

  it('passes for any body and any secret: a round trip', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string({ minLength: 1 }), (body, key) => {
        expect(verifySignature(body, signWebhook(body, key), [secret(key)])).toBeUndefined();
      }),
    );
  });

  it('fails after any one bit of the body was flipped', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.nat(), (body, at) => {
        const signature = signWebhook(body, 'k');
        const changed = Uint8Array.from(body);
        const bit = at % (body.length * 8);
        changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
        expect(verifySignature(changed, signature, [secret('k')])).toBe('signature_mismatch');
      }),
    );
  });

  it('fails after any one bit of the signature was flipped', () => {
    const body = bytes('{}');
    const good = Buffer.from(signWebhook(body, 'k'), 'hex');
    for (let bit = 0; bit < 256; bit++) {
      const changed = Buffer.from(good);
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(verifySignature(body, changed.toString('hex'), [secret('k')])).toBe('signature_mismatch');
    }
  });

  it('takes upper-case hex and white space around it', () => {
    const body = bytes('{}');
    const good = signWebhook(body, 'k');
    expect(verifySignature(body, good.toUpperCase(), [secret('k')])).toBeUndefined();
    expect(verifySignature(body, ` ${good} `, [secret('k')])).toBeUndefined();
  });

  it.each([
    ['missing', undefined, 'signature_missing'],
    ['empty', '', 'signature_missing'],
    ['blank', '  ', 'signature_missing'],
    ['too short', 'ab', 'signature_malformed'],
    ['a digit short', 'a'.repeat(63), 'signature_malformed'],
    ['a digit long', 'a'.repeat(65), 'signature_malformed'],
    ['no hex at its end', `${'a'.repeat(63)}g`, 'signature_malformed'],
    ['no hex at its begin', `/${'a'.repeat(63)}`, 'signature_malformed'],
    ['just beyond the digits', `:${'a'.repeat(63)}`, 'signature_malformed'],
    ['just before the letters', `@${'a'.repeat(63)}`, 'signature_malformed'],
    ['control characters that look like digits', '\u0010'.repeat(64), 'signature_malformed'],
    ['with a scheme', `sha256=${'a'.repeat(64)}`, 'signature_malformed'],
    ['another one', 'f'.repeat(64), 'signature_mismatch'],
    ['all zeros', '0'.repeat(64), 'signature_mismatch'],
    ['all nines', '9'.repeat(64), 'signature_mismatch'],
  ])('refuses one that is %s', (_, header, fault) => {
    expect(verifySignature(bytes('{}'), header, [secret('k')])).toBe(fault);
  });

  it('tries several secrets and counts the one that fits', () => {
    const [old, fresh] = [secret('old', 'old'), secret('new', 'new')];
    const body = bytes('{}');
    expect(verifySignature(body, signWebhook(body, 'new'), [old, fresh])).toBeUndefined();
    expect(verifySignature(body, signWebhook(body, 'new'), [old, fresh])).toBeUndefined();
    expect(verifySignature(body, signWebhook(body, 'old'), [old, fresh])).toBeUndefined();
    expect(verifySignature(body, signWebhook(body, 'else'), [old, fresh])).toBe('signature_mismatch');
    expect([old.verified, fresh.verified]).toEqual([1, 2]);
  });

  it('takes a doubled header when one of the first four values fits', () => {
    const body = bytes('{}');
    const good = signWebhook(body, 'k');
    const wrong = 'f'.repeat(64);
    expect(verifySignature(body, `${good}, ${good}`, [secret('k')])).toBeUndefined();
    expect(verifySignature(body, `${wrong},junk, ${wrong}, ${good}`, [secret('k')])).toBeUndefined();
    expect(verifySignature(body, `${wrong},${wrong},${wrong},${wrong},${good}`, [secret('k')])).toBe(
      'signature_mismatch',
    );
  });
});
