import type { ApiVersion } from './api-version.ts';
import type { ErrorBody } from './error-body.ts';
import { errorTypeLabel } from './error-types.ts';
import type { AccountSignal } from './outcomes.ts';
import type { ResponseFacts } from './response-facts.ts';
import type { Route } from './routes.ts';

// v2 says it in words only (sync-engine: api/err.py, sendmail/smtp/postel.py).
const V2_INVALID_TEXTS = [
  'credentials are out of date',
  'please reauthenticate',
  'could not authenticate with the smtp server',
];
const V2_STOPPED_TEXT = 'sync has been stopped';
const V2_DELETED_TEXT = 'the account does not exist';

/** Whether an answer refuses a key, a token or the account's own credentials. */
export function refusesCredentials(version: ApiVersion, status: number, body: ErrorBody): boolean {
  if (status === 401) return true;
  const label = labelOf(body);
  // The documented status of an invalid API key is 400.
  if (label === 'token.unauthorized_access') return true;
  return version === 'v2' && (label === 'auth_error' || (status === 403 && saysInvalid(body)));
}

/** What an answer says of the account it was asked for. */
export function accountSignalOf(facts: ResponseFacts, body: ErrorBody): AccountSignal | undefined {
  return facts.version === 'v3' ? v3Signal(facts, body) : v2Signal(facts, body);
}

function v3Signal({ status, route }: ResponseFacts, body: ErrorBody): AccountSignal | undefined {
  if (route === undefined || route.accountSegment === -1) return undefined;
  const label = labelOf(body);
  if (label === 'grant.refresh_token_invalid') return 'invalid_credentials';
  if (label === 'grant.not_found') return 'deleted';
  // Reading a grant's own record needs no valid grant: 401 there is about the key, 404 about the grant.
  const record = route.endpointClass === 'admin';
  if (status === 404 && record) return 'deleted';
  const keyRefused = label === 'token.unauthorized_access' || label === 'unauthorized_access';
  return status === 401 && !record && !keyRefused ? 'invalid_credentials' : undefined;
}

function v2Signal({ status, route }: ResponseFacts, body: ErrorBody): AccountSignal | undefined {
  const message = body.message.toLowerCase();
  if (status === 403) {
    if (message.includes(V2_STOPPED_TEXT)) return 'stopped';
    if (saysInvalid(body)) return 'invalid_credentials';
    // Nobody read the words: whoever watches the account may look.
    if (body.kind === 'none' && route !== undefined && isTokenRoute(route)) return 'refused';
    return message.includes('account') && /cancell?ed/.test(message) ? 'cancelled' : undefined;
  }
  if (status === 404) {
    const record = route !== undefined && route.accountSegment !== -1;
    return record || message.includes(V2_DELETED_TEXT) ? 'deleted' : undefined;
  }
  // The access token stands for the account: "if the API returns a 401, the user needs to re-authenticate".
  return status === 401 && route !== undefined && isTokenRoute(route) ? 'invalid_credentials' : undefined;
}

function isTokenRoute({ endpointClass, resource }: Route): boolean {
  const byApplication =
    endpointClass === 'v2_application' || endpointClass === 'v2_ip_addresses' || endpointClass === 'other';
  return !byApplication && resource !== 'auth';
}

function saysInvalid(body: ErrorBody): boolean {
  const message = body.message.toLowerCase();
  return V2_INVALID_TEXTS.some((text) => message.includes(text));
}

function labelOf(body: ErrorBody): string | undefined {
  return body.type === undefined ? undefined : errorTypeLabel(body.type);
}
