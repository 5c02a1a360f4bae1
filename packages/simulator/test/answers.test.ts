import { afterEach, describe, expect, it } from 'vitest';
import {
  type Grant,
  type Simulator,
  SimulatorError,
  type SimulatorOptions,
  startSimulator,
} from '../src/index.ts';
import { type NylasClient, rejection, V3_SDKS } from './sdks.ts';

let simulator: Simulator;
afterEach(() => simulator.close());
const start = async (options: SimulatorOptions = {}): Promise<void> => {
  simulator = await startSimulator({ limits: false, ...options });
};
const get = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${simulator.url}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${simulator.apiKey}`, ...init.headers },
  });
const of = (provider: string): Grant =>
  simulator.grants.list().find((one) => one.provider === provider) as Grant;

describe('headers', () => {
  it('carry the request id of the body and the flow id', async () => {
    await start();
    const response = await get('/v3/grants');
    const body = (await response.json()) as { request_id: string };
    expect(body.request_id).toMatch(
      /^\d{10}-[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
    );
    expect(response.headers.get('x-request-id')).toBe(body.request_id);
    expect(response.headers.get('x-fastly-id')).toBeTypeOf('string');
    expect((await get('/v3/nothing')).headers.get('x-request-id')).toBeTypeOf('string');
  });

  it('count provider calls for Google and Microsoft only, and Gmail quota for mail only', async () => {
    await start({ grants: 5 });
    const counts = async (path: string): Promise<(string | null)[]> => {
      const { headers } = await get(path);
      return [headers.get('nylas-provider-request-count'), headers.get('nylas-gmail-quota-usage')];
    };
    const google = of('google').id;
    expect(await counts(`/v3/grants/${google}/messages?limit=4`)).toEqual(['5', '25']);
    expect(await counts(`/v3/grants/${google}/messages?limit=4`)).toEqual(['5', '25']);
    expect(await counts(`/v3/grants/${google}/contacts?limit=4`)).toEqual(['5', null]);
    expect(await counts(`/v3/grants/${of('microsoft').id}/messages?limit=4`)).toEqual(['1', null]);
    expect(await counts(`/v3/grants/${of('imap').id}/messages?limit=4`)).toEqual([null, null]);
    expect(await counts('/v3/grants')).toEqual([null, null]);
    expect(await counts(`/v3/grants/${google}/messages/none`)).toEqual([null, null]);
  });

  it('are never ours: what a client sends is logged as it arrived', async () => {
    await start({ requestLog: 2 });
    await get('/v3/grants?limit=1', { headers: { 'X-Mine': 'yes' } });
    expect(simulator.requests.list()[0]).toMatchObject({
      method: 'GET',
      path: '/v3/grants',
      query: '?limit=1',
      template: '/v3/grants',
      status: 200,
      httpVersion: '1.1',
      headers: { 'x-mine': 'yes', authorization: `Bearer ${simulator.apiKey}` },
    });
  });
});

describe('requests', () => {
  it('are remembered up to a number', async () => {
    await start({ requestLog: 2 });
    for (const n of [1, 2, 3]) await get(`/v3/grants?limit=${n}`);
    expect(simulator.requests.list().map((one) => one.query)).toEqual(['?limit=2', '?limit=3']);
    expect(simulator.requests.total).toBe(3);
    simulator.requests.clear();
    expect(simulator.requests.list()).toEqual([]);
  });

  it('can be waited for: known, coming, answered, never', async () => {
    await start();
    const coming = simulator.requests.waitFor((one) => one.status === 200);
    await get('/v3/grants');
    expect((await coming).path).toBe('/v3/grants');
    expect(await simulator.requests.waitFor(() => true)).toBe(await coming);
    const never = await rejection(simulator.requests.waitFor(() => false, { timeoutMs: 5 }));
    expect(never).toBeInstanceOf(SimulatorError);
    expect(never.message).toContain('no such request within 5 ms; 1 arrived');
    const broken = rejection(
      simulator.requests.waitFor((one) => {
        if (one.path === '/v3/connectors') throw new Error('mine');
        return false;
      }),
    );
    await get('/v3/connectors');
    expect((await broken).message).toBe('mine');
  });
});

describe('lists', () => {
  it('select fields, page by cursor and refuse other cursors', async () => {
    await start();
    const path = `/v3/grants/${of('google').id}/messages`;
    const list = async (
      query: string,
    ): Promise<{ data: object[]; next_cursor?: string; error?: { type: string } }> =>
      (await get(`${path}?${query}`)).json() as never;
    expect(Object.keys((await list('select=id,subject')).data[0] as object).sort()).toEqual([
      'id',
      'subject',
    ]);
    const first = await list('limit=70');
    const second = await list(`limit=70&page_token=${first.next_cursor}`);
    expect(first.data.length + second.data.length).toBe(120);
    expect(second.next_cursor).toBeUndefined();
    for (const wrong of ['limit=0', 'limit=201', 'limit=x', 'page_token=x']) {
      expect((await list(wrong)).error?.type).toBe('invalid_request_error');
    }
  });

  it('show what was written at once, although reads are kept', async () => {
    await start();
    const path = `/v3/grants/${of('google').id}/folders`;
    const names = async (): Promise<string[]> =>
      ((await (await get(path)).json()) as { data: { name: string }[] }).data.map((one) => one.name);
    const before = await names();
    expect(await names()).toEqual(before);
    await get(path, { method: 'POST', body: '{"name":"New"}' });
    expect(await names()).toEqual(['New', ...before]);
    const ids = await Promise.all(
      [get(path), get(path)].map(async (one) => (await one).headers.get('x-request-id')),
    );
    expect(ids[0]).not.toBe(ids[1]);
  });

  it('give raw MIME and headers when asked', async () => {
    await start();
    const path = `/v3/grants/${of('google').id}/messages?limit=1&fields=`;
    const one = async (fields: string): Promise<Record<string, unknown>> =>
      ((await (await get(path + fields)).json()) as { data: Record<string, unknown>[] }).data[0] as never;
    expect(Object.keys(await one('raw_mime')).sort()).toEqual(['grant_id', 'id', 'object', 'raw_mime']);
    expect((await one('include_headers')).headers).toBeInstanceOf(Array);
    expect((await one('standard')).headers).toBeUndefined();
  });
});

describe('a wrong region', () => {
  it('is 401 on everything', async () => {
    await start({ region: 'eu', keyRegion: 'us' });
    for (const path of [
      '/v3/grants',
      '/v3/applications',
      `/v3/grants/${of('google').id}/messages`,
      '/account',
    ]) {
      expect((await get(path)).status).toBe(401);
    }
  });
});

describe('a defect of the simulator or of its options', () => {
  it('is answered, kept and does not end it', async () => {
    let broken = false;
    await start({
      clock: () => {
        if (broken) throw new Error('no clock');
        return 0;
      },
    });
    broken = true;
    await rejection(get('/v3/grants'));
    broken = false;
    expect((await get('/v3/grants')).status).toBe(200);
    expect(simulator.defects).toHaveLength(1);
  });
});

describe('the simulator', () => {
  it('closes itself at the end of a block', async () => {
    await start();
    let url = '';
    {
      await using mine = await startSimulator();
      url = mine.url;
    }
    expect((await rejection(fetch(url))).message).toBe('fetch failed');
  });

  it('takes grants and accounts as they are given', async () => {
    await start({
      grants: [{ email: 'me@example.com', provider: 'ews', status: 'invalid' }],
      accounts: [{ email: 'me@example.com', syncState: 'partial', accessToken: 'token' }],
    });
    expect(simulator.grants.get('me@example.com')).toMatchObject({ provider: 'ews', status: 'invalid' });
    expect(simulator.accounts.byToken('token')).toMatchObject({ syncState: 'partial' });
    const twice = startSimulator({ grants: [{ email: 'a@example.com' }, { email: 'A@example.com' }] });
    expect((await rejection(twice)).message).toContain('a grant for A@example.com exists');
    expect(() => simulator.grants.setStatus('nobody', 'valid')).toThrow('there is no grant nobody');
    expect(() => simulator.accounts.setState('nobody', 'running')).toThrow('there is no account nobody');
  });
});

describe('resources that SDK 8 has beside mail and calendars', () => {
  it('are stored and given back', async () => {
    await start();
    const Nylas = (V3_SDKS[0] as (typeof V3_SDKS)[number])[1];
    const nylas: NylasClient = new Nylas({ apiKey: simulator.apiKey, apiUri: simulator.url });
    const policy = await nylas.policies.create({ requestBody: { name: 'Strict' } as never });
    expect((await nylas.policies.list()).data.map((one) => one.id)).toEqual([policy.data.id]);
    const rule = await nylas.rules.create({ requestBody: { name: 'Archive' } as never });
    expect((await nylas.rules.find({ ruleId: rule.data.id })).data.name).toBe('Archive');
    const workspace = await nylas.workspaces.create({ requestBody: { name: 'All' } as never });
    const workspaceId = (workspace.data as unknown as { id: string }).id;
    expect((await nylas.workspaces.update({ workspaceId, requestBody: { name: 'Some' } })).data.name).toBe(
      'Some',
    );
    const list = await nylas.lists.create({ requestBody: { name: 'Blocked', type: 'domain' } as never });
    const listId = list.data.id;
    await nylas.lists.addItems({ listId, requestBody: { items: ['a.example.com', 'b.example.com'] } });
    await nylas.lists.removeItems({ listId, requestBody: { items: ['a.example.com'] } });
    expect((await nylas.lists.listItems({ listId })).data).toHaveLength(1);
    await nylas.transactionalSend.send({
      domainName: 'example.com',
      requestBody: {
        to: [{ email: 'a@example.com' }],
        from: { email: 'b@example.com' },
        subject: 'Hi',
      } as never,
    });
    expect(simulator.sent.map((one) => one.subject)).toEqual(['Hi']);
    const upload = await nylas.attachments.createUploadSession({
      identifier: of('google').id,
      requestBody: { filename: 'a.bin', contentType: 'application/octet-stream', size: 5 },
    });
    const { attachmentId } = upload.data;
    const complete = () =>
      nylas.attachments.completeUploadSession({ identifier: of('google').id, attachmentId });
    expect((await complete()).data.status).toBe('ready');
    expect((await rejection(complete())).statusCode).toBe(409);
    expect(simulator.defects).toEqual([]);
  });
});
