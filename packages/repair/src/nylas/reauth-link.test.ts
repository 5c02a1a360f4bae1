import { describe, expect, it } from 'vitest';
import { reauthLink } from './reauth-link.ts';

const ACCOUNT = { id: 'account-1', email: 'ben+mail@example.com', provider: 'google' };
const SETTINGS = { clientId: 'client', redirectUri: 'https://app.example.com/callback?from=nylas' };

/** The parts of the link. */
function parts(version: 'v2' | 'v3', more: object = {}, account: Partial<typeof ACCOUNT> = {}) {
  const connection = { base: 'https://api.example.com', profile: { version } } as Parameters<
    typeof reauthLink
  >[0];
  const url = new URL(reauthLink(connection, { ...SETTINGS, ...more }, { ...ACCOUNT, ...account }));
  return { at: url.origin + url.pathname, query: Object.fromEntries(url.searchParams) };
}

describe('the address at which a user authenticates again', () => {
  it('is hosted authentication on v3, with the provider and the address filled in', () => {
    expect(parts('v3')).toEqual({
      at: 'https://api.example.com/v3/connect/auth',
      query: {
        client_id: 'client',
        redirect_uri: 'https://app.example.com/callback?from=nylas',
        response_type: 'code',
        access_type: 'offline',
        provider: 'google',
        login_hint: 'ben+mail@example.com',
        state: 'account-1',
      },
    });
  });

  it('is the authorize page on v2, with the scopes that v2 wants', () => {
    expect(parts('v2')).toEqual({
      at: 'https://api.example.com/oauth/authorize',
      query: {
        client_id: 'client',
        redirect_uri: 'https://app.example.com/callback?from=nylas',
        response_type: 'code',
        scopes: 'email,calendar,contacts',
        login_hint: 'ben+mail@example.com',
        state: 'account-1',
      },
    });
  });

  it('has the scopes and the state that were asked for', () => {
    const more = { scopes: ['a', 'b'], state: ({ id }: { id: string }) => `signed ${id}` };
    expect(parts('v3', more).query).toMatchObject({ scope: 'a b', state: 'signed account-1' });
    expect(parts('v2', more).query).toMatchObject({ scopes: 'a,b' });
  });

  it('leaves out what is not known', () => {
    const connection = { base: 'https://api.example.com', profile: { version: 'v3' } } as Parameters<
      typeof reauthLink
    >[0];
    const link = reauthLink(connection, SETTINGS, { id: 'a', email: undefined, provider: 'unknown' });
    expect([...new URL(link).searchParams.keys()]).not.toContain('login_hint');
    expect([...new URL(link).searchParams.keys()]).not.toContain('provider');
  });
});
