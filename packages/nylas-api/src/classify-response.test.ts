import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ApiVersion,
  classifyResponse,
  ERROR_TYPES,
  matchRoute,
  type Outcome,
  type ResponseClass,
  type ResponseFacts,
  type Route,
} from './index.ts';

const NOW = Date.UTC(2026, 0, 1, 12, 0, 0);
const MESSAGES = matchRoute('v3', 'GET', '/v3/grants/g/messages');
const SEND = matchRoute('v3', 'POST', '/v3/grants/g/messages/send');
const GRANT = matchRoute('v3', 'GET', '/v3/grants/g');
const GRANTS = matchRoute('v3', 'GET', '/v3/grants');
const TEMPLATES = matchRoute('v3', 'GET', '/v3/templates');
const V2_MESSAGES = matchRoute('v2', 'GET', '/messages');
const V2_SEND = matchRoute('v2', 'POST', '/send');
const V2_ACCOUNT = matchRoute('v2', 'GET', '/a/c/accounts/x');

function headers(values: Record<string, string>): (name: string) => string | undefined {
  return (name) => values[name];
}

function v3(status: number, body?: unknown, more: Partial<ResponseFacts> = {}): ResponseClass {
  return classifyResponse({ version: 'v3', status, body, ...more }, NOW);
}

function v2(status: number, body?: unknown, more: Partial<ResponseFacts> = {}): ResponseClass {
  return classifyResponse({ version: 'v2', status, body, ...more }, NOW);
}

function standard(type: string, more: object = {}): object {
  return {
    request_id: '1120765200-c4c8e151-3414-4448-b884-1498872b0912',
    error: { type, message: 'text', ...more },
  };
}

