import { describe, expect, it } from 'vitest';
import { ACCOUNT_STATES, accountState } from './index.ts';

describe('accountState', () => {
  it.each([
    ['v3', 'valid', 'running'],
    ['v3', 'invalid', 'invalid'],
    ['v3', 'invalid-credentials', 'invalid'],
    ['v2', 'running', 'running'],
    ['v2', 'partial', 'partial'],
    ['v2', 'stopped', 'stopped'],
    ['v2', 'invalid', 'invalid'],
    ['v2', 'invalid-credentials', 'invalid'],
    ['v2', 'sync_error', 'sync_error'],
    ['v2', 'sync-error', 'sync_error'],
    ['v2', 'SYNC_ERROR', 'sync_error'],
    ['v2', 'exception', 'exception'],
    ['v2', 'initializing', 'initializing'],
    ['v2', 'downloading', 'initializing'],
    ['v2', 'deleted', 'deleted'],
  ] as const)('%s %s is %s', (version, raw, state) => {
    expect(accountState(version, raw)).toBe(state);
  });

  it('is unknown for a word that is not documented for the version', () => {
    for (const raw of ['', 'stopped', 'ben@example.com', '__proto__', 'x'.repeat(1_000_000)]) {
      expect(accountState('v3', raw)).toBe('unknown');
    }
    expect(accountState('v2', 'nonsense')).toBe('unknown');
  });

  it('does not take a billing state for a sync state: nobody shall restart a cancelled account', () => {
    expect(accountState('v2', 'cancelled')).toBe('unknown');
    expect(accountState('v2', 'paid')).toBe('unknown');
  });

  it('has each state once', () => {
    expect(new Set(ACCOUNT_STATES).size).toBe(9);
  });
});
