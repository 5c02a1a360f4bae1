import Nylas6 from 'nylas6';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type ActiveFault,
  FAULT_NAMES,
  type FaultName,
  type FaultOptions,
  type Grant,
  type Simulator,
  SimulatorError,
  startSimulator,
} from '../src/index.ts';
import { type NylasClient, rejection, type SdkError, V3_SDKS } from './sdks.ts';

const LIST = '/v3/grants/{grant_id}/messages';

let simulator: Simulator;
let nylas: NylasClient;
let google: Grant;
let microsoft: Grant;

beforeAll(async () => {
  simulator = await startSimulator({ limits: false });
  const Nylas = (V3_SDKS[0] as (typeof V3_SDKS)[number])[1];
  nylas = new Nylas({ apiKey: simulator.apiKey, apiUri: simulator.url, timeout: 5 });
});
afterAll(() => simulator.close());
beforeEach(() => {
  simulator.reset();
  [google, microsoft] = simulator.grants.list() as [Grant, Grant];
});

const list = (grant: Grant = google): Promise<unknown> =>
  Promise.resolve(nylas.messages.list({ identifier: grant.id, queryParams: { limit: 3 } }));
const raw = (init: RequestInit = {}, path = `/v3/grants/${google.id}/messages?limit=3`): Promise<Response> =>
  fetch(`${simulator.url}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${simulator.apiKey}`, ...init.headers },
  });

/** What a fault looks like: to a raw client, and to SDK 8. */
interface Expected {
  readonly fault: FaultName;
  readonly options?: FaultOptions;
  readonly status: number;
  /** `error.type` of the body. */
  readonly type?: string;
  readonly provider?: 'object' | 'string';
  readonly retryAfter?: string;
  /** The body is not JSON, or not of a shape the SDK knows: the SDK loses the status. */
  readonly unreadable?: true;
}

// biome-ignore format: a table, one row a fault
const ERRORS: readonly Expected[] = [
  { fault: 'rate_limit_nylas', status: 429, type: 'nylas_rate_limit_exceeded' },
  { fault: 'rate_limit_provider', status: 429, type: 'rate_limit_error', provider: 'object', retryAfter: '2' },
  { fault: 'rate_limit_provider', options: { retryAfter: null, providerError: 'slow down' }, status: 429, type: 'rate_limit_error', provider: 'string' },
  { fault: 'rate_limit_ambiguous', status: 429, type: 'rate_limit_error' },
  { fault: 'rate_limit_concurrency', status: 429, type: 'rate_limit_error', provider: 'object', retryAfter: '1' },
  { fault: 'unauthorized', status: 401, type: 'token.unauthorized_access' },
  { fault: 'wrong_region', status: 401, type: 'api.authentication_error' },
  { fault: 'grant_expired', status: 401, type: 'unauthorized' },
  { fault: 'forbidden_scopes', status: 403, type: 'insufficient_scopes' },
  { fault: 'application_disabled', status: 403, type: 'invalid_request_error' },
  { fault: 'not_found', status: 404, type: 'not_found_error' },
  { fault: 'conflict', status: 409, type: 'api.invalid_idempotent_request' },
  { fault: 'concurrent_request', status: 409, type: 'api.concurrent_idempotent_request' },
  { fault: 'resource_blocked', status: 423, type: 'api.resource_blocked' },
  { fault: 'internal_error', status: 500, type: 'api.internal_error' },
  { fault: 'provider_failure', status: 500, type: 'provider_error', provider: 'object' },
  { fault: 'provider_failure', options: { status: 503, providerError: 'Backend Error' }, status: 503, type: 'provider_error', provider: 'string' },
  { fault: 'bad_gateway_html', status: 502, unreadable: true },
  { fault: 'unavailable', status: 503, type: 'provider_error', provider: 'string' },
  { fault: 'provider_timeout', status: 504, type: 'provider_error' },
  { fault: 'sent_then_504', status: 504, type: 'provider_error' },
  { fault: 'edge_520', status: 520, unreadable: true },
  { fault: 'flat_error', options: { status: 429 }, status: 429, unreadable: true },
  { fault: 'v2_500_without_type', status: 500, unreadable: true },
  { fault: 'v2_401_plain_text', status: 401, unreadable: true },
];

