import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Grant, type Simulator, startSimulator } from '../src/index.ts';
import { type NylasClient, rejection, V3_SDKS } from './sdks.ts';

const HOUR = 3_600_000;
let simulator: Simulator;
let nylas: NylasClient;
let grant: Grant;
beforeAll(async () => {
  simulator = await startSimulator({ clock: { scale: 0 } });
});
afterAll(() => simulator.close());
beforeEach(() => {
  simulator.reset();
  const [, Sdk] = V3_SDKS[0] as (typeof V3_SDKS)[number];
  nylas = new Sdk({ apiKey: simulator.apiKey, apiUri: simulator.url });
  grant = simulator.grants.list()[0] as Grant;
});

const read = (): Promise<unknown> => nylas.messages.list({ identifier: grant.id });
const statusOf = async (): Promise<unknown> =>
  (await nylas.grants.find({ grantId: grant.id })).data.grantStatus;
const told = (): string[] => simulator.notices.list().map((one) => one.trigger);

function loginUrl(): string {
  return nylas.auth.urlForOAuth2({
    clientId: simulator.clientId,
    redirectUri: 'https://app.example.com/back',
    loginHint: grant.email,
    state: 'mine',
  });
}

/** Opens the page as a browser does and presses a button. */
async function press(decision: 'allow' | 'deny', url = loginUrl()): Promise<URL> {
  const page = await (await fetch(url, { headers: { accept: 'text/html,*/*;q=0.8' } })).text();
  const action = /action="([^"]+)"/.exec(page)?.[1]?.replaceAll('&#38;', '&') as string;
  const email = /name="email"[^>]*value="([^"]*)"/.exec(page)?.[1] as string;
  const answer = await fetch(new URL(action, url), {
    method: 'POST',
    body: new URLSearchParams({ email, decision }),
    redirect: 'manual',
  });
  expect(answer.status).toBe(302);
  return new URL(answer.headers.get('location') as string);
}

describe('a grant that expires', () => {
  it('answers 401 before Nylas notices, then says so and tells it', async () => {
    simulator.grants.expire(grant.id, { noticedAfterMs: 5 * 60_000 });
    expect(await rejection(read())).toMatchObject({ statusCode: 401 });
    expect([await statusOf(), told()]).toEqual(['valid', []]);
    await simulator.clock.advance(5 * 60_000 - 1);
    expect([await statusOf(), told()]).toEqual(['valid', []]);
    await simulator.clock.advance(1);
    expect([await statusOf(), told()]).toEqual(['invalid', ['grant.expired']]);
    expect(simulator.notices.list()[0]).toMatchObject({
      version: 'v3',
      accountId: grant.id,
      object: { code: 25009, grant_id: grant.id, email: grant.email },
    });
  });

  it('is noticed within ten minutes where nothing else is said', async () => {
    simulator.grants.expire(grant.id);
    await simulator.clock.advance(600_000);
    expect(simulator.grants.get(grant.id)?.status).toBe('invalid');
  });

  it('is not told when the user came back first', async () => {
    simulator.grants.expire(grant.id, { noticedAfterMs: HOUR });
    simulator.grants.reauthenticate(grant.id);
    await simulator.clock.advance(2 * HOUR);
    expect(told()).toEqual(['grant.updated']);
    await read();
  });

  it('is told once, however often it expires', async () => {
    simulator.grants.expire(grant.id, { noticedAfterMs: 0 });
    simulator.grants.expire(grant.id);
    await simulator.clock.advance(HOUR);
    expect(told()).toEqual(['grant.expired']);
  });
});

