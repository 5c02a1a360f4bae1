import { describe, expect, it } from 'vitest';
import { hashAccountId, setAccountHashSecret, shownAccountId } from './account-id.ts';

const UUID = '1e9f8e1a-0000-4000-8000-000000000001';

describe('shownAccountId', () => {
  it('shows nothing of an address while no key is known', () => {
    expect(shownAccountId('ada@example.com', 'id')).toBeUndefined();
  });

  it('shows an opaque id as it is, an address as a keyed hash, and nothing of `me`', () => {
    setAccountHashSecret('nyk_1');
    expect(shownAccountId(UUID, 'id')).toBe(UUID);
    expect(shownAccountId('ada@example.com', 'id')).toMatch(/^[0-9a-f]{32}$/);
    expect(shownAccountId(UUID, 'hash')).toMatch(/^[0-9a-f]{32}$/);
    expect(shownAccountId(UUID, 'none')).toBeUndefined();
    expect(shownAccountId('me', 'id')).toBeUndefined();
  });

  it('agrees between replicas that share an API key, whatever the case of the address', () => {
    setAccountHashSecret('nyk_1');
    const first = hashAccountId('Ada@Example.com');
    setAccountHashSecret('nyk_2');
    expect(hashAccountId('ada@example.com')).not.toBe(first);
    setAccountHashSecret('nyk_1');
    expect(hashAccountId('ada@example.com')).toBe(first);
  });
});
