import { describe, expect, it } from 'vitest';
import { PROVIDERS, providerLabel } from './index.ts';

describe('providerLabel', () => {
  it('keeps the values of the contract', () => {
    expect(PROVIDERS).toHaveLength(12);
    for (const provider of PROVIDERS) expect(providerLabel(provider)).toBe(provider);
  });

  it.each([
    ['gmail', 'google'],
    ['Gmail', 'google'],
    ['office365', 'microsoft'],
    ['outlook', 'microsoft'],
    ['hotmail', 'microsoft'],
    ['eas', 'exchange'],
    ['custom', 'imap'],
    [' ews ', 'ews'],
  ])('%j is %s', (raw, label) => {
    expect(providerLabel(raw)).toBe(label);
  });

  it('tells "nobody said" from "not in our list"', () => {
    expect(providerLabel(undefined)).toBe('unknown');
    expect(providerLabel('')).toBe('unknown');
    for (const raw of ['protonmail', 'ben@example.com', '__proto__', 'x'.repeat(1_000_000)]) {
      expect(providerLabel(raw)).toBe('other');
    }
  });
});