describe('the documented v3 error types', () => {
  it.each<[status: number, type: string, label: string, outcome: Outcome]>([
    [401, 'api.authentication_error', 'authentication_error', 'invalid_credentials'],
    [400, 'api.invalid_request_error', 'invalid_request_error', 'client_error'],
    [401, 'api.invalid_request_error', 'invalid_request_error', 'invalid_credentials'],
    [400, 'api.invalid_request_payload', 'invalid_request_payload', 'client_error'],
    [404, 'api.not_found_error', 'not_found_error', 'client_error'],
    [423, 'api.resource_blocked', 'resource_blocked', 'client_error'],
    [404, 'api.partial_not_found_error', 'partial_not_found_error', 'client_error'],
    [504, 'api.partial_success_error', 'partial_success_error', 'provider_error'],
    [504, 'api.provider_error', 'provider_error', 'provider_error'],
    [429, 'api.rate_limit_error', 'rate_limit_error', 'rate_limited'],
    [500, 'api.internal_error', 'internal_error', 'server_error'],
    [400, 'token.unauthorized_access', 'token.unauthorized_access', 'invalid_credentials'],
    [401, 'token.unauthorized_access', 'token.unauthorized_access', 'invalid_credentials'],
    [400, 'token.exchange_failed', 'token.exchange_failed', 'client_error'],
    [404, 'grant.not_found', 'grant.not_found', 'client_error'],
    [401, 'grant.refresh_token_invalid', 'grant.refresh_token_invalid', 'invalid_credentials'],
    [403, 'grant.access_denied', 'grant.access_denied', 'client_error'],
    [400, 'grant.invalid_authentication', 'grant.invalid_authentication', 'client_error'],
    [400, 'grant.callback_uri_not_allowed', 'grant.callback_uri_not_allowed', 'client_error'],
    [400, 'grant.login_id_invalid', 'grant.login_id_invalid', 'client_error'],
    [400, 'grant.provider_required', 'grant.provider_required', 'client_error'],
    [400, 'grant.reauth_email_invalid', 'grant.reauth_email_invalid', 'client_error'],
    [400, 'grant.scopes_conflict', 'grant.scopes_conflict', 'client_error'],
    [400, 'grant.gmail_domain_invalid', 'grant.gmail_domain_invalid', 'client_error'],
    [400, 'api.bad_request', 'bad_request', 'client_error'],
    [403, 'api.unauthorized_access', 'unauthorized_access', 'client_error'],
    [400, 'api.invalid_query_params', 'invalid_query_params', 'client_error'],
    [400, 'api.invalid_field', 'invalid_field', 'client_error'],
    [400, 'bad_request', 'bad_request', 'client_error'],
    [401, 'unauthorized', 'unauthorized', 'invalid_credentials'],
    [403, 'insufficient_scopes', 'insufficient_scopes', 'client_error'],
    [404, 'xyz.not_found_error', 'not_found_error', 'client_error'],
    [429, 'rate_limit_error', 'rate_limit_error', 'rate_limited'],
    [504, 'provider_error', 'provider_error', 'provider_error'],
    [400, 'api.invalid_idempotency_key', 'invalid_idempotency_key', 'client_error'],
    [409, 'api.invalid_idempotent_request', 'invalid_idempotent_request', 'client_error'],
    [409, 'api.concurrent_idempotent_request', 'concurrent_idempotent_request', 'client_error'],
    [409, 'conflict', 'conflict', 'client_error'],
    [400, 'prompt_required_error', 'prompt_required_error', 'client_error'],
    [400, 'prompt_not_allowed_error', 'prompt_not_allowed_error', 'client_error'],
    [400, 'message_id_required_error', 'message_id_required_error', 'client_error'],
    [400, 'grant_id_required_error', 'grant_id_required_error', 'client_error'],
    [400, 'unknown_message_sender_error', 'unknown_message_sender_error', 'client_error'],
    [422, 'validation_error', 'validation_error', 'client_error'],
    [500, 'unexpected_error', 'unexpected_error', 'server_error'],
    [429, 'nylas_rate_limit_exceeded', 'nylas_rate_limit_exceeded', 'rate_limited'],
    [429, 'quota_exceeded_error', 'quota_exceeded_error', 'provider_limited'],
    [500, 'api.server_error', 'server_error', 'server_error'],
    [500, 'api_error', 'api_error', 'server_error'],
    [400, '70000', '70000', 'client_error'],
    [400, '70001', '70001', 'client_error'],
    [400, '70005', '70005', 'client_error'],
  ])('%i %s is %s, %s', (status, type, label, outcome) => {
    expect(v3(status, standard(type), { route: MESSAGES })).toMatchObject({
      errorType: label,
      outcome,
      requestId: '1120765200-c4c8e151-3414-4448-b884-1498872b0912',
    });
  });
});

