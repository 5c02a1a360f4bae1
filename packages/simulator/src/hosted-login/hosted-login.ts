import type { ApiVersion, Exchange } from '../http/exchange.ts';
import { oauthError, type Reply, textReply, v2Error } from '../http/reply.ts';
import { SimulatorError } from '../simulator-error.ts';
import { GRANT_PROVIDERS, type GrantProvider } from '../stores/grant-store.ts';
import { loginPage } from './login-page.ts';

/** Where the form of the page goes: no route of Nylas, so neither faults nor limits meet it. */
const FORM_ACTION = '/__sim/login/';

/** What the user did on the page. */
interface Decision {
  readonly email: string;
  readonly allow: boolean;
}

/** Shows the page to a browser, and agrees at once for every other client. */
export function answerLogin(x: Exchange, version: ApiVersion): Reply {
  const refusal = checkLogin(x, version);
  if (refusal !== undefined) return refusal;
  const email = x.query.get('login_hint') ?? '';
  if (!showsPage(x)) return goBack(x, version, { email, allow: true });
  return textReply(
    200,
    loginPage(`${FORM_ACTION}${version}${x.search}`, email || inventEmail(x, version)),
    'text/html; charset=utf-8',
  );
}

/** Takes the form: back to the application with a code, or with the error of a user who refused. */
export function completeLogin(x: Exchange, version: string): Reply {
  if (version !== 'v2' && version !== 'v3')
    throw new SimulatorError('not_found', 'the form goes to /__sim/login/v2 or /__sim/login/v3');
  const refusal = checkLogin(x, version);
  if (refusal !== undefined) return refusal;
  const form = new URLSearchParams(x.bytes.toString());
  const email = form.get('email') ?? x.query.get('login_hint') ?? '';
  return goBack(x, version, { email, allow: form.get('decision') !== 'deny' });
}

function showsPage(x: Exchange): boolean {
  const { hostedLogin } = x.world.settings;
  if (hostedLogin !== 'auto') return hostedLogin === 'page';
  return (x.header('accept') ?? '').includes('text/html');
}

function checkLogin(x: Exchange, version: ApiVersion): Reply | undefined {
  const { query, world } = x;
  const v3 = version === 'v3';
  if (query.get('client_id') !== world.settings.clientId) {
    return v3
      ? oauthError(x.requestId, 400, 'invalid_client', 'client_id is unknown')
      : v2Error(400, 'invalid_request_error', 'Invalid client_id');
  }
  if (URL.canParse(query.get('redirect_uri') ?? '')) return undefined;
  return v3
    ? oauthError(x.requestId, 400, 'invalid_request', 'redirect_uri is not a URL')
    : v2Error(400, 'invalid_request_error', 'Invalid redirect_uri');
}

function goBack(x: Exchange, version: ApiVersion, { email, allow }: Decision): Reply {
  const { query, world } = x;
  const redirectUri = query.get('redirect_uri') ?? '';
  const back = new URL(redirectUri);
  if (allow) {
    back.searchParams.set(
      'code',
      world.authorizations.issueCode({
        email: email || inventEmail(x, version),
        provider: version === 'v3' ? asProvider(query.get('provider')) : undefined,
        redirectUri,
        challenge: version === 'v3' ? (query.get('code_challenge') ?? '') : '',
        offline: version === 'v2' || query.get('access_type') === 'offline',
      }),
    );
  } else {
    back.searchParams.set('error', 'access_denied');
    back.searchParams.set('error_description', 'The user did not agree.');
    if (version === 'v3') back.searchParams.set('error_code', '403');
  }
  const state = query.get('state');
  if (state !== null) back.searchParams.set('state', state);
  return textReply(302, '', 'text/plain', ['location', back.href]);
}

function inventEmail({ world }: Exchange, version: ApiVersion): string {
  return `new.user.${(version === 'v3' ? world.grants : world.accounts).size + 1}@example.org`;
}

/** A provider as a client names it, or undefined. */
export const asProvider = (value: unknown): GrantProvider | undefined =>
  (GRANT_PROVIDERS as readonly unknown[]).includes(value) ? (value as GrantProvider) : undefined;
