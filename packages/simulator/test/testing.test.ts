import { AssertionError } from 'node:assert';
import { afterAll, afterEach, test as base, beforeAll, describe, expect, it } from 'vitest';
import {
  accountIsCancelled,
  accountIsInvalid,
  accountStops,
  applicationDisabled,
  badGateway,
  expectNylasRequests,
  type FaultScript,
  grantComesBack,
  grantExpires,
  grantIsBlocked,
  hangs,
  incidentOpens,
  keyRefused,
  type NylasSimulator,
  notThereYet,
  nylasFails,
  nylasFixture,
  providerFails,
  providerTimesOut,
  rateLimited,
  repairComesTo,
  scopesMissing,
  sentButTimedOut,
  startNylasSimulator,
  unavailable,
  useNylasSimulator,
  webhookBurst,
  webhooksComeAnyhow,
  webhooksComeBack,
  webhooksStop,
  wrongRegion,
} from '../src/testing.ts';
import { startReceiver } from './receiver.ts';
import { V3_SDKS } from './sdks.ts';

const nylas = useNylasSimulator(
  { clock: { scale: 0 }, grants: 2, accounts: 2 },
  { beforeAll, afterEach, afterAll },
);
const grant = (): string => nylas().grants.list()[0]?.id as string;
const LIST = 'GET /v3/grants/{grant_id}/messages';

async function list(query = ''): Promise<Response> {
  return fetch(`${nylas().url}/v3/grants/${grant()}/messages${query}`, {
    headers: { authorization: `Bearer ${nylas().apiKey}` },
  });
}
async function read(token = nylas().accounts.list()[0]?.accessToken): Promise<Response> {
  return fetch(`${nylas().url}/contacts`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: '{"given_name":"Ada"}',
  });
}

describe('useNylasSimulator', () => {
  it('starts a simulator before the tests', async () => {
    expect((await list()).status).toBe(200);
    nylas().play(grantExpires());
    expect((await list()).status).toBe(401);
  });

  it('and brings it back to its start after each', async () => {
    expectNylasRequests(nylas()).never();
    expect((await list()).status).toBe(200);
  });

  it('says what to do where there are no hooks, and when it is asked too early', () => {
    expect(() => useNylasSimulator()).toThrow('pass { beforeAll, afterEach, afterAll } of your test runner');
    const early = useNylasSimulator({}, { beforeAll: () => {}, afterEach: () => {}, afterAll: () => {} });
    expect(early).toThrow('ask for it in hooks and tests only');
  });
});

const test = base.extend<{ own: NylasSimulator }>({ own: nylasFixture({ grants: 1 }) });
test('the vitest fixture is a simulator of its own', async ({ own }) => {
  expect(own.grants.list()).toHaveLength(1);
  expect(own.url).not.toBe(nylas().url);
});

describe('startNylasSimulator', () => {
  it('gives the environment that configures a client, and closes itself', async () => {
    await using own = await startNylasSimulator();
    const { NYLAS_API_KEY: apiKey, NYLAS_API_URI: apiUri } = own.environment();
    const [, Sdk] = V3_SDKS[0] as (typeof V3_SDKS)[number];
    expect((await new Sdk({ apiKey, apiUri }).grants.list()).data).toHaveLength(3);
  });
});