describe('the shapes of a body', () => {
  it('standard, with a code in place of the type, and a type that is a number', () => {
    expect(v3(400, { error: { code: 'token.unauthorized_access' } }).errorType).toBe(
      'token.unauthorized_access',
    );
    expect(v3(400, { error: { type: 70000, message: 'destination.id.not.found' } }).errorType).toBe('70000');
  });

  it('OAuth', () => {
    const body = {
      error: 'invalid_request',
      error_description: 'Missing required parameter: code',
      error_uri: 'developer.nylas.com/docs/api/errors/400-response/',
      error_code: 400,
      request_id: 'abc-1',
    };
    expect(v3(400, body)).toMatchObject({
      errorType: 'invalid_request',
      outcome: 'client_error',
      requestId: 'abc-1',
    });
    expect(v3(400, { error: 'invalid_grant' }).errorType).toBe('invalid_grant');
  });

  it('flat', () => {
    expect(
      v3(400, { type: 'invalid_request_error', message: 'extra fields not permitted: app_password' }),
    ).toMatchObject({ errorType: 'invalid_request_error', outcome: 'client_error' });
    expect(v3(429, { type: 'rate_limit_error', message: 'slow down' })).toMatchObject({
      errorType: 'rate_limit_error',
      outcome: 'rate_limited',
      rateLimitSource: 'unknown',
    });
  });

  it('HTML and plain text of the edge', () => {
    const html = '<html><head><title>502 Bad Gateway</title></head><body>{"type":"x"}</body></html>';
    expect(v3(502, html)).toMatchObject({
      errorType: '502',
      outcome: 'server_error',
      retryReason: 'server_error',
    });
    expect(v3(520, 'error code: 520')).toMatchObject({
      errorType: '520',
      outcome: 'server_error',
      retryable: true,
    });
    expect(v3(503, '')).toMatchObject({ errorType: '503', outcome: 'server_error' });
    expect(v3(502, '{ not json')).toMatchObject({ errorType: '502' });
  });

  it('JSON that was not parsed yet, unless it is longer than any error of Nylas’s', () => {
    const long = JSON.stringify(standard('rate_limit_error', { message: 'x'.repeat(70_000) }));
    expect(v3(429, long).errorType).toBe('429');
    expect(
      v3(429, ` ${JSON.stringify(standard('rate_limit_error', { provider_error: {} }))}\n`),
    ).toMatchObject({
      errorType: 'rate_limit_error',
      rateLimitSource: 'provider',
    });
  });

  it('v2 JSON, with and without a type', () => {
    expect(v2(404, { type: 'invalid_request_error', message: "Couldn't find message" }).errorType).toBe(
      'invalid_request_error',
    );
    const message =
      'An internal error occured. If this issue persists, please contact support@nylas.com and include this ' +
      'request_uid: B9EBAC8F:C29C_0A4D0050:01BB_5B2BD4A5_15030C81:2AF0';
    expect(v2(500, { message })).toMatchObject({
      errorType: '500',
      outcome: 'server_error',
      requestId: 'B9EBAC8F:C29C_0A4D0050:01BB_5B2BD4A5_15030C81:2AF0',
    });
    expect(v2(503, { type: 'database_error', message: 'Temporary database error' }).errorType).toBe(
      'database_error',
    );
    expect(
      v2(401, { message: 'm', type: 'auth_error', error: 'Wrong username or password for x' }),
    ).toMatchObject({
      errorType: 'auth_error',
      outcome: 'invalid_credentials',
    });
  });

  it('v2 plain text', () => {
    expect(v2(401, 'Could not verify access credential.', { route: V2_MESSAGES })).toMatchObject({
      errorType: '401',
      outcome: 'invalid_credentials',
      accountSignal: 'invalid_credentials',
    });
  });

  it('v2 200 for a send that failed for some', () => {
    const body = {
      type: 'api_error',
      message: 'Sending to at least one recipent failed',
      failures: { 'a@b.c': [550, 'no'] },
    };
    expect(v2(200, body, { route: V2_SEND })).toMatchObject({
      outcome: 'client_error',
      errorType: 'api_error',
      retryable: false,
    });
    expect(v2(200, body).outcome).toBe('client_error');
    expect(v2(200, JSON.stringify(body), { route: V2_SEND }).outcome).toBe('client_error');
    expect(v2(200, body, { route: V2_MESSAGES }).outcome).toBe('success');
    expect(v2(200, { ...body, failures: {} }, { route: V2_SEND }).outcome).toBe('success');
    expect(v2(200, { id: 'm', object: 'message' }, { route: V2_SEND }).outcome).toBe('success');
    expect(v3(200, body, { route: SEND }).outcome).toBe('success');
  });

  it('none: status, headers and route decide', () => {
    expect(v3(404)).toMatchObject({ errorType: '404', outcome: 'client_error', retryable: false });
    expect(v3(401, undefined, { route: MESSAGES })).toMatchObject({
      errorType: '401',
      outcome: 'invalid_credentials',
      accountSignal: 'invalid_credentials',
    });
    expect(v3(408)).toMatchObject({ errorType: '408', outcome: 'timeout', retryReason: 'timeout' });
    expect(v3(500)).toMatchObject({ errorType: '500', outcome: 'server_error', retryReason: 'server_error' });
    for (const body of [null, [], {}, 7, true, [{ error: { type: 'x' } }]]) {
      expect(v3(500, body), JSON.stringify(body)).toMatchObject({
        errorType: '500',
        outcome: 'server_error',
      });
    }
  });

  it('an uncatalogued type is _OTHER, text that is no type leaves the status', () => {
    expect(v3(400, standard('brand_new_error')).errorType).toBe('_OTHER');
    expect(v3(400, standard('99999')).errorType).toBe('_OTHER');
    expect(v3(400, standard('ben@example.com')).errorType).toBe('_OTHER');
    expect(v3(400, { type: 'brand_new_error' }).errorType).toBe('_OTHER');
    expect(v3(400, { error: 'something went wrong' }).errorType).toBe('400');
    // SDK 6 on a body that is no JSON: the status text stands where the type belongs.
    expect(v2(502, { type: 'Bad Gateway', message: '<html>' }).errorType).toBe('502');
    expect(v2(401, { type: 'Unauthorized', message: 'Could not verify access credential.' }).errorType).toBe(
      '401',
    );
  });
});

