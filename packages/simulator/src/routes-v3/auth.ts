import { createHash } from 'node:crypto';
import type { JsonObject } from '../data/mailbox.ts';
import { hashText, hex8 } from '../data/random.ts';
import { answerLogin, asProvider } from '../hosted-login/hosted-login.ts';
import type { Exchange } from '../http/exchange.ts';
import { jsonReply, oauthError, type Reply } from '../http/reply.ts';
import type { Route } from '../http/router.ts';
import type { Authorization } from '../stores/authorizations.ts';
import type { Grant, GrantProvider } from '../stores/grant-store.ts';
import { grantJson } from './grants.ts';

const EXPIRES_IN = 3600;
const BY_DOMAIN: Readonly<Record<string, GrantProvider>> = {
  'gmail.com': 'google',
  'googlemail.com': 'google',
  'outlook.com': 'microsoft',
  'hotmail.com': 'microsoft',
  'live.com': 'microsoft',
  'icloud.com': 'icloud',
  'me.com': 'icloud',
  'yahoo.com': 'yahoo',
};

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Exchanges a code or a refresh token; errors have the OAuth shape. */
function exchange(x: Exchange): Reply {
  const { settings, authorizations, grants } = x.world;
  const { client_id, client_secret, grant_type, code, code_verifier, refresh_token, grant_id } = x.body;
  const refuse = (error: string, description: string): Reply =>
    oauthError(x.requestId, 400, error, description);
  if (client_id !== settings.clientId) return refuse('invalid_client', 'client_id is unknown');
  if (client_secret !== undefined && client_secret !== settings.apiKey) {
    return refuse('invalid_client', 'client_secret must be the API key');
  }
  if (grant_type === 'refresh_token') {
    const grantId = text(grant_id) || authorizations.grantOf(text(refresh_token));
    const grant = grantId === undefined ? undefined : grants.get(grantId);
    if (grant === undefined) return refuse('invalid_grant', 'the refresh token is not valid');
    return tokens(x, grant, text(refresh_token) || undefined);
  }
  if (grant_type !== 'authorization_code')
    return refuse('unsupported_grant_type', 'grant_type is not supported');
  if (text(code) === '') return refuse('invalid_request', 'Missing required parameter: code');
  const authorization = authorizations.takeCode(text(code));
  if (authorization === undefined)
    return refuse('invalid_grant', 'the code is not valid, was used or is expired');
  if (!verifies(authorization, text(code_verifier)))
    return refuse('invalid_grant', 'code_verifier does not fit');
  const grant = grants.connect(
    authorization.email,
    authorization.provider ?? providerOf(authorization.email),
  );
  return tokens(x, grant, authorization.offline ? authorizations.issueRefreshToken(grant.id) : undefined);
}

/** The SDKs hash to hex before base64; the standard does not. Both are taken, as is `plain`. */
function verifies({ challenge }: Authorization, verifier: string): boolean {
  if (challenge === '') return true;
  const hash = createHash('sha256').update(verifier);
  const raw = hash.digest();
  const ofHex = Buffer.from(raw.toString('hex')).toString('base64').replace(/=+$/, '');
  return [verifier, ofHex, raw.toString('base64url')].includes(challenge);
}

function tokens(x: Exchange, grant: Grant, refreshToken: string | undefined): Reply {
  return jsonReply(200, {
    access_token: x.world.grants.accessToken(grant.id),
    expires_in: EXPIRES_IN,
    id_token: idToken(x, grant),
    refresh_token: refreshToken,
    email: grant.email,
    scope: grant.scope.join(' '),
    token_type: 'Bearer',
    grant_id: grant.id,
    provider: grant.provider,
    request_id: x.requestId,
  });
}

function claims(x: Exchange, grant: Grant): JsonObject {
  const issued = x.world.seconds();
  return {
    iss:
      x.world.settings.region === 'eu'
        ? 'https://nylas.eu.auth.example.com'
        : 'https://nylas.auth.example.com',
    aud: x.world.settings.clientId,
    sub: grant.id,
    email: grant.email,
    iat: issued,
    exp: issued + EXPIRES_IN,
  };
}

function idToken(x: Exchange, grant: Grant): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none', typ: 'JWT' })}.${part(claims(x, grant))}.${hex8(hashText(grant.key, grant.id))}`;
}

function tokenInfo(x: Exchange): Reply {
  const { grants } = x.world;
  const accessToken = x.query.get('access_token');
  const id = x.query.get('id_token');
  const grant =
    accessToken !== null
      ? grants.byAccessToken(accessToken)
      : id === null
        ? undefined
        : grantOfIdToken(x, id);
  return grant === undefined
    ? oauthError(x.requestId, 400, 'invalid_token', 'the token is not valid')
    : x.item(claims(x, grant));
}

function grantOfIdToken(x: Exchange, token: string): Grant | undefined {
  try {
    const payload = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
      sub?: unknown;
    };
    return x.world.grants.get(text(payload.sub));
  } catch {
    return undefined;
  }
}

function revoke(x: Exchange): Reply {
  const token = x.query.get('token');
  if (token === null || token === '') {
    return oauthError(x.requestId, 400, 'invalid_request', 'Missing required parameter: token');
  }
  x.world.grants.revokeToken(token);
  x.world.authorizations.revoke(token);
  return x.done();
}

/** Bring your own authentication: the same address re-authenticates the grant it has. */
function custom(x: Exchange): Reply {
  const provider = asProvider(x.body.provider);
  const settings = (x.body.settings ?? {}) as JsonObject;
  if (provider === undefined) return x.fail(400, 'grant.provider_required', 'provider is required');
  if (typeof settings !== 'object' || Array.isArray(settings) || Object.keys(settings).length === 0) {
    return x.fail(400, 'invalid_request_error', 'settings are required');
  }
  const named = settings.email ?? settings.email_address ?? settings.imap_username;
  // A refresh token stands for one mailbox, so the same token always gives the same address.
  const email =
    text(named) || `user.${hex8(hashText(x.world.settings.seed, JSON.stringify(settings)))}@example.org`;
  const grant = x.world.grants.connect(email, provider);
  return x.item(grantJson(grant), 201);
}

function providerOf(email: string): GrantProvider {
  const domain = email.slice(email.lastIndexOf('@') + 1).toLowerCase();
  return Object.hasOwn(BY_DOMAIN, domain) ? (BY_DOMAIN[domain] as GrantProvider) : 'imap';
}

function detect(x: Exchange): Reply {
  const email = x.query.get('email') ?? text(x.body.email);
  if (!email.includes('@')) return x.fail(400, 'invalid_request_error', 'email is required');
  const provider = x.world.grants.get(email)?.provider ?? providerOf(email);
  return x.item({ email_address: email, detected: true, provider, type: provider });
}

/** Hosted and custom authentication, tokens, provider detection. */
export const authRoutes: readonly Route[] = [
  { method: 'GET', template: '/v3/connect/auth', credential: 'none', handle: (x) => answerLogin(x, 'v3') },
  { method: 'POST', template: '/v3/connect/token', credential: 'none', json: 'required', handle: exchange },
  { method: 'GET', template: '/v3/connect/tokeninfo', handle: tokenInfo },
  { method: 'POST', template: '/v3/connect/revoke', handle: revoke },
  { method: 'POST', template: '/v3/connect/custom', json: 'required', handle: custom },
  { method: 'POST', template: '/v3/providers/detect', handle: detect },
];
