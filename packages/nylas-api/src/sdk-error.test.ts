import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { classifyFailure, classifyResponse, matchRoute, readSdkError } from './index.ts';

const require = createRequire(import.meta.url);

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Record<string, string>;
}

interface Sdk3 {
  readonly messages: { list(options: { identifier: string }): Promise<unknown> };
  readonly auth: { exchangeCodeForToken(options: object): Promise<unknown> };
}

interface Sdk2 {
  config(options: object): Sdk2;
  with(token: string): { readonly messages: { list(): Promise<unknown> } };
}

let server: Server;
let apiUri: string;
let answer: Answer | undefined;

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume();
    if (answer === undefined) return;
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  apiUri = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function thrown(given: Answer | undefined, call: () => Promise<unknown>): Promise<unknown> {
  answer = given;
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new Error('expected the SDK to throw');
}

const json = (status: number, body: unknown, headers: Record<string, string> = {}): Answer => ({
  status,
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json', ...headers },
});

const IDS = { 'x-request-id': 'req-1', 'x-fastly-id': 'flow-1' };
const MESSAGES = matchRoute('v3', 'GET', '/v3/grants/g/messages');

describe.each([
  ['7.9', require('nylas79')],
  ['7.13', require('nylas7')],
  ['8', require('nylas8')],
])('errors of nylas %s (API v3)', (_version, loaded: { default?: new (options: object) => Sdk3 }) => {
  const Nylas = loaded.default ?? (loaded as unknown as new (options: object) => Sdk3);
  const client = (timeout = 10): Sdk3 => new Nylas({ apiKey: 'key', apiUri, timeout });
  const list = (): Promise<unknown> => client().messages.list({ identifier: 'g' });

  it('NylasApiError: everything the SDK kept, nothing that is free text', async () => {
    const body = {
      request_id: 'req-1',
      error: {
        type: 'rate_limit_error',
        message: 'Too many requests of ben@example.com',
        provider_error: { error: { code: 'ApplicationThrottled' } },
      },
    };
    const error = await thrown(json(429, body, { ...IDS, 'retry-after': '9' }), list);
    const facts = readSdkError(error);
    expect(facts).toEqual({
      statusCode: 429,
      type: 'rate_limit_error',
      requestId: 'req-1',
      flowId: 'flow-1',
      hasProviderError: true,
      header: expect.any(Function),
    });
    expect(facts?.header?.('retry-after')).toBe('9');
    expect(facts?.header?.('nothing')).toBeUndefined();
    expect(JSON.stringify(facts)).not.toContain('ben@example.com');
  });

  it('the error stands for the body in classifyResponse', async () => {
    const body = { error: { type: 'api.provider_error', message: 'x', provider_error: 'Server busy' } };
    const error = await thrown(json(503, body, IDS), list);
    const facts = readSdkError(error);
    const { header } = facts ?? {};
    const result = classifyResponse({
      version: 'v3',
      status: facts?.statusCode ?? 0,
      route: MESSAGES,
      body: error,
      ...(header && { header }),
    });
    expect(result).toMatchObject({
      outcome: 'provider_error',
      errorType: 'provider_error',
      providerCaused: true,
      requestId: 'req-1',
    });
  });

  it('NylasOAuthError', async () => {
    const body = {
      error: 'invalid_grant',
      error_description: 'code of ben',
      error_uri: 'u',
      error_code: 400,
    };
    const error = await thrown(json(400, body, IDS), () =>
      client().auth.exchangeCodeForToken({ clientId: 'c', redirectUri: 'r', code: 'x' }),
    );
    expect(readSdkError(error)).toMatchObject({
      statusCode: 400,
      type: 'invalid_grant',
      hasProviderError: false,
    });
    expect(classifyResponse({ version: 'v3', status: 400, body: error }).errorType).toBe('invalid_grant');
  });

  it('is no answered request: HTML, time-out, refused connection', async () => {
    const html = await thrown({ status: 502, body: '<html>', headers: IDS }, list);
    expect(readSdkError(html)).toBeUndefined();
    const late = await thrown(undefined, () => client(0.02).messages.list({ identifier: 'g' }));
    expect(readSdkError(late)).toBeUndefined();
    expect(classifyFailure(late)).toMatchObject({ outcome: 'timeout', errorType: 'timeout' });
    const refused = await thrown(undefined, () =>
      new Nylas({ apiKey: 'key', apiUri: 'http://127.0.0.1:1', timeout: 10 }).messages.list({
        identifier: 'g',
      }),
    );
    expect(readSdkError(refused)).toBeUndefined();
    expect(classifyFailure(refused)).toMatchObject({ outcome: 'network_error' });
  });
});