describe.each(ERRORS)('$fault $options', (expected) => {
  const { fault, options, status, type, provider, retryAfter, unreadable } = expected;
  beforeEach(() => {
    simulator.faults.add({ fault, ...(options === undefined ? {} : { options }) });
  });

  it('is what a raw client sees', async () => {
    const response = await raw();
    expect(response.status).toBe(status);
    expect(response.headers.get('retry-after')).toBe(retryAfter ?? null);
    const text = await response.text();
    if (type === undefined) return;
    const body = JSON.parse(text) as {
      request_id: string;
      error: { type: string; provider_error?: unknown };
    };
    expect(body.request_id).toBe(response.headers.get('x-request-id'));
    expect(body.error.type).toBe(type);
    expect(typeof body.error.provider_error).toBe(provider ?? 'undefined');
  });

  it('is what SDK 8 throws', async () => {
    const error = await rejection(list());
    if (unreadable === true) {
      expect(error.message).toContain('could not parse response from the server');
      expect(error.statusCode).toBeUndefined();
      return;
    }
    expect(error.constructor.name).toBe('NylasApiError');
    expect(error).toMatchObject({ statusCode: status, type });
    const record = simulator.requests.list().at(-1);
    expect(record).toMatchObject({ status, fault });
    expect(error.requestId).toBe(record?.requestId);
    expect(typeof error.providerError).toBe(provider ?? 'undefined');
  });
});

describe('a provider that throttles', () => {
  it('says the same in the header and, for Google, in words', async () => {
    simulator.faults.add({ fault: 'rate_limit_provider', options: { retryAfter: 30 } });
    const before = Date.now();
    const response = await raw();
    expect(response.headers.get('retry-after')).toBe('30');
    const until = Date.parse(/Retry after (\S+Z)/.exec(await response.text())?.[1] as string);
    expect(until - before).toBeGreaterThanOrEqual(30_000);
    expect(until - Date.now()).toBeLessThanOrEqual(30_000);
    const microsoftPath = `/v3/grants/${microsoft.id}/messages`;
    expect(await (await raw({}, microsoftPath)).text()).toContain('"code":"TooManyRequests"');
  });
});

describe('answers that are not what they say', () => {
  it('oauth_error has the OAuth shape', async () => {
    simulator.faults.add({ fault: 'oauth_error', route: '/v3/connect/token' });
    const error = await rejection(
      nylas.auth.exchangeCodeForToken({
        clientId: simulator.clientId,
        redirectUri: 'https://a.example.com',
        code: 'c',
      }),
    );
    expect(error.constructor.name).toBe('NylasOAuthError');
    expect(error).toMatchObject({ statusCode: 400, error: 'invalid_grant' });
  });

  it.each(['empty_200', 'malformed_json'] as const)(
    '%s is a 200 that the SDK cannot parse',
    async (fault) => {
      simulator.faults.add({ fault });
      expect((await raw()).status).toBe(200);
      expect((await rejection(list())).message).toContain('Could not parse response from the server');
    },
  );

  it('huge_body is valid JSON of the size asked for', async () => {
    simulator.faults.add({ fault: 'huge_body', options: { bytes: 3_000_000 } });
    const text = await (await raw()).text();
    expect(text.length).toBe(3_000_000);
    expect(JSON.parse(text)).toMatchObject({ data: [] });
  });

  it('early_hints sends 103 and then the answer', async () => {
    simulator.faults.add({ fault: 'early_hints' });
    const { request } = await import('node:http');
    const statuses = await new Promise<number[]>((resolve, reject) => {
      const seen: number[] = [];
      const outgoing = request(`${simulator.url}/v3/grants?limit=1`, {
        headers: { authorization: `Bearer ${simulator.apiKey}` },
      });
      outgoing.on('information', (info) => seen.push(info.statusCode));
      outgoing.on('response', (response) => {
        response.resume();
        resolve([...seen, response.statusCode ?? 0]);
      });
      outgoing.on('error', reject);
      outgoing.end();
    });
    expect(statuses).toEqual([103, 200]);
    await expect(list()).resolves.toBeDefined();
  });

  it.each([302, 307])('redirect %i leads to the real answer within the simulator', async (status) => {
    simulator.faults.add({ fault: 'redirect', options: { status } });
    const response = await raw();
    expect(response.redirected).toBe(true);
    expect(response.status).toBe(200);
    expect(simulator.requests.list().map((one) => one.status)).toEqual([status, 200]);
    expect(new Set(simulator.requests.list().map((one) => one.template))).toEqual(new Set([LIST]));
  });

  it('slow answers late, and the SDK can time out', async () => {
    simulator.faults.add({ fault: 'slow', options: { ms: 60_000 } });
    const error = await rejection(
      Promise.resolve(nylas.messages.list({ identifier: google.id, overrides: { timeout: 0.05 } })),
    );
    expect(error.constructor.name).toBe('NylasSdkTimeoutError');
    simulator.reset();
    simulator.faults.add({ fault: 'slow', options: { ms: 30 } });
    const start = performance.now();
    await list();
    expect(performance.now() - start).toBeGreaterThanOrEqual(29);
  });

  it('stalled_headers never answers', async () => {
    simulator.faults.add({ fault: 'stalled_headers' });
    const abort = new AbortController();
    const waiting = rejection(raw({ signal: abort.signal }));
    const record = await simulator.requests.waitFor((one) => one.fault === 'stalled_headers');
    expect(record.status).toBeUndefined();
    abort.abort();
    expect((await waiting).name).toBe('AbortError');
  });

  it('stalled_body sends headers and a part, then nothing', async () => {
    simulator.faults.add({ fault: 'stalled_body', options: { bytes: 10 } });
    const abort = new AbortController();
    const response = await raw({ signal: abort.signal, headers: { 'accept-encoding': 'identity' } });
    expect(response.status).toBe(200);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    expect((await reader.read()).value?.length).toBe(10);
    const next = rejection(reader.read());
    abort.abort();
    expect((await next).name).toBe('AbortError');
  });

  it('reset_before_headers cuts the connection', async () => {
    simulator.faults.add({ fault: 'reset_before_headers' });
    const error = await rejection(raw());
    expect(error.message).toBe('fetch failed');
    expect((error.cause as { code: string }).code).toBe('ECONNRESET');
    expect(simulator.requests.list()[0]?.status).toBeUndefined();
  });

  it('reset_mid_body cuts the connection after half of the body', async () => {
    simulator.faults.add({ fault: 'reset_mid_body' });
    const response = await raw();
    expect(response.status).toBe(200);
    expect((await rejection(response.text())).message).toBe('terminated');
  });

  it('v2_200_with_failures says in a 200 that nobody got the mail', async () => {
    Nylas6.config({
      clientId: simulator.clientId,
      clientSecret: simulator.clientSecret,
      apiServer: simulator.url,
    });
    simulator.faults.add({ fault: 'v2_200_with_failures', route: '/send' });
    const response = await fetch(`${simulator.url}/send`, {
      method: 'POST',
      headers: { authorization: `Bearer ${simulator.accounts.list()[0]?.accessToken}` },
      body: '{"to":[{"email":"a@example.com"}]}',
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ type: 'api_error', failures: expect.anything() });
    expect(simulator.sent).toHaveLength(0);
  });
});