describe('rate limits', () => {
  const limited = (body: unknown, route?: Route, values: Record<string, string> = {}): ResponseClass =>
    v3(429, body, { route, header: headers(values) });

  it('are the provider’s when its error is in the body, whatever its shape', () => {
    for (const provider of [{ error: { code: 'ApplicationThrottled' } }, 'Resource exhausted', {}, ['x']]) {
      expect(limited(standard('rate_limit_error', { provider_error: provider }), MESSAGES)).toMatchObject({
        rateLimitSource: 'provider',
        outcome: 'provider_limited',
        retryReason: 'rate_limited',
        providerCaused: true,
      });
    }
  });

  it('are not the provider’s for an empty provider error', () => {
    for (const provider of [null, '', undefined, false]) {
      expect(
        limited(standard('rate_limit_error', { provider_error: provider }), MESSAGES).rateLimitSource,
      ).toBe('unknown');
    }
  });

  it('are Nylas’s by type, and where no provider is behind the endpoint', () => {
    expect(limited(standard('nylas_rate_limit_exceeded'), MESSAGES)).toMatchObject({
      rateLimitSource: 'nylas',
      outcome: 'rate_limited',
      providerCaused: false,
    });
    expect(limited(standard('rate_limit_error'), GRANTS).rateLimitSource).toBe('nylas');
    expect(limited(undefined, GRANTS, { 'retry-after': '3' }).rateLimitSource).toBe('nylas');
  });

  it('are nobody’s while signing in: the provider’s OAuth server has limits of its own', () => {
    const token = matchRoute('v3', 'POST', '/v3/connect/token');
    expect(limited({ error: 'rate_limit_error' }, token).rateLimitSource).toBe('unknown');
    expect(v2(429, undefined, { route: matchRoute('v2', 'POST', '/connect/token') }).rateLimitSource).toBe(
      'unknown',
    );
  });

  it('are nobody’s when nothing tells: counted as Nylas’s', () => {
    expect(limited(standard('rate_limit_error'), MESSAGES)).toMatchObject({
      rateLimitSource: 'unknown',
      outcome: 'rate_limited',
    });
    expect(limited(undefined, MESSAGES).rateLimitSource).toBe('unknown');
    expect(limited(undefined).rateLimitSource).toBe('unknown');
    expect(limited(undefined, TEMPLATES, { 'retry-after': '3' }).rateLimitSource).toBe('unknown');
  });

  it('are the provider’s by Retry-After when the body was not read; a body without provider error speaks against it', () => {
    expect(limited(undefined, MESSAGES, { 'retry-after': '3' })).toMatchObject({
      rateLimitSource: 'provider',
      outcome: 'provider_limited',
      retryAfterSeconds: 3,
      providerCaused: false,
    });
    expect(limited(standard('rate_limit_error'), MESSAGES, { 'retry-after': '3' })).toMatchObject({
      rateLimitSource: 'unknown',
      retryAfterSeconds: 3,
    });
  });

  it('of v2: Nylas’s by X-RateLimit headers, the provider’s by server_error and by its words', () => {
    const nylas = v2(
      429,
      { type: 'api_error', message: 'Too many requests' },
      {
        header: headers({ 'x-ratelimit-limit': '50', 'x-ratelimit-reset': '12' }),
      },
    );
    expect(nylas).toMatchObject({ rateLimitSource: 'nylas', outcome: 'rate_limited', retryAfterSeconds: 12 });
    for (const body of [
      { type: 'api_error', message: 'Temporary provider send throttling' },
      { type: 'api_error', message: 'Daily sending quota exceeded', server_error: '550 : 5.4.5 quota' },
      { type: 'api_error', message: 'Mail server temporarily rejected message.', server_error: '450' },
    ]) {
      expect(v2(429, body, { route: V2_SEND })).toMatchObject({
        rateLimitSource: 'provider',
        outcome: 'provider_limited',
      });
    }
    expect(v2(429, { message: 'slow' }, { route: V2_SEND }).rateLimitSource).toBe('unknown');
    expect(v2(429, { message: 'slow' }, { route: V2_ACCOUNT }).rateLimitSource).toBe('nylas');
  });

  it('have no source when the status is another', () => {
    expect(v3(503, standard('rate_limit_error')).rateLimitSource).toBeUndefined();
    expect(v3(200).rateLimitSource).toBeUndefined();
  });
});