describe('errors of nylas6 (API v2)', () => {
  const Nylas = require('nylas6') as Sdk2;
  const list = (): Promise<unknown> =>
    Nylas.config({ clientId: 'c', clientSecret: 's', apiServer: apiUri }).with('token').messages.list();

  it('NylasApiError', async () => {
    const message = "This action can't be performed because the account's sync has been stopped.";
    const error = await thrown(json(403, { type: 'invalid_request_error', message }), list);
    expect(readSdkError(error)).toEqual({
      statusCode: 403,
      type: 'invalid_request_error',
      hasProviderError: false,
    });
    expect(classifyResponse({ version: 'v2', status: 403, body: error })).toMatchObject({
      errorType: 'invalid_request_error',
      accountSignal: 'stopped',
    });
  });

  it('the mail server’s error', async () => {
    const error = await thrown(
      json(422, { type: 'api_error', message: 'x', server_error: '550 : no' }),
      list,
    );
    expect(readSdkError(error)).toEqual({ statusCode: 422, type: 'api_error', hasProviderError: true });
    expect(classifyResponse({ version: 'v2', status: 422, body: error }).providerCaused).toBe(true);
  });

  it('RateLimitError, with the headers it kept', async () => {
    const limits = { 'x-ratelimit-limit': '50', 'x-ratelimit-reset': '12' };
    const error = await thrown(json(429, { type: 'api_error', message: 'Too many requests' }, limits), list);
    const facts = readSdkError(error);
    expect(facts).toMatchObject({ statusCode: 429, type: 'api_error', hasProviderError: false });
    expect(facts?.header?.('x-ratelimit-limit')).toBe('50');
    const { header } = facts ?? {};
    expect(
      classifyResponse({ version: 'v2', status: 429, body: error, ...(header && { header }) }),
    ).toMatchObject({
      rateLimitSource: 'nylas',
      retryAfterSeconds: 12,
    });
  });

  it('a body without a type, and a plain text: the status says it', async () => {
    const internal = await thrown(json(500, { message: 'An internal error occured.' }), list);
    expect(readSdkError(internal)).toEqual({ statusCode: 500, hasProviderError: false });
    const text = await thrown({ status: 401, body: 'Could not verify access credential.' }, list);
    expect(readSdkError(text)).toEqual({ statusCode: 401, hasProviderError: false });
    expect(classifyResponse({ version: 'v2', status: 401, body: text })).toMatchObject({
      errorType: '401',
      outcome: 'invalid_credentials',
    });
  });
});

describe('readSdkError', () => {
  it('wants a status and the SDK’s properties', () => {
    for (const value of [
      undefined,
      null,
      'error',
      new Error('x'),
      { statusCode: 500 },
      { statusCode: '500', type: 'x' },
      { statusCode: 42, type: 'x' },
      { type: 'api_error' },
    ]) {
      expect(readSdkError(value)).toBeUndefined();
    }
  });

  it('folds types that are not Nylas’s and drops ids that are none', () => {
    expect(
      readSdkError({ statusCode: 400, type: 'ben@example.com', requestId: 'a b', flowId: 'c@d.e' }),
    ).toEqual({
      statusCode: 400,
      type: '_OTHER',
      hasProviderError: false,
    });
  });

  it('never throws', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(readSdkError(proxy)).toBeUndefined();
    const headers = Object.defineProperty({}, 'x-request-id', {
      get() {
        throw new Error('no');
      },
    });
    expect(readSdkError({ statusCode: 400, type: 'x', headers })?.header?.('x-request-id')).toBeUndefined();
    const leaf = fc.anything({ withNullPrototype: true, withBigInt: true });
    fc.assert(
      fc.property(
        fc.oneof(
          leaf,
          fc.record({
            statusCode: fc.integer(),
            type: leaf,
            error: leaf,
            headers: leaf,
            providerError: leaf,
            rateLimit: leaf,
          }),
        ),
        fc.string(),
        (value, header) => {
          readSdkError(value)?.header?.(header);
        },
      ),
      { numRuns: 5_000 },
    );
  });
});
