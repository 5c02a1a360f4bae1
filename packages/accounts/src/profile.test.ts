import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { profileV2 } from './profile-v2.ts';
import { PROFILE_V3 } from './profile-v3.ts';

const GRANT = {
  id: 'e19f8e1a-eb1c-41c0-b6a6-d2e59daf7f47',
  provider: 'microsoft',
  grant_status: 'valid',
  email: 'nyla@example.com',
};
const ACCOUNT = {
  account_id: 'awa6ltos76vz5hvphkp8k17nt',
  id: 'awa6ltos76vz5hvphkp8k17nt',
  email: 'ben@example.com',
  provider: 'gmail',
  sync_state: 'invalid-credentials',
  billing_state: 'paid',
};

describe('grants of v3', () => {
  it('are listed oldest first, 200 a page, all or the invalid ones', () => {
    const page = { offset: 199, limit: 200 };
    expect(PROFILE_V3.listPath(page, false)).toBe(
      '/v3/grants?limit=200&offset=199&sort_by=created_at&order_by=asc',
    );
    expect(PROFILE_V3.listPath(page, true)).toContain('&grant_status=invalid');
    expect(PROFILE_V3.accountPath('a/b@c')).toBe('/v3/grants/a%2Fb%40c');
  });

  it('are read from the envelope, with the page size it says', () => {
    expect(PROFILE_V3.readPage({ request_id: 'r', data: [GRANT], limit: 200, offset: 0 })).toEqual({
      accounts: [{ id: GRANT.id, email: GRANT.email, provider: 'microsoft', state: 'running', raw: 'valid' }],
      limit: 200,
    });
    expect(
      PROFILE_V3.readAccount({ request_id: 'r', data: { ...GRANT, grant_status: 'invalid' } }),
    ).toMatchObject({
      state: 'invalid',
      raw: 'invalid',
    });
  });
});

describe('accounts of v2', () => {
  const profile = profileV2('client/1');

  it('are listed with limit and offset only, since v2 refuses other parameters', () => {
    expect(profile.listPath({ offset: 99, limit: 100 }, false)).toBe(
      '/a/client%2F1/accounts?limit=100&offset=99',
    );
    expect(profile.accountPath('x')).toBe('/a/client%2F1/accounts/x');
  });

  it('are read from a bare array, `invalid-credentials` is `invalid`, `gmail` is `google`', () => {
    expect(profile.readPage([ACCOUNT])).toEqual({
      accounts: [
        {
          id: ACCOUNT.id,
          email: ACCOUNT.email,
          provider: 'google',
          state: 'invalid',
          raw: 'invalid-credentials',
        },
      ],
      limit: undefined,
    });
  });

  it('are read from either spelling of id and address', () => {
    const { id: _, email, ...rest } = ACCOUNT;
    expect(profile.readAccount({ ...rest, email_address: email })).toMatchObject({ id: ACCOUNT.id, email });
  });
});

describe('replies of other shapes', () => {
  it.each([null, undefined, 'html', 7, {}, { data: null }, { data: {} }, []])(
    'are no page of grants: %j',
    (body) => {
      expect(PROFILE_V3.readPage(body)).toBeUndefined();
    },
  );

  it('keep the place of an item that is no account', () => {
    const page = PROFILE_V3.readPage({
      data: [GRANT, null, { id: 7 }, { id: '' }, { id: 'x'.repeat(257) }, [GRANT]],
    });
    expect(page?.accounts.map((account) => account?.id)).toEqual([GRANT.id, ...Array(5).fill(undefined)]);
  });

  it('never show an undocumented word of the reply', () => {
    expect(PROFILE_V3.readAccount({ data: { ...GRANT, grant_status: 'ask ben@example.com' } })).toMatchObject(
      {
        state: 'unknown',
        raw: 'other',
      },
    );
  });

  it('never make either profile throw, and give known states and providers only', () => {
    const shape = fc.anything({ withNullPrototype: true, withSparseArray: true, maxDepth: 4 });
    const like = fc.oneof(
      shape,
      fc.record({ data: shape, limit: shape }),
      fc.record({
        data: fc.array(fc.record({ id: shape, email: shape, provider: shape, grant_status: shape })),
      }),
      fc.array(fc.record({ account_id: shape, email_address: shape, provider: shape, sync_state: shape })),
    );
    fc.assert(
      fc.property(like, (body) => {
        for (const profile of [PROFILE_V3, profileV2('c')]) {
          for (const account of profile.readPage(body)?.accounts ?? []) {
            if (account === undefined) continue;
            expect(typeof account.id).toBe('string');
            expect(account.raw).toMatch(/^[a-z_-]{1,32}$/);
          }
          profile.readAccount(body);
        }
      }),
      { numRuns: 5_000 },
    );
  });
});