describe('when to come back', () => {
  it('Retry-After in seconds or as a date', () => {
    const at = (value: string): number | undefined =>
      v3(503, undefined, { header: headers({ 'retry-after': value }) }).retryAfterSeconds;
    expect(at('120')).toBe(120);
    expect(at('Thu, 01 Jan 2026 12:01:30 GMT')).toBe(90);
    expect(at('soon')).toBeUndefined();
  });

  it('X-RateLimit-Reset in v2 only, Retry-After first', () => {
    const both = headers({ 'retry-after': '7', 'x-ratelimit-reset': '30' });
    const reset = headers({ 'x-ratelimit-reset': '30' });
    expect(v2(429, undefined, { header: reset }).retryAfterSeconds).toBe(30);
    expect(v2(429, undefined, { header: both }).retryAfterSeconds).toBe(7);
    expect(v3(429, undefined, { header: reset }).retryAfterSeconds).toBeUndefined();
  });

  it('the time in Gmail’s words', () => {
    const message = 'User-rate limit exceeded.  Retry after 2026-01-01T12:15:00.000Z';
    const said = (text: string): number | undefined =>
      v3(429, standard('quota_exceeded_error', { provider_error: { error: { code: 429, message: text } } }))
        .retryAfterSeconds;
    expect(said(message)).toBe(900);
    expect(said(`${message} (Mail sending)`)).toBe(900);
    expect(said('Retry after 2020-01-01T00:00:00Z')).toBe(0);
    expect(said('Retry after lunch')).toBeUndefined();
    expect(said('Retry after 2026-99-99T99:99:99Z')).toBeUndefined();
  });
});

