import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ERROR_TYPES, errorTypeLabel, NETWORK_ERROR_TYPES } from './index.ts';

describe('errorTypeLabel', () => {
  it('keeps what is catalogued', () => {
    for (const type of ERROR_TYPES) expect(errorTypeLabel(type)).toBe(type);
  });

  it('drops the api. prefix and compares by the last segment', () => {
    expect(errorTypeLabel('api.rate_limit_error')).toBe('rate_limit_error');
    expect(errorTypeLabel('xyz.not_found_error')).toBe('not_found_error');
    expect(errorTypeLabel('api.grant.not_found')).toBe('grant.not_found');
    expect(errorTypeLabel('refresh_token_invalid')).toBe('grant.refresh_token_invalid');
  });

  it('does not take one thing’s error for another’s', () => {
    expect(errorTypeLabel('connector.not_found')).toBe('not_found');
    expect(errorTypeLabel('connector.scopes_conflict')).toBe('_OTHER');
    expect(errorTypeLabel('access_denied')).toBe('access_denied');
  });

  it('folds everything else', () => {
    for (const type of [
      '',
      '.',
      'api.',
      'RATE_LIMIT_ERROR',
      '504',
      'timeout',
      'ECONNRESET',
      '70002',
      '__proto__',
      'x'.repeat(1e6),
    ]) {
      expect(errorTypeLabel(type)).toBe('_OTHER');
    }
    expect(errorTypeLabel('_OTHER')).toBe('_OTHER');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (type) =>
        [...ERROR_TYPES, '_OTHER'].includes(errorTypeLabel(type)),
      ),
    );
  });
});

describe('the catalogues', () => {
  it('are bounded, without doubles and without an api. prefix', () => {
    expect(new Set(ERROR_TYPES).size).toBe(ERROR_TYPES.length);
    expect(new Set(NETWORK_ERROR_TYPES).size).toBe(NETWORK_ERROR_TYPES.length);
    expect(ERROR_TYPES.filter((type) => type.startsWith('api.'))).toEqual([]);
    expect(ERROR_TYPES.filter((type) => NETWORK_ERROR_TYPES.includes(type))).toEqual([]);
  });
});
