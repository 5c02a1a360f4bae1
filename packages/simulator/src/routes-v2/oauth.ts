import type { JsonObject } from '../data/mailbox.ts';
import { textOf } from '../data/untrusted.ts';
import { answerLogin } from '../hosted-login/hosted-login.ts';
import { tokenOf } from '../http/credentials.ts';
import type { Exchange } from '../http/exchange.ts';
import { jsonReply, type Reply, v2Error } from '../http/reply.ts';
import type { Route } from '../http/router.ts';
import type { Account } from '../stores/account-store.ts';

const open = { credential: 'none' } as const;

/** GET with a query (SDK 6) and POST with a body (documentation) are both taken. */
function exchange(x: Exchange): Reply {
  const { settings, authorizations } = x.world;
  const value = (name: string): string => textOf(x.body[name] ?? x.query.get(name));
  const secret = value('client_secret') || tokenOf(x.header('authorization'));
  if (value('client_id') !== settings.clientId || secret !== settings.clientSecret) {
    return v2Error(401, 'invalid_request_error', 'Invalid client_id or client_secret');
  }
  const authorization = authorizations.takeCode(value('code'));
  if (authorization === undefined) return v2Error(400, 'invalid_request_error', 'Invalid or expired code');
  return jsonReply(200, tokenJson(x.world.accounts.connect(authorization.email)));
}

const tokenJson = (account: Account): JsonObject => ({
  access_token: account.accessToken,
  account_id: account.id,
  email_address: account.email,
  provider: account.provider,
  token_type: 'bearer',
});

/** Native authentication, first step: a code for whoever has settings. */
function nativeAuthorize(x: Exchange): Reply {
  const { client_id, email_address, name } = x.body;
  if (
    client_id !== x.world.settings.clientId ||
    typeof email_address !== 'string' ||
    typeof name !== 'string'
  ) {
    return v2Error(400, 'invalid_request_error', 'client_id, name and email_address are required');
  }
  const code = x.world.authorizations.issueCode({
    email: email_address,
    provider: undefined,
    redirectUri: '',
    challenge: '',
    offline: true,
  });
  return jsonReply(200, { code });
}

/** v2 authentication: hosted, native, revocation. */
export const oauthRoutes: readonly Route[] = [
  { method: 'GET', template: '/oauth/authorize', ...open, handle: (x) => answerLogin(x, 'v2') },
  { method: 'GET', template: '/oauth/token', ...open, handle: exchange },
  { method: 'POST', template: '/oauth/token', ...open, json: 'required', handle: exchange },
  {
    method: 'POST',
    template: '/oauth/revoke',
    handle: (x) => {
      x.world.accounts.revokeToken(tokenOf(x.header('authorization')));
      return jsonReply(200, { success: 'true' });
    },
  },
  { method: 'POST', template: '/connect/authorize', ...open, json: 'required', handle: nativeAuthorize },
  { method: 'POST', template: '/connect/token', ...open, json: 'required', handle: exchange },
];