describe('whose failure a 5xx is', () => {
  it('the provider’s when the body says so, with any status', () => {
    const body = standard('provider_error', { provider_error: { error: 'x' } });
    for (const status of [500, 502, 503, 504]) {
      expect(v3(status, body, { route: SEND })).toMatchObject({
        outcome: 'provider_error',
        retryReason: 'provider_error',
        providerCaused: true,
      });
    }
    expect(v3(503, standard('internal_error', { provider_error: 'Server busy' })).outcome).toBe(
      'provider_error',
    );
    expect(v2(503, { type: 'api_error', message: 'Sending failed', server_error: '421' }).outcome).toBe(
      'provider_error',
    );
    expect(v2(504, { type: 'provider_error' }).outcome).toBe('provider_error');
  });

  it('of a 504 without a body: by the route, and then nothing is certain', () => {
    expect(v3(504, undefined, { route: MESSAGES })).toMatchObject({
      outcome: 'provider_error',
      providerCaused: false,
    });
    expect(v3(504, '', { route: MESSAGES }).outcome).toBe('provider_error');
    expect(v3(504, undefined, { route: GRANTS }).outcome).toBe('server_error');
    expect(v3(504).outcome).toBe('server_error');
  });

  it('of a 504 page of the edge: Nylas’s', () => {
    expect(v3(504, '<html>504 Gateway Time-out</html>', { route: MESSAGES }).outcome).toBe('server_error');
    expect(v3(504, standard('internal_error'), { route: MESSAGES }).outcome).toBe('server_error');
  });

  it('says so of a 4xx too, without making it a provider_error', () => {
    expect(v3(400, standard('invalid_request_error', { provider_error: 'JSON input error' }))).toMatchObject({
      outcome: 'client_error',
      providerCaused: true,
    });
    expect(v3(402, standard('api_error'), { route: SEND }).providerCaused).toBe(true);
    expect(v3(402, standard('api_error'), { route: MESSAGES }).providerCaused).toBe(false);
    expect(v2(422, { type: 'api_error', message: 'x', server_error: '550' })).toMatchObject({
      outcome: 'client_error',
      providerCaused: true,
    });
  });
});

describe('retryable', () => {
  it('is what may get better by itself', () => {
    for (const status of [408, 429, 500, 502, 503, 504, 520])
      expect(v3(status).retryable, `${status}`).toBe(true);
    for (const status of [200, 302, 400, 401, 402, 403, 404, 409, 410, 422, 423, 501, 505]) {
      expect(v3(status).retryable, `${status}`).toBe(false);
    }
  });

  it('is a send that is still in progress under the same key', () => {
    expect(v3(409, standard('api.concurrent_idempotent_request'), { route: SEND })).toMatchObject({
      outcome: 'client_error',
      retryable: true,
      retryReason: 'server_error',
    });
  });
});

