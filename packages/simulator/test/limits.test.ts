import { afterEach, describe, expect, it } from 'vitest';
import { type Grant, type Simulator, type SimulatorOptions, startSimulator } from '../src/index.ts';

let simulator: Simulator;
const NOON = Date.UTC(2026, 0, 1, 12);
let now = NOON;
afterEach(() => simulator.close());

async function start(options: SimulatorOptions = {}): Promise<void> {
  now = NOON;
  simulator = await startSimulator({ clock: () => now, ...options });
}
const get = (path: string, init: RequestInit = {}, token: string = simulator.apiKey): Promise<Response> =>
  fetch(`${simulator.url}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${token}`, ...init.headers },
  });
/** How often each status comes back for `count` requests, sent in small groups. */
async function statuses(count: number, send: () => Promise<Response>): Promise<Record<number, number>> {
  const seen: Record<number, number> = {};
  for (let sent = 0; sent < count; sent += 20) {
    const group = Array.from({ length: Math.min(20, count - sent) }, send);
    for (const response of await Promise.all(group)) {
      await response.arrayBuffer();
      seen[response.status] = (seen[response.status] ?? 0) + 1;
    }
  }
  return seen;
}
const provider = (name: string): Grant =>
  simulator.grants.list().find((one) => one.provider === name) as Grant;

describe('v3 limits', () => {
  it('lets 50 administrative requests a second through, for the application as a whole', async () => {
    await start();
    expect(await statuses(60, () => get('/v3/grants?limit=1'))).toEqual({ 200: 50, 429: 10 });
    const refused = await get('/v3/webhooks');
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBeNull();
    const body = (await refused.json()) as { error: { type: string; provider_error?: unknown } };
    expect(body.error.type).toBe('nylas_rate_limit_exceeded');
    expect(body.error.provider_error).toBeUndefined();
    now += 1000;
    expect((await get('/v3/webhooks')).status).toBe(200);
  });

  it('lets 200 data requests a second through, for each grant', async () => {
    await start();
    const [one, other] = simulator.grants.list() as [Grant, Grant];
    expect(await statuses(210, () => get(`/v3/grants/${one.id}/folders`))).toEqual({ 200: 200, 429: 10 });
    expect((await get(`/v3/grants/${other.id}/folders`)).status).toBe(200);
    now += 1000;
    expect((await get(`/v3/grants/${one.email}/folders`)).status).toBe(200);
  });

  it('lets 10 multipart sends a second through, and JSON sends beside them', async () => {
    await start();
    const grant = provider('google');
    const path = `/v3/grants/${grant.id}/messages/send`;
    const message = JSON.stringify({ to: [{ email: 'a@example.com' }] });
    const multipart = (): Promise<Response> => {
      const body = new FormData();
      body.set('message', message);
      return get(path, { method: 'POST', body });
    };
    expect(await statuses(12, multipart)).toEqual({ 200: 10, 429: 2 });
    expect((await get(path, { method: 'POST', body: message })).status).toBe(200);
    expect(simulator.sent).toHaveLength(11);
  });

  it('lets four requests at a time into a Microsoft mailbox, in the words of Microsoft', async () => {
    await start({ latency: 50 });
    const microsoft = `/v3/grants/${provider('microsoft').id}/messages?limit=1`;
    const answers = await Promise.all(Array.from({ length: 6 }, () => get(microsoft)));
    expect(answers.map((one) => one.status).sort()).toEqual([200, 200, 200, 200, 429, 429]);
    const refused = answers.find((one) => one.status === 429) as Response;
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await refused.json()).toMatchObject({
      error: { type: 'rate_limit_error', provider_error: { error: { code: 'ApplicationThrottled' } } },
    });
    expect((await get(microsoft)).status).toBe(200);
    const google = `/v3/grants/${provider('google').id}/messages?limit=1`;
    expect(await statuses(6, () => get(google))).toEqual({ 200: 6 });
  });

  it('gives the place of a client that left to the next one', async () => {
    await start({ latency: 60_000, limits: { microsoftConcurrent: 1 } });
    const path = `/v3/grants/${provider('microsoft').id}/messages?limit=1`;
    const abort = new AbortController();
    const first = get(path, { signal: abort.signal }).catch(() => 'left');
    await simulator.requests.waitFor((one) => one.path.endsWith('/messages'));
    abort.abort();
    expect(await first).toBe('left');
    simulator.requests.clear();
    // The next one is admitted (and then as slow): it is under way and not refused.
    const abortNext = new AbortController();
    const next = get(path, { signal: abortNext.signal }).then(
      (response) => response.status,
      () => 'left',
    );
    await simulator.requests.waitFor((one) => one.path.endsWith('/messages'));
    abortNext.abort();
    expect(await next).toBe('left');
  });

  it('starts to count anew after a reset', async () => {
    await start();
    await statuses(51, () => get('/v3/grants?limit=1'));
    simulator.reset();
    expect((await get('/v3/grants?limit=1')).status).toBe(200);
  });

  it('can be switched off, or set to other numbers', async () => {
    await start({ limits: false });
    expect(await statuses(60, () => get('/v3/grants?limit=1'))).toEqual({ 200: 60 });
    await simulator.close();
    await start({ limits: { adminPerSecond: 2 } });
    expect(await statuses(4, () => get('/v3/grants?limit=1'))).toEqual({ 200: 2, 429: 2 });
  });
});

describe('v2 limits', () => {
  it('lets 50 requests a second through, for each account and endpoint', async () => {
    await start({ limits: { v2ListConcurrent: 100 } });
    const token = simulator.accounts.list()[0]?.accessToken as string;
    const messages = (): Promise<Response> => get('/messages?limit=1', {}, token);
    expect(await statuses(55, messages)).toEqual({ 200: 50, 429: 5 });
    const refused = await messages();
    expect(refused.headers.get('x-ratelimit-limit')).toBe('50');
    expect(refused.headers.get('x-ratelimit-reset')).toBe('1');
    expect((await get('/threads?limit=1', {}, token)).status).toBe(200);
    now += 1000;
    expect((await messages()).status).toBe(200);
  });

  it('lets 5 lists run at a time', async () => {
    await start({ latency: 50 });
    const token = simulator.accounts.list()[0]?.accessToken as string;
    expect(await statuses(7, () => get('/messages?limit=1', {}, token))).toEqual({ 200: 5, 429: 2 });
  });

  it('lets 10 IP address calls an hour through', async () => {
    await start();
    const path = `/a/${simulator.clientId}/ip_addresses`;
    const call = (): Promise<Response> => get(path, {}, simulator.clientSecret);
    expect(await statuses(12, call)).toEqual({ 200: 10, 429: 2 });
    expect((await call()).headers.get('x-ratelimit-reset')).toBe('3600');
    now += 3_600_000;
    expect((await call()).status).toBe(200);
  });
});