describe('scripts by name', () => {
  it.each<[FaultScript, number]>([
    [rateLimited('nylas'), 429],
    [rateLimited('provider'), 429],
    [rateLimited('unknown'), 429],
    [rateLimited('mailbox'), 429],
    [keyRefused(), 401],
    [wrongRegion(), 401],
    [scopesMissing(), 403],
    [applicationDisabled(), 403],
    [notThereYet(), 404],
    [nylasFails(), 500],
    [providerFails(), 500],
    [badGateway(), 502],
    [unavailable(), 503],
    [providerTimesOut(), 504],
    [grantExpires(), 401],
    [grantIsBlocked(), 423],
  ])('$name: a v3 read is answered %i', async (script, status) => {
    nylas().play(script);
    expect((await list()).status).toBe(status);
  });

  it.each<[FaultScript, number]>([
    [accountStops(), 403],
    [accountIsInvalid(), 403],
    [accountIsCancelled(), 403],
    [rateLimited('provider'), 429],
  ])('$name: a v2 write is answered %i', async (script, status) => {
    nylas().play(script);
    expect((await read()).status).toBe(status);
  });

  it('carry the Retry-After they are told, and hit as often as they are told', async () => {
    nylas().play(rateLimited('provider', { retryAfter: 30, times: 1, route: '/v3/grants/{id}/messages' }));
    expect((await list()).headers.get('retry-after')).toBe('30');
    expect((await list()).status).toBe(200);
  });

  it('are about the mailbox they name', async () => {
    const other = nylas().grants.list()[1]?.id as string;
    nylas().play(grantExpires({ grant: other }));
    expect((await list()).status).toBe(200);
    expect(nylas().grants.get(other)?.status).toBe('invalid');
    nylas().play(grantComesBack({ grant: other }));
    expect(nylas().grants.get(other)?.status).toBe('valid');
    expect(() => nylas().play(grantExpires({ grant: 'nobody' }))).toThrow('there is no grant nobody');
  });

  it('let a mail go out that the client is told has timed out', async () => {
    nylas().play(sentButTimedOut());
    const send = await fetch(`${nylas().url}/v3/grants/${grant()}/messages/send`, {
      method: 'POST',
      headers: { authorization: `Bearer ${nylas().apiKey}` },
      body: JSON.stringify({ subject: 'Once', to: [{ email: 'a@example.com' }] }),
    });
    expect([send.status, nylas().sent.length]).toEqual([504, 1]);
  });

  it('let a request hang until its own time-out', async () => {
    nylas().play(hangs());
    await expect(fetch(nylas().url, { signal: AbortSignal.timeout(50) })).rejects.toThrow('timeout');
  });

  it('let repairs come to what is planned', async () => {
    nylas().play(repairComesTo({ upgrade: { state: 'stopped', afterMs: 1000 } }), accountStops());
    const id = nylas().accounts.list()[0]?.id as string;
    nylas().accounts.downgrade(id);
    nylas().accounts.upgrade(id);
    await nylas().clock.advance(120_000);
    expect(nylas().accounts.get(id)?.syncState).toBe('stopped');
  });

  it('let webhooks stop, come back, come anyhow and come in a burst', async () => {
    await using receiver = await startReceiver();
    await nylas().webhooks.subscribe({ url: receiver.url });
    nylas().play(webhooksStop(), webhookBurst('message.opened', 10));
    await nylas().clock.settled();
    expect(receiver.received).toHaveLength(0);
    nylas().play(
      webhooksComeBack(),
      webhooksComeAnyhow({ duplicates: 1 }),
      webhookBurst('message.opened', 10),
    );
    await nylas().clock.advance(1000);
    expect(receiver.received).toHaveLength(20);
  });

  it('open an incident on the status page', () => {
    nylas().play(incidentOpens({ name: 'Down', impact: 'critical' }));
    expect(nylas().status.incidents()).toMatchObject([{ name: 'Down', impact: 'critical' }]);
  });
});

describe('expectNylasRequests', () => {
  /** What an assertion says when it does not hold. */
  function failure(act: () => unknown): AssertionError {
    try {
      act();
    } catch (error) {
      expect(error).toBeInstanceOf(AssertionError);
      return error as AssertionError;
    }
    throw new Error('the assertion held');
  }

  it('counts and follows what was asked', async () => {
    nylas().play(rateLimited('nylas', { times: 1 }));
    await list('?limit=5');
    await nylas().clock.advance(2000);
    await list('?limit=5');
    const seen = expectNylasRequests(nylas(), LIST);
    seen.times(2).atLeast(1).atMost(2).answered(429, 200).inOrder(LIST, '/v3/grants/{id}/messages');
    seen
      .withQuery({ limit: '5' })
      .withHeader('Authorization', /^Bearer /)
      .withoutHeader('traceparent')
      .apart(2000);
    expectNylasRequests(nylas(), { method: 'get', grant: grant() }).times(2);
    expectNylasRequests(nylas(), '/v3/grants/*/messages').times(2);
    expectNylasRequests(nylas(), 'POST /v3/**').never();
    expect(seen.requests.map((one) => one.fault)).toEqual(['rate_limit_nylas', undefined]);
  });

  it('sees the bodies', async () => {
    await read();
    const account = nylas().accounts.list()[0]?.id as string;
    const seen = expectNylasRequests(nylas(), { account }).withBody({ given_name: 'Ada' });
    expect(failure(() => seen.withBody({ given_name: 'Bob' })).message).toContain('with the body');
  });

  it.each<[string, (seen: ReturnType<typeof expectNylasRequests>) => unknown]>([
    ['1 times', (seen) => seen.times(1)],
    ['at least 3 times', (seen) => seen.atLeast(3)],
    ['at most 1 times', (seen) => seen.atMost(1)],
    ['0 times', (seen) => seen.never()],
    ['answered 200, 500', (seen) => seen.answered(200, 500)],
    ['in the order GET /v3/grants', (seen) => seen.inOrder('GET /v3/grants')],
    ['with the header x-mine', (seen) => seen.withHeader('x-mine')],
    ['with the header authorization', (seen) => seen.withHeader('authorization', 'other')],
    ['without the header authorization', (seen) => seen.withoutHeader('authorization')],
    ['with the query', (seen) => seen.withQuery({ limit: '1' })],
    ['5 ms apart', (seen) => seen.apart(5)],
  ])('lists what was asked when it does not hold: %s', async (what, act) => {
    await list();
    await list();
    const { message } = failure(() => act(expectNylasRequests(nylas(), LIST)));
    expect(message).toContain(`expected ${LIST} ${what}`);
    expect(message).toContain(`\n  GET /v3/grants/${grant()}/messages -> 200`);
  });

  it('does not hold on each of no requests', () => {
    const none = expectNylasRequests(nylas());
    for (const act of [
      () => none.withHeader('accept'),
      () => none.withoutHeader('accept'),
      () => none.withQuery({}),
      () => none.withBody({}),
      () => none.apart(0),
    ]) {
      expect(failure(act).message).toMatch(/^expected any request .*; Nylas was asked: none$/);
    }
  });
});
