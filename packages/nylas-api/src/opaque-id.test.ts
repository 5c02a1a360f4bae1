import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOpaqueId } from './index.ts';

describe('isOpaqueId', () => {
  it('is true of grant ids and v2 account ids', () => {
    expect(isOpaqueId('e19f8e1a-eb1c-41c0-b6a6-d2e59daf7f47')).toBe(true);
    expect(isOpaqueId('E19F8E1A-EB1C-41C0-B6A6-D2E59DAF7F47')).toBe(true);
    expect(isOpaqueId('awa6ltos76vz5hvphkp8k17nt')).toBe(true);
    fc.assert(fc.property(fc.uuid(), (id) => isOpaqueId(id)));
  });

  it.each([
    '',
    'me',
    'grant-1',
    'ben@example.com',
    'ben.long.name.2026@example.com',
    'email:ben@example.com',
    'external:1234567890123456789',
    'grant:e19f8e1a-eb1c-41c0-b6a6-d2e59daf7f47',
    'benjaminfranklinphiladelphia',
    '49151234567890123456',
    'BenjaminFranklin1706Boston',
    'benjamin franklin 1706 us',
    'e19f8e1a-eb1c-41c0-b6a6-d2e59daf7f4',
    'e19f8e1a-eb1c-41c0-b6a6-d2e59daf7f4g',
    'e19f8e1aaeb1ca41c0ab6a6ad2e59daf7f47',
    'ben-frank-lin1-706b-oston@gmail.com.',
    'a1'.repeat(17),
    'x1'.repeat(1_000_000),
  ])('is false of %j', (id) => {
    expect(isOpaqueId(id)).toBe(false);
  });

  it('is false of every address', () => {
    fc.assert(fc.property(fc.emailAddress(), (address) => !isOpaqueId(address)));
  });
});