describe('what an answer says of the account', () => {
  it('v3: 401 on a grant’s data, but not when the key is refused or the grant’s record was asked for', () => {
    const signal = (status: number, type: string, route: Route | undefined): unknown =>
      v3(status, standard(type), { route }).accountSignal;
    expect(signal(401, 'unauthorized', MESSAGES)).toBe('invalid_credentials');
    expect(signal(401, 'api.authentication_error', SEND)).toBe('invalid_credentials');
    expect(signal(401, 'grant.refresh_token_invalid', GRANT)).toBe('invalid_credentials');
    expect(signal(401, 'token.unauthorized_access', MESSAGES)).toBeUndefined();
    expect(signal(401, 'unauthorized', GRANT)).toBeUndefined();
    expect(signal(401, 'unauthorized', GRANTS)).toBeUndefined();
    expect(signal(401, 'unauthorized', undefined)).toBeUndefined();
    expect(signal(403, 'insufficient_scopes', SEND)).toBeUndefined();
  });

  it('v3: a grant that is gone', () => {
    expect(v3(404, standard('not_found_error'), { route: GRANT }).accountSignal).toBe('deleted');
    expect(v3(404, standard('grant.not_found'), { route: MESSAGES }).accountSignal).toBe('deleted');
    expect(v3(404, standard('not_found_error'), { route: MESSAGES }).accountSignal).toBeUndefined();
  });

  it('v2: stopped, invalid, cancelled, gone', () => {
    const forbidden = (message: string): ResponseClass =>
      v2(403, { type: 'invalid_request_error', message }, { route: V2_SEND });
    expect(
      forbidden(
        "This action can't be performed because the account's sync has been stopped. Please contact support@nylas.com to resume sync.",
      ),
    ).toMatchObject({
      outcome: 'client_error',
      errorType: 'invalid_request_error',
      accountSignal: 'stopped',
    });
    expect(
      forbidden(
        "This action can't be performed because the account's credentials are out of date. Please reauthenticate and try again.",
      ),
    ).toMatchObject({ outcome: 'invalid_credentials', accountSignal: 'invalid_credentials' });
    expect(forbidden('Could not authenticate with the SMTP server.')).toMatchObject({
      outcome: 'invalid_credentials',
      accountSignal: 'invalid_credentials',
    });
    expect(forbidden('This account has been cancelled.').accountSignal).toBe('cancelled');
    expect(v2(403, '403 - This application has been disabled')).toMatchObject({
      outcome: 'client_error',
      errorType: '403',
      accountSignal: undefined,
    });
    expect(v2(404, { message: 'The account does not exist.' }).accountSignal).toBe('deleted');
    expect(v2(404, undefined, { route: V2_ACCOUNT }).accountSignal).toBe('deleted');
    expect(
      v2(404, { message: "Couldn't find message" }, { route: V2_MESSAGES }).accountSignal,
    ).toBeUndefined();
  });

  it('v2: 403 whose words nobody read: something may be wrong with the account of the token', () => {
    expect(v2(403, undefined, { route: V2_SEND }).accountSignal).toBe('refused');
    expect(v2(403, undefined, { route: V2_ACCOUNT }).accountSignal).toBeUndefined();
    expect(v2(403).accountSignal).toBeUndefined();
    expect(v2(403, { message: 'not for this plan' }, { route: V2_SEND }).accountSignal).toBeUndefined();
    expect(v3(403, undefined, { route: SEND }).accountSignal).toBeUndefined();
  });

  it('v2: 401 with an access token, not with the client secret', () => {
    expect(v2(401, undefined, { route: V2_MESSAGES }).accountSignal).toBe('invalid_credentials');
    expect(v2(401, undefined, { route: V2_ACCOUNT }).accountSignal).toBeUndefined();
    expect(v2(401).accountSignal).toBeUndefined();
    expect(
      v2(401, undefined, { route: matchRoute('v2', 'POST', '/oauth/revoke') }).accountSignal,
    ).toBeUndefined();
  });

  it('a success says nothing', () => {
    expect(v3(200, undefined, { route: MESSAGES }).accountSignal).toBeUndefined();
  });
});

describe('ids and replays', () => {
  it('takes the request id from the header first', () => {
    const header = headers({ 'x-request-id': 'header-id' });
    expect(v3(500, standard('internal_error'), { header }).requestId).toBe('header-id');
    expect(v3(200, undefined, { header }).requestId).toBe('header-id');
    expect(v3(500, standard('internal_error')).requestId).toBe(
      '1120765200-c4c8e151-3414-4448-b884-1498872b0912',
    );
  });

  it('does not take for an id what could hold an address or a sentence', () => {
    for (const id of ['ben@example.com', 'a b', 'x'.repeat(129), '', '<script>']) {
      expect(
        v3(500, { request_id: id }, { header: headers({ 'x-request-id': id }) }).requestId,
      ).toBeUndefined();
    }
  });

  it('knows a replayed send', () => {
    expect(v3(200, undefined, { header: headers({ 'idempotent-response': 'true' }) }).idempotentReplay).toBe(
      true,
    );
    expect(v3(409, undefined, { header: headers({ 'idempotent-response': 'True' }) }).idempotentReplay).toBe(
      true,
    );
    expect(v3(200, undefined, { header: headers({ 'idempotent-response': 'no' }) }).idempotentReplay).toBe(
      false,
    );
    expect(v3(200).idempotentReplay).toBe(false);
  });
});

describe('statuses', () => {
  it('under 400 are a success', () => {
    for (const status of [100, 103, 200, 201, 202, 204, 302, 304]) {
      expect(v3(status, standard('x')), `${status}`).toMatchObject({
        outcome: 'success',
        errorType: undefined,
      });
    }
  });

  it('that are none are no answer', () => {
    for (const status of [0, -1, 42, 600, 701, 999, Number.NaN, Number.POSITIVE_INFINITY, 1e21]) {
      expect(v3(status), `${status}`).toMatchObject({ outcome: 'network_error', errorType: '_OTHER' });
    }
    expect(v3(418.5).errorType).toBe('_OTHER');
  });
});