describe('the hosted login', () => {
  it('brings a grant back under its id: page, button, code, token', async () => {
    simulator.grants.expire(grant.id, { noticedAfterMs: 0 });
    const back = await press('allow');
    expect(`${back.origin}${back.pathname}`).toBe('https://app.example.com/back');
    expect(back.searchParams.get('state')).toBe('mine');
    expect(await statusOf()).toBe('invalid');
    const exchanged = await nylas.auth.exchangeCodeForToken({
      clientId: simulator.clientId,
      clientSecret: simulator.apiKey,
      redirectUri: 'https://app.example.com/back',
      code: back.searchParams.get('code') as string,
    });
    expect(exchanged).toMatchObject({ grantId: grant.id, email: grant.email });
    expect(await statusOf()).toBe('valid');
    await read();
    expect(simulator.notices.list().at(-1)).toMatchObject({
      trigger: 'grant.updated',
      object: { code: 25027, reauthentication_flag: true },
    });
  });

  it('goes back with an error when the user refuses', async () => {
    simulator.grants.expire(grant.id);
    const back = await press('deny');
    expect(Object.fromEntries(back.searchParams)).toMatchObject({ error: 'access_denied', state: 'mine' });
    expect(back.searchParams.has('code')).toBe(false);
    expect(await rejection(read())).toMatchObject({ statusCode: 401 });
  });

  it('makes a grant for an address that has none, and tells it', async () => {
    const url = loginUrl().replace(encodeURIComponent(grant.email), 'new%40example.net');
    const code = (await press('allow', url)).searchParams.get('code') as string;
    const { grantId } = await nylas.auth.exchangeCodeForToken({
      clientId: simulator.clientId,
      redirectUri: 'https://app.example.com/back',
      code,
    });
    expect(simulator.grants.get('new@example.net')?.id).toBe(grantId);
    expect(told()).toEqual(['grant.created']);
  });

  it('escapes what it is given, and refuses a form for another application', async () => {
    const url = new URL(loginUrl());
    url.searchParams.set('login_hint', '"><script>alert(1)</script>');
    const page = await (await fetch(url, { headers: { accept: 'text/html' } })).text();
    expect(page).not.toContain('<script>');
    url.searchParams.set('client_id', 'another');
    const form = `${simulator.url}/__sim/login/v3${url.search}`;
    expect((await fetch(form, { method: 'POST', redirect: 'manual' })).status).toBe(400);
    expect((await fetch(form.replace('/v3?', '/v9?'), { method: 'POST' })).status).toBe(404);
  });

  it('is skipped by clients that are no browsers, unless everybody gets it', async () => {
    expect((await fetch(loginUrl(), { redirect: 'manual' })).status).toBe(302);
    const strict = await startSimulator({ hostedLogin: 'page' });
    const url = loginUrl().replace(simulator.url, strict.url);
    expect((await fetch(url, { redirect: 'manual' })).status).toBe(200);
    await strict.close();
  });
});

describe('other ways back', () => {
  it('are new settings', async () => {
    simulator.grants.expire(grant.id, { noticedAfterMs: 0 });
    await nylas.grants.update({ grantId: grant.id, requestBody: { settings: { refresh_token: 'r' } } });
    expect(await statusOf()).toBe('valid');
    expect(told()).toEqual(['grant.expired', 'grant.updated']);
  });
});

describe('over HTTP', () => {
  const post = async (path: string, body?: object): Promise<[number, Record<string, unknown>]> => {
    const response = await fetch(`${simulator.url}/__sim/grants/${path}`, {
      method: 'POST',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return [response.status, (await response.json()) as Record<string, unknown>];
  };

  it('a grant expires and comes back', async () => {
    const [, expired] = await post(`${grant.id}/expire`, { noticedAfterMs: 0 });
    expect(expired).toMatchObject({ grant: { id: grant.id, expired: true, status: 'invalid' } });
    const [, back] = await post(`${encodeURIComponent(grant.email)}/reauthenticate`);
    expect(back).toMatchObject({ grant: { id: grant.id, expired: false, status: 'valid' } });
  });

  it.each([
    ['nobody/expire', undefined, 404, 'there is no grant nobody'],
    ['x/explode', undefined, 404, 'there is no action explode; give {id}/ and one of expire'],
    ['x/expire', { noticedAfterMs: -1 }, 400, 'option noticedAfterMs is the number -1'],
    ['x/reauthenticate', { by: 'me' }, 400, 'unknown option by'],
  ])('%s with %j is answered %s: %s', async (path, body, status, message) => {
    expect(await post(path, body)).toEqual([status, { error: expect.stringContaining(message) }]);
  });
});
