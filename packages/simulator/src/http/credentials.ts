import type { Exchange } from './exchange.ts';
import { type Reply, v2Error, v2Unauthorized } from './reply.ts';

/** The token of an `Authorization` header: a Bearer token, or the user name of Basic (v2 clients send `token:`). */
export function tokenOf(header: string | undefined): string {
  if (header === undefined) return '';
  const space = header.indexOf(' ');
  const scheme = header.slice(0, space).toLowerCase();
  const value = header.slice(space + 1).trim();
  if (scheme === 'bearer') return value;
  if (scheme !== 'basic') return '';
  const pair = Buffer.from(value, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon < 0 ? pair : pair.slice(0, colon);
}

/** Says whose mailbox the request is about, before anyone asks whether it is allowed to see it. */
export function identify(x: Exchange): void {
  const { world, record } = x;
  if (x.version === 'v3') {
    const segment = x.params.grant_id;
    if (segment === undefined) return;
    const grant =
      segment === 'me'
        ? world.grants.byAccessToken(tokenOf(x.header('authorization')))
        : world.grants.get(segment);
    x.grant = grant;
    record.grantId = grant?.id;
    return;
  }
  const account =
    x.route?.credential === 'secret'
      ? world.accounts.get(x.params.account_id ?? '')
      : world.accounts.byToken(tokenOf(x.header('authorization')));
  x.account = account;
  record.accountId = account?.id;
}

/** Checks the credential and the state of the mailbox; a refusal, or undefined when the request may go on. */
export function admit(x: Exchange): Reply | undefined {
  return x.version === 'v3' ? admitV3(x) : admitV2(x);
}

function admitV3(x: Exchange): Reply | undefined {
  const { world, route } = x;
  if (route === undefined || route.credential === 'none') return undefined;
  const { settings } = world;
  const token = tokenOf(x.header('authorization'));
  if (token === '') return x.fail(401, 'token.unauthorized_access', 'Bearer token missing');
  if (settings.keyRegion !== settings.region) return x.fail(401, 'api.authentication_error', 'Unauthorized');
  if (token !== settings.apiKey && !mayUseToken(x, token)) {
    return x.fail(401, 'token.unauthorized_access', 'Bearer token invalid');
  }
  if (!route.needsGrant) return undefined;
  const { grant } = x;
  if (grant === undefined) return x.fail(404, 'grant.not_found', 'Grant not found');
  if (grant.blocked) return x.fail(423, 'api.resource_blocked', 'Resource blocked, contact administrator');
  if (grant.expired) return x.fail(401, 'unauthorized', 'Unauthorized');
  return undefined;
}

/** A grant access token is good for its own grant's data; a session id for the scheduler. */
function mayUseToken(x: Exchange, token: string): boolean {
  if (x.route?.credential === 'session') return x.world.sessions.has(token);
  const grant = x.world.grants.byAccessToken(token);
  return grant !== undefined && (x.grant === grant || x.route?.template.startsWith('/v3/connect/') === true);
}

const STOPPED =
  "This action can't be performed because the account's sync has been stopped. Please contact support@nylas.com to resume sync.";
const CREDENTIALS =
  "This action can't be performed because the account's credentials are out of date. Please reauthenticate and try again.";

function admitV2(x: Exchange): Reply | undefined {
  const { world, route, account } = x;
  if (route === undefined || route.credential === 'none') return undefined;
  if (world.settings.keyRegion !== world.settings.region) return v2Unauthorized();
  if (route.credential === 'secret') {
    if (tokenOf(x.header('authorization')) !== world.settings.clientSecret) return v2Unauthorized();
    if (x.params.client_id !== world.settings.clientId)
      return v2Error(404, 'api_error', 'Application not found');
    return undefined;
  }
  if (account === undefined) return v2Unauthorized();
  // OAuth and the account itself are outside the engine's gate.
  if (route.template.startsWith('/oauth/')) return undefined;
  if (account.billingState !== 'paid') {
    return v2Error(
      403,
      'invalid_request_error',
      'This account has been cancelled. Please upgrade it to use the API.',
    );
  }
  if (route.method === 'GET' && !route.template.endsWith('/search')) return undefined;
  if (account.syncState === 'invalid') return v2Error(403, 'invalid_request_error', CREDENTIALS);
  if (account.syncState === 'stopped') return v2Error(403, 'invalid_request_error', STOPPED);
  return undefined;
}
