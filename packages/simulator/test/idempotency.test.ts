import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Grant, type Simulator, startSimulator } from '../src/index.ts';

let simulator: Simulator;
let now = 1_800_000_000_000;
let grant: Grant;
let other: Grant;
beforeAll(async () => {
  simulator = await startSimulator({ clock: () => now, limits: false });
});
afterAll(() => simulator.close());
beforeEach(() => {
  simulator.reset();
  [grant, other] = simulator.grants.list() as [Grant, Grant];
});

interface Answer {
  readonly status: number;
  readonly replayed: boolean;
  readonly body: { request_id: string; data?: { id: string }; error?: { type: string } };
}
async function send(key: string | undefined, subject = 'Hi', from: Grant = grant): Promise<Answer> {
  const response = await fetch(`${simulator.url}/v3/grants/${from.id}/messages/send`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${simulator.apiKey}`,
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    body: JSON.stringify({ subject, to: [{ email: 'a@example.com' }] }),
  });
  const replayed = response.headers.get('idempotent-response') === 'true';
  return { status: response.status, replayed, body: (await response.json()) as Answer['body'] };
}

describe('a send with an idempotency key', () => {
  it('is done once; the same key gets the same answer, marked', async () => {
    const first = await send('k1');
    const second = await send('k1');
    expect(first).toMatchObject({ status: 200, replayed: false });
    expect(second).toEqual({ ...first, replayed: true });
    expect(simulator.sent).toHaveLength(1);
    expect(simulator.sent[0]).toMatchObject({ idempotencyKey: 'k1', messageId: first.body.data?.id });
  });

  it('is another send without a key, with another key and for another grant', async () => {
    await send('k1');
    await send('k2');
    await send('k1', 'Hi', other);
    await send(undefined);
    await send(undefined);
    expect(simulator.sent).toHaveLength(5);
  });

  it('refuses another payload under the same key with 409', async () => {
    await send('k1', 'One');
    expect(await send('k1', 'Two')).toMatchObject({
      status: 409,
      body: { error: { type: 'api.invalid_idempotent_request' } },
    });
    expect(simulator.sent).toHaveLength(1);
  });

  it('refuses a key of more than 256 characters with 400', async () => {
    expect((await send('k'.repeat(256))).status).toBe(200);
    expect(await send('k'.repeat(257))).toMatchObject({
      status: 400,
      body: { error: { type: 'api.invalid_idempotency_key' } },
    });
  });

  it('refuses a second request while the first is under way with 409', async () => {
    simulator.faults.add({ fault: 'slow', times: 1, options: { ms: 60 } });
    const first = send('k1');
    const record = await simulator.requests.waitFor((one) => one.fault === 'slow');
    // It is under way once its body was read.
    while (record.bodyBytes === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(await send('k1')).toMatchObject({
      status: 409,
      body: { error: { type: 'api.concurrent_idempotent_request' } },
    });
    expect(await first).toMatchObject({ status: 200, replayed: false });
    expect(await send('k1')).toMatchObject({ status: 200, replayed: true });
    expect(simulator.sent).toHaveLength(1);
  });

  it('keeps errors of the provider too, so that a retry needs a new key', async () => {
    simulator.faults.add({ fault: 'rate_limit_provider', times: 1 });
    expect(await send('k1')).toMatchObject({ status: 429, replayed: false });
    expect(await send('k1')).toMatchObject({ status: 429, replayed: true });
    expect(await send('k2')).toMatchObject({ status: 200, replayed: false });
    expect(simulator.sent).toHaveLength(1);
  });

  it("does not keep failures of Nylas's own, so that the same key can be tried again", async () => {
    simulator.faults.add({ fault: 'internal_error', times: 1 });
    expect((await send('k1')).status).toBe(500);
    expect(await send('k1')).toMatchObject({ status: 200, replayed: false });
  });

  it('sent_then_504: the mail went out, and the same key finds that out', async () => {
    simulator.faults.add({ fault: 'sent_then_504', times: 1 });
    expect(await send('k1')).toMatchObject({ status: 504, body: { error: { type: 'provider_error' } } });
    expect(simulator.sent).toHaveLength(1);
    const again = await send('k1');
    expect(again).toMatchObject({ status: 200, replayed: true });
    expect(again.body.data?.id).toBe(simulator.sent[0]?.messageId);
    expect(simulator.sent).toHaveLength(1);
  });

  it('sent_then_504 without a key: a retry sends twice', async () => {
    simulator.faults.add({ fault: 'sent_then_504', times: 1 });
    expect((await send(undefined)).status).toBe(504);
    expect((await send(undefined)).status).toBe(200);
    expect(simulator.sent).toHaveLength(2);
  });

  it('remembers the answer when the client left before it came', async () => {
    simulator.faults.add({ fault: 'slow', times: 1, options: { ms: 40 } });
    const abort = new AbortController();
    const path = `${simulator.url}/v3/grants/${grant.id}/messages/send`;
    const first = fetch(path, {
      method: 'POST',
      signal: abort.signal,
      headers: { authorization: `Bearer ${simulator.apiKey}`, 'idempotency-key': 'k1' },
      body: JSON.stringify({ subject: 'Hi', to: [{ email: 'a@example.com' }] }),
    }).catch(() => 'left');
    await simulator.requests.waitFor((one) => one.fault === 'slow');
    while (simulator.sent.length === 0) await new Promise((resolve) => setImmediate(resolve));
    abort.abort();
    expect(await first).toBe('left');
    let again = await send('k1');
    while (again.status === 409) again = await send('k1');
    expect(again).toMatchObject({ status: 200, replayed: true });
    expect(simulator.sent).toHaveLength(1);
  });

  it('forgets a key after an hour', async () => {
    await send('k1');
    now += 3_600_000 - 1;
    expect((await send('k1')).replayed).toBe(true);
    now += 1;
    expect((await send('k1', 'Another')).replayed).toBe(false);
    expect(simulator.sent).toHaveLength(2);
  });

  it('does not cover sending a draft', async () => {
    const call = (path: string, body?: string): Promise<Response> =>
      fetch(`${simulator.url}/v3/grants/${grant.id}/drafts${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${simulator.apiKey}`, 'idempotency-key': 'k1' },
        ...(body === undefined ? {} : { body }),
      });
    const draft = (await (await call('', '{"to":[{"email":"a@example.com"}]}')).json()) as {
      data: { id: string };
    };
    expect((await call(`/${draft.data.id}`)).status).toBe(200);
    expect((await call(`/${draft.data.id}`)).status).toBe(404);
  });
});