describe('the v2 words of a fault', () => {
  const v2 = async (): Promise<SdkError> => {
    Nylas6.config({
      clientId: simulator.clientId,
      clientSecret: simulator.clientSecret,
      apiServer: simulator.url,
    });
    return rejection(
      Nylas6.with(simulator.accounts.list()[0]?.accessToken as string).messages.list({ limit: 1 }),
    );
  };
  // biome-ignore format: a table
  it.each([
    ['rate_limit_nylas', 429, 'api_error'],
    ['rate_limit_provider', 429, 'api_error'],
    ['unauthorized', 401, 'Unauthorized'],
    ['grant_expired', 403, 'invalid_request_error'],
    ['application_disabled', 403, 'invalid_request_error'],
    ['not_found', 404, 'invalid_request_error'],
    ['conflict', 409, 'invalid_request_error'],
    ['internal_error', 500, 'api_error'],
    ['unavailable', 503, 'api_error'],
    ['bad_gateway_html', 502, 'Bad Gateway'],
    ['v2_401_plain_text', 401, 'Unauthorized'],
    ['v2_500_without_type', 500, undefined],
  ] as const)('%s is %i %s', async (fault, status, type) => {
    simulator.faults.add({ fault });
    expect(await v2()).toMatchObject({ statusCode: status, type });
  });
});

