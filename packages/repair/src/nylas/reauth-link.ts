import type { Connection } from '@nylas-otel/accounts/tracking';

/** Where hosted authentication leads back to. */
export interface ReauthSettings {
  /** Client id of the Nylas application. */
  readonly clientId: string;
  /** A redirect URI that the application has registered; it receives `code` and `state`. */
  readonly redirectUri: string;
  /** What the account is asked to allow. v2 default: `email,calendar,contacts`; v3: what the connector asks for. */
  readonly scopes?: readonly string[];
  /** Value of `state`, which comes back to the redirect URI. Default: the account's id. */
  readonly state?: (account: { readonly id: string }) => string;
}

/** Providers that v3's hosted authentication can be sent to at once. */
const DIRECT: ReadonlySet<string> = new Set([
  'google',
  'microsoft',
  'imap',
  'icloud',
  'yahoo',
  'ews',
  'zoom',
]);

/**
 * The address at which an account's user authenticates again: hosted authentication of v3 (`/v3/connect/auth`) or v2
 * (`/oauth/authorize`). With the same address and application the grant, or account, keeps its id.
 */
export function reauthLink(
  { base, profile }: Pick<Connection, 'base' | 'profile'>,
  { clientId, redirectUri, scopes, state }: ReauthSettings,
  account: { readonly id: string; readonly email: string | undefined; readonly provider: string },
): string {
  const v3 = profile.version === 'v3';
  const query = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
  });
  if (v3) {
    query.set('access_type', 'offline');
    if (DIRECT.has(account.provider)) query.set('provider', account.provider);
    if (scopes !== undefined) query.set('scope', scopes.join(' '));
  } else {
    query.set('scopes', (scopes ?? ['email', 'calendar', 'contacts']).join(','));
  }
  if (account.email !== undefined) query.set('login_hint', account.email);
  query.set('state', state?.(account) ?? account.id);
  return `${base}${v3 ? '/v3/connect/auth' : '/oauth/authorize'}?${query}`;
}