describe('hostile answers', () => {
  it('survives throwing getters, revoked proxies, cycles, throwing headers, null prototypes and huge texts', () => {
    const throwing = Object.defineProperty({}, 'error', {
      get() {
        throw new Error('no');
      },
    });
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    const cyclic: Record<string, unknown> = {};
    cyclic.error = cyclic;
    cyclic.type = cyclic;
    const bare: object = Object.assign(Object.create(null), { error: Object.create(null) });
    const bodies = [
      throwing,
      revoked.proxy,
      { error: revoked.proxy, failures: revoked.proxy },
      cyclic,
      bare,
      { type: 'x'.repeat(10_000_000) },
      'x'.repeat(10_000_000),
      `{${'"a":{'.repeat(10_000)}`,
      '['.repeat(60_000),
      Symbol('x'),
      10n,
      () => {},
      { error: { type: { toString: () => 'x' } } },
    ];
    for (const body of bodies) {
      for (const status of [200, 429, 500]) {
        for (const version of ['v2', 'v3'] as const) {
          const result = classifyResponse({ version, status, body, route: SEND });
          expect(['success', 'rate_limited', 'server_error']).toContain(result.outcome);
        }
      }
    }
    const header = (): string => {
      throw new Error('no');
    };
    expect(v3(429, undefined, { header }).outcome).toBe('rate_limited');
    const facts = Object.defineProperty({ version: 'v3' as const, status: 500 }, 'body', {
      get() {
        throw new Error('no');
      },
    });
    expect(classifyResponse(facts).errorType).toBe('500');
  });

  it('never throws and shows nothing that came from outside', () => {
    const labels = new Set<string | undefined>([undefined, '_OTHER', ...ERROR_TYPES]);
    for (let status = 100; status < 600; status++) labels.add(`${status}`);
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.emailAddress(),
      fc.constantFrom(...ERROR_TYPES, 'api.rate_limit_error', 'sync has been stopped', 'cancelled account'),
    );
    const leaf = fc.oneof(text, fc.anything({ withNullPrototype: true, withBigInt: true }));
    const body = fc.oneof(
      fc.anything({ withNullPrototype: true, withBigInt: true }),
      fc.record(
        {
          type: leaf,
          message: leaf,
          request_id: leaf,
          failures: leaf,
          server_error: leaf,
          error: fc.oneof(
            leaf,
            fc.record({ type: leaf, message: leaf, provider_error: leaf }, { requiredKeys: [] }),
          ),
        },
        { requiredKeys: [] },
      ),
    );
    const routes = [undefined, MESSAGES, SEND, GRANT, GRANTS, V2_SEND, V2_ACCOUNT, V2_MESSAGES];
    fc.assert(
      fc.property(
        fc.constantFrom<ApiVersion>('v2', 'v3'),
        fc.oneof(fc.integer({ min: 100, max: 599 }), fc.double()),
        fc.constantFrom(...routes),
        fc.oneof(
          body,
          body.map((value) => `${fc.stringify(value)}`),
          fc.json(),
        ),
        fc.option(text, { nil: undefined }),
        (version, status, route, value, header) => {
          const result = classifyResponse({ version, status, route, body: value, header: () => header });
          expect(labels).toContain(result.errorType);
          expect(result.errorType === undefined).toBe(result.outcome === 'success');
          expect(result.retryReason === undefined).toBe(!result.retryable);
          expect(result.rateLimitSource === undefined).toBe(status !== 429);
          if (result.requestId !== undefined) expect(result.requestId).toMatch(/^[A-Za-z0-9._:-]{1,128}$/);
          if (result.retryAfterSeconds !== undefined)
            expect(result.retryAfterSeconds).toBeGreaterThanOrEqual(0);
        },
      ),
      { numRuns: 10_000 },
    );
  });
});