describe('which requests a rule hits', () => {
  const status = async (path: string, init?: RequestInit): Promise<number> => (await raw(init, path)).status;

  it('a template, however its parameters are called', async () => {
    simulator.faults.add({ fault: 'internal_error', route: '/v3/grants/{grantId}/messages' });
    expect(await status(`/v3/grants/${google.id}/messages`)).toBe(500);
    expect(await status(`/v3/grants/${google.id}/messages/x`)).toBe(404);
    expect(await status('/v3/grants')).toBe(200);
  });

  it('a template of Nylas that the simulator does not serve', async () => {
    simulator.faults.add({ fault: 'internal_error', route: '/v3/migration-tools/grants/{account_id}/clone' });
    expect(await status('/v3/migration-tools/grants/x/clone', { method: 'POST' })).toBe(500);
  });

  it('a pattern over the path', async () => {
    simulator.faults.add({ fault: 'internal_error', route: '/v3/grants/*/messages' });
    simulator.faults.add({ fault: 'unavailable', route: '/v3/connect**' });
    simulator.faults.add({ fault: 'resource_blocked', route: '/v3/*' });
    expect(await status('/v3/applications')).toBe(423);
    expect(await status('/v3/applications/redirect-uris')).toBe(200);
    expect(await status(`/v3/grants/${google.id}/messages`)).toBe(500);
    expect(await status(`/v3/grants/${google.id}/messages/x`)).toBe(404);
    expect(await status('/v3/connectors/google')).toBe(503);
  });

  it('a method, a grant by id or address', async () => {
    simulator.faults.add({ fault: 'internal_error', method: 'POST' });
    simulator.faults.add({ fault: 'unavailable', grant: microsoft.email });
    expect(await status('/v3/grants')).toBe(200);
    expect(await status('/v3/grants', { method: 'POST' })).toBe(500);
    expect(await status(`/v3/grants/${google.id}/messages`)).toBe(200);
    expect(await status(`/v3/grants/${microsoft.id}/messages`)).toBe(503);
  });

  it('after some, so many times, and then no more', async () => {
    const id = simulator.faults.add({ fault: 'internal_error', after: 1, times: 2 });
    const seen: number[] = [];
    for (let i = 0; i < 5; i++) seen.push(await status('/v3/grants'));
    expect(seen).toEqual([200, 500, 500, 200, 200]);
    expect(simulator.faults.list()).toEqual<ActiveFault[]>([
      { id, rule: { fault: 'internal_error', after: 1, times: 2 }, seen: 5, hits: 2 },
    ]);
    expect(simulator.faults.remove(id)).toBe(true);
    expect(simulator.faults.remove(id)).toBe(false);
  });

  it('by chance, and the same ones for the same seed', async () => {
    const run = async (): Promise<number[]> => {
      simulator.reset();
      simulator.faults.add({ fault: 'internal_error', probability: 0.5 });
      const seen: number[] = [];
      for (let i = 0; i < 40; i++) seen.push(await status('/v3/grants'));
      return seen;
    };
    const first = await run();
    expect(new Set(first)).toEqual(new Set([200, 500]));
    expect(await run()).toEqual(first);
  });

  it('the first rule that fires wins', async () => {
    simulator.faults.add({ fault: 'unavailable', times: 1 });
    simulator.faults.add({ fault: 'internal_error' });
    expect([await status('/v3/grants'), await status('/v3/grants')]).toEqual([503, 500]);
  });
});

describe('a rule that is not valid', () => {
  // biome-ignore format: a table
  it.each([
    [{}, 'field fault is missing'],
    [{ fault: 'nonsense' }, 'field fault is of type string; give one of rate_limit_nylas'],
    [{ fault: 'slow', rout: '/v3' }, 'unknown field rout; known are fault, route'],
    [{ fault: 'slow', route: 'v3' }, 'field route is of type string; give a template or pattern'],
    [{ fault: 'slow', times: -1 }, 'field times is the number -1; give a whole number'],
    [{ fault: 'slow', probability: 2 }, 'field probability is the number 2; give a number from 0 to 1'],
    [{ fault: 'slow', options: { ms: 'x' } }, 'field options.ms is of type string; give milliseconds'],
    [{ fault: 'slow', options: { retryAfter: 'a\r\nb' } }, 'field options.retryAfter is of type string'],
    [null, 'a fault rule is an object, not null'],
  ])('%j is refused: %s', (rule, message) => {
    expect(() => simulator.faults.add(rule as never)).toThrow(SimulatorError);
    expect(() => simulator.faults.add(rule as never)).toThrow(message);
    expect(simulator.faults.list()).toEqual([]);
  });
});

it('tries every fault that there is', () => {
  const tried = new Set<string>([
    ...ERRORS.map((one) => one.fault),
    'oauth_error',
    'empty_200',
    'malformed_json',
    'huge_body',
    'early_hints',
    'redirect',
    'slow',
    'stalled_headers',
    'stalled_body',
    'reset_before_headers',
    'reset_mid_body',
    'v2_200_with_failures',
  ]);
  expect([...tried].sort()).toEqual([...FAULT_NAMES].sort());
});

it('had no defect', () => {
  expect(simulator.defects).toEqual([]);
});
