import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Account, type RepairPlan, type Simulator, startSimulator } from '../src/index.ts';

let simulator: Simulator;
let account: Account;
beforeAll(async () => {
  simulator = await startSimulator({ clock: { scale: 0 } });
});
afterAll(() => simulator.close());
beforeEach(() => {
  simulator.reset();
  account = simulator.accounts.list()[0] as Account;
});

/** What was told of accounts; writes tell of their objects too. */
const told = (): string[] =>
  simulator.notices
    .list()
    .map((one) => one.trigger)
    .filter((trigger) => trigger.startsWith('account.'));
const state = (): string | undefined => simulator.accounts.get(account.id)?.syncState;

async function call(
  method: string,
  path: string,
  token: string,
  body?: object,
): Promise<{ status: number; json: Record<string, unknown> }> {
  const response = await fetch(simulator.url + path, {
    method,
    headers: { authorization: `Basic ${Buffer.from(`${token}:`).toString('base64')}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, json: text.startsWith('{') ? JSON.parse(text) : { text } };
}
/** A management call with the client secret. */
const manage = (action: string, body?: object) =>
  call('POST', `/a/${simulator.clientId}/accounts/${account.id}/${action}`, simulator.clientSecret, body);
const write = (token = account.accessToken) =>
  call('POST', '/contacts', token, { given_name: 'Ada' }).then((answer) => answer.status);

describe('the states of an account', () => {
  it.each([
    ['stop', 'stopped', 403, 'account.stopped'],
    ['invalidate', 'invalid', 403, 'account.invalid'],
    ['failSync', 'sync_error', 200, 'account.sync_error'],
    ['degrade', 'partial', 200, undefined],
  ] as const)('%s: it is %s, a write is answered %i, and %s is told', async (act, name, status, trigger) => {
    simulator.accounts[act](account.id);
    simulator.accounts[act](account.id);
    expect(state()).toBe(name);
    expect(await write()).toBe(status);
    expect((await call('GET', '/messages?limit=1', account.accessToken)).status).toBe(200);
    expect(told()).toEqual(trigger === undefined ? [] : [trigger]);
    simulator.accounts.run(account.id);
    expect([state(), told().at(-1)]).toEqual(['running', 'account.running']);
    expect(await write()).toBe(200);
  });

  it('tell of an account that is connected', () => {
    simulator.accounts.create({ email: 'new@example.net' });
    expect(told()).toEqual(['account.connected', 'account.running']);
  });
});

describe('a restart', () => {
  it('cancels, and runs within a minute of the upgrade', async () => {
    simulator.accounts.stop(account.id);
    expect((await manage('downgrade')).json).toEqual({ success: true });
    expect((await call('GET', '/account', account.accessToken)).status).toBe(403);
    expect((await manage('upgrade')).json).toEqual({ success: true });
    expect(simulator.accounts.get(account.id)).toMatchObject({ billingState: 'paid', syncState: 'stopped' });
    expect(await write()).toBe(403);
    await simulator.clock.advance(60_000);
    expect([state(), told().at(-1), await write()]).toEqual(['running', 'account.running', 200]);
  });

  it('leaves a cancelled account cancelled when nobody upgrades it', async () => {
    simulator.accounts.stop(account.id);
    await manage('downgrade');
    await manage('upgrade');
    await manage('downgrade');
    await simulator.clock.advance(600_000);
    expect(simulator.accounts.get(account.id)).toMatchObject({
      billingState: 'cancelled',
      syncState: 'stopped',
    });
  });

  it('does not mend invalid credentials', async () => {
    simulator.accounts.invalidate(account.id);
    await manage('downgrade');
    await manage('upgrade');
    await simulator.clock.advance(600_000);
    expect(state()).toBe('invalid');
  });

  it('comes to what the plan says, in order, and the last outcome stays', async () => {
    simulator.accounts.plan(account.id, {
      upgrade: [
        { state: 'stopped', afterMs: 10_000 },
        { state: 'partial', afterMs: 20_000, next: { state: 'running', afterMs: 100_000 } },
      ],
    });
    simulator.accounts.stop(account.id);
    const restart = async (): Promise<void> => {
      await manage('downgrade');
      await manage('upgrade');
    };
    await restart();
    await simulator.clock.advance(60_000);
    expect(state()).toBe('stopped');
    for (let round = 0; round < 2; round++) {
      await restart();
      await simulator.clock.advance(20_000);
      expect(state()).toBe('partial');
      await simulator.clock.advance(100_000);
      expect(state()).toBe('running');
      simulator.accounts.stop(account.id);
    }
  });

  it.each([
    [{ upgrade: { state: 'fine' } }, 'option upgrade[0].state is of type string; give one of running'],
    [{ restart: [] }, 'unknown option restart; known are upgrade, reauthenticate'],
    [{ upgrade: { state: 'partial', next: { state: 1 } } }, 'option upgrade[0].next.state is the number 1'],
  ])('refuses the plan %j', (plan, message) => {
    expect(() => simulator.accounts.plan(account.id, plan as RepairPlan)).toThrow(message);
  });
});

describe('a re-authentication', () => {
  /** The login of SDK 6: authorize, exchange with client id and secret. */
  async function login(): Promise<string> {
    const query = new URLSearchParams({
      client_id: simulator.clientId,
      redirect_uri: 'https://app.example.com/back',
      login_hint: account.email,
      response_type: 'code',
      scopes: 'email',
    });
    const page = await fetch(`${simulator.url}/oauth/authorize?${query}`, {
      headers: { accept: 'text/html' },
    });
    expect(await page.text()).toContain(account.email);
    const answer = await fetch(`${simulator.url}/__sim/login/v2?${query}`, {
      method: 'POST',
      body: new URLSearchParams({ email: account.email, decision: 'allow' }),
      redirect: 'manual',
    });
    const code = new URL(answer.headers.get('location') as string).searchParams.get('code');
    const { json } = await call('POST', '/oauth/token', '', {
      client_id: simulator.clientId,
      client_secret: simulator.clientSecret,
      grant_type: 'authorization_code',
      code,
    });
    expect(json.account_id).toBe(account.id);
    return json.access_token as string;
  }

  it('issues a new token, runs, and leaves the old tokens alive until they are revoked', async () => {
    simulator.accounts.invalidate(account.id);
    const old = account.accessToken;
    const fresh = await login();
    expect(fresh).not.toBe(old);
    expect([state(), told()]).toEqual(['running', ['account.invalid', 'account.running']]);
    expect(await write(old)).toBe(200);
    expect((await manage('token-info', { access_token: old })).json).toMatchObject({ state: 'valid' });
    expect((await manage('revoke-all', { keep_access_token: fresh })).json).toEqual({ success: true });
    expect(await write(old)).toBe(401);
    expect((await manage('token-info', { access_token: old })).status).toBe(404);
    expect(await write(fresh)).toBe(200);
  });

  it('comes to what the plan says', async () => {
    simulator.accounts.plan(account.id, { reauthenticate: { state: 'partial' } });
    simulator.accounts.invalidate(account.id);
    await login();
    expect(state()).toBe('partial');
  });
});

describe('over HTTP', () => {
  const post = async (path: string, body?: object): Promise<[number, Record<string, unknown>]> => {
    const response = await fetch(`${simulator.url}/__sim/accounts/${path}`, {
      method: 'POST',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return [response.status, (await response.json()) as Record<string, unknown>];
  };

  it('every step of a life can be taken', async () => {
    const step = async (action: string): Promise<unknown> => {
      const [, { account: now }] = await post(`${account.id}/${action}`);
      return now;
    };
    expect(await step('stop')).toMatchObject({ syncState: 'stopped' });
    expect(await step('degrade')).toMatchObject({ syncState: 'partial' });
    expect(await step('fail-sync')).toMatchObject({ syncState: 'sync_error' });
    expect(await step('invalidate')).toMatchObject({ syncState: 'invalid' });
    expect(await step('reauthenticate')).toMatchObject({ syncState: 'running' });
    expect(await step('downgrade')).toMatchObject({ billingState: 'cancelled' });
    expect(await step('upgrade')).toMatchObject({ billingState: 'paid' });
    expect((await post(`${account.id}/plan`, { upgrade: { state: 'stopped' } }))[0]).toBe(200);
    expect(await post(`${account.id}/plan`, { upgrade: 5 })).toEqual([
      400,
      { error: 'option upgrade[0] is the number 5; give an object' },
    ]);
  });
});
