import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../src/index.ts';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ grants: 5, accounts: 5 });
});
afterAll(() => simulator.close());
beforeEach(() => simulator.reset());

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown> & { error?: string };
}
async function control(method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${simulator.url}/__sim${path}`, {
    method,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

describe('the control interface', () => {
  it('shows keys and counts', async () => {
    expect(await control('GET', '')).toMatchObject({
      status: 200,
      body: { api_key: simulator.apiKey, client_id: simulator.clientId, grants: { total: 5 }, defects: [] },
    });
  });

  it('switches faults on and off', async () => {
    const added = await control('POST', '/faults', {
      fault: 'internal_error',
      route: '/v3/grants',
      times: 1,
    });
    expect(added).toEqual({ status: 201, body: { id: 'fault-1' } });
    const list = (): Promise<Response> =>
      fetch(`${simulator.url}/v3/grants`, { headers: { authorization: `Bearer ${simulator.apiKey}` } });
    expect((await list()).status).toBe(500);
    expect((await control('GET', '/faults')).body).toMatchObject({ faults: [{ id: 'fault-1', hits: 1 }] });
    expect((await control('DELETE', '/faults/fault-1')).body).toEqual({ faults: [] });
    expect((await control('DELETE', '/faults/fault-1')).status).toBe(404);
    simulator.faults.add({ fault: 'internal_error' });
    expect((await control('DELETE', '/faults')).body).toEqual({ faults: [] });
    expect((await list()).status).toBe(200);
  });

  it('is not hit by faults itself', async () => {
    simulator.faults.add({ fault: 'reset_before_headers' });
    expect((await control('GET', '/faults')).status).toBe(200);
  });

  it('sets the states of grants and accounts, and makes new ones', async () => {
    const grant = simulator.grants.list()[0];
    const changed = await control('POST', '/grants', { id: grant?.id, status: 'invalid' });
    expect(changed).toMatchObject({
      status: 200,
      body: { grant: { status: 'invalid' }, counts: { total: 5 } },
    });
    expect(simulator.grants.counts().byStatus).toEqual({ valid: 4, invalid: 1 });
    const made = await control('POST', '/grants', { email: 'new@example.com', provider: 'imap' });
    expect(made).toMatchObject({ status: 201, body: { counts: { total: 6 } } });

    const account = simulator.accounts.list()[0];
    await control('POST', '/accounts', { email: account?.email, syncState: 'stopped' });
    expect(simulator.accounts.counts().byState).toEqual({ running: 4, stopped: 1 });
    expect((await control('DELETE', `/accounts/${account?.id}`)).body).toMatchObject({
      counts: { total: 4 },
    });
    expect((await control('DELETE', '/grants/new%40example.com')).body).toMatchObject({
      counts: { total: 5 },
    });
    expect((await control('GET', '/grants?limit=2')).body.grants).toHaveLength(2);
  });

  it('shows and forgets requests and sends, and resets', async () => {
    await fetch(`${simulator.url}/v3/grants?limit=1`);
    const { body } = await control('GET', '/requests?limit=1');
    expect(body).toMatchObject({
      total: 1,
      requests: [{ path: '/v3/grants', query: '?limit=1', status: 401 }],
    });
    expect((await control('DELETE', '/requests')).body).toEqual({ total: 0, requests: [] });
    expect((await control('GET', '/sent')).body).toEqual({ sent: [] });
    simulator.grants.delete(simulator.grants.list()[0]?.id as string);
    expect((await control('POST', '/reset')).body).toMatchObject({ grants: { total: 5 } });
  });

  // biome-ignore format: a table
  it.each([
    ['POST', '/faults', '{', 400, 'send a JSON object as the body'],
    ['POST', '/faults', [], 400, 'send a JSON object as the body'],
    ['POST', '/faults', { fault: 'x' }, 400, 'field fault is of type string; give one of'],
    ['POST', '/grants', { status: 'gone' }, 400, 'option status is of type string; give one of valid, invalid'],
    ['POST', '/grants', { colour: 'red' }, 400, 'unknown option colour; known are id, email'],
    ['POST', '/grants', { email: 'ada.almeida.1@example.org', name: 'x' }, 400, 'name cannot be changed'],
    ['POST', '/accounts', { syncState: 7 }, 400, 'option syncState is the number 7; give one of running'],
    ['DELETE', '/grants/nobody', undefined, 404, 'there is no grant nobody'],
    ['DELETE', '/grants/%E0%A4%A', undefined, 400, 'not validly encoded'],
    ['GET', '/requests?limit=none', undefined, 400, 'limit must be a whole number'],
    ['GET', '/nonsense', undefined, 404, 'no such control route; there are GET'],
  ])('answers %s %s %j with %i: %s', async (method, path, body, status, message) => {
    const answer = await control(method, path, body);
    expect(answer.status).toBe(status);
    expect(answer.body.error).toContain(message);
  });
});

describe('the clock over HTTP', () => {
  it('is shown, scaled and stepped', async () => {
    const before = (await control('POST', '/clock', { scale: 0 })).body.now as number;
    expect((await control('POST', '/clock', { advance: 60_000 })).body).toMatchObject({
      now: before + 60_000,
      scale: 0,
    });
    expect((await control('GET', '/clock')).body).toMatchObject({ now: before + 60_000, waiting: 0 });
    expect(simulator.clock.now()).toBe(before + 60_000);
  });

  it.each([
    [{}, 'give {"scale"}, {"advance"} in milliseconds, or both'],
    [{ speed: 1 }, 'give {"scale"}'],
    [{ advance: -1 }, 'advance takes simulated milliseconds'],
  ])('refuses %j', async (body, message) => {
    const answer = await control('POST', '/clock', body);
    expect([answer.status, answer.body.error]).toEqual([400, expect.stringContaining(message)]);
  });
});
