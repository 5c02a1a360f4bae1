import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../src/index.ts';
import { type Receiver, startReceiver } from './receiver.ts';
import { type NylasClient, rejection, V3_SDKS } from './sdks.ts';

let simulator: Simulator;
let receiver: Receiver;
let nylas: NylasClient;
beforeAll(async () => {
  simulator = await startSimulator({ clock: { scale: 0 }, limits: false });
  const [, Sdk] = V3_SDKS[0] as (typeof V3_SDKS)[number];
  nylas = new Sdk({ apiKey: simulator.apiKey, apiUri: simulator.url });
});
afterAll(() => simulator.close());
beforeEach(async () => {
  simulator.reset();
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

const grant = () => simulator.grants.list()[0] as { id: string };
const create = (triggers: string[] = ['message.created'], more: object = {}) =>
  nylas.webhooks.create({
    requestBody: { triggerTypes: triggers as never, webhookUrl: receiver.url, ...more } as never,
  });
async function call(method: string, path: string, body?: object): Promise<{ status: number; body: never }> {
  const secret = path.startsWith('/a/');
  const authorization = secret
    ? `Basic ${Buffer.from(`${simulator.clientSecret}:`).toString('base64')}`
    : `Bearer ${simulator.apiKey}`;
  const response = await fetch(simulator.url + path, {
    method,
    headers: { authorization },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as never };
}

describe('a v3 destination', () => {
  it('answers a challenge, gets signed notifications of what it asked for, and nothing else', async () => {
    const { data } = await create();
    expect(receiver.challenges).toHaveLength(1);
    const message = simulator.traffic.arrive(grant().id, { subject: 'Hello' });
    simulator.traffic.create(grant().id, 'folder');
    await simulator.clock.settled();
    expect(receiver.received.map((one) => one.body)).toEqual([
      {
        specversion: '1.0',
        type: 'message.created',
        source: '/google/emails/realtime',
        id: simulator.notices.list()[0]?.id,
        time: Math.floor(simulator.clock.now() / 1000),
        webhook_delivery_attempt: 1,
        data: { application_id: simulator.clientId, object: message },
      },
    ]);
    expect(receiver.signedWith(data.webhookSecret)).toBe(true);
    expect(simulator.webhooks.deliveries()).toMatchObject([
      { trigger: 'message.created', outcome: 'acknowledged', attempts: [{ status: 200 }] },
    ]);
  });

  it('is not made when the challenge is answered wrongly', async () => {
    receiver.deaf = true;
    expect(await rejection(create())).toMatchObject({ statusCode: 400, type: '70005' });
    await receiver.close();
    expect(await rejection(create())).toMatchObject({ statusCode: 400, type: '70005' });
    expect(simulator.webhooks.destinations()).toEqual([]);
  });

  it('gets gzip, signed over the compressed bytes, when it asks for it', async () => {
    const { data } = await create(['message.created'], { compressedDelivery: true });
    simulator.traffic.arrive(grant().id);
    await simulator.clock.settled();
    expect(receiver.received[0]?.headers['content-encoding']).toBe('gzip');
    expect(receiver.types()).toEqual(['message.created']);
    expect(receiver.signedWith(data.webhookSecret)).toBe(true);
  });

  it('gets the new secret at once when it is rotated', async () => {
    const { data } = await create();
    const rotated = await nylas.webhooks.rotateSecret({ webhookId: data.id });
    simulator.traffic.arrive(grant().id);
    await simulator.clock.settled();
    expect(receiver.signedWith(data.webhookSecret)).toBe(false);
    expect(receiver.signedWith(rotated.data.webhookSecret)).toBe(true);
  });

  it('gets nothing while it is paused, and must answer a challenge to be active again', async () => {
    const { data } = await create();
    const update = (status: string) =>
      nylas.webhooks.update({ webhookId: data.id, requestBody: { status } as never });
    await update('pause');
    simulator.traffic.arrive(grant().id);
    await simulator.clock.settled();
    receiver.deaf = true;
    expect(await rejection(update('active'))).toMatchObject({ statusCode: 400, type: '70005' });
    receiver.deaf = false;
    await update('active');
    simulator.traffic.arrive(grant().id);
    await simulator.clock.settled();
    expect(receiver.received).toHaveLength(1);
    expect(simulator.webhooks.deliveries().map((one) => one.reason)).toEqual(['paused', undefined]);
    expect(simulator.webhooks.missed()).toMatchObject([{ class: 'message.created' }]);
  });

  it('over 1 MB gets a message without its body', async () => {
    await create(['message.created', 'event.created']);
    simulator.traffic.arrive(grant().id, { body: 'x'.repeat(1_000_001) });
    await simulator.clock.settled();
    expect(receiver.types()).toEqual(['message.created.truncated']);
    expect(receiver.received[0]?.body.data.object).not.toHaveProperty('body');
    expect(receiver.received[0]?.body.data.object).toHaveProperty('subject');
  });

  it('is told of grants: created, expired, back, deleted', async () => {
    await create(['grant.created', 'grant.updated', 'grant.expired', 'grant.deleted']);
    simulator.grants.create({ email: 'new@example.net' });
    simulator.grants.expire('new@example.net', { noticedAfterMs: 0 });
    simulator.grants.reauthenticate('new@example.net');
    simulator.grants.delete('new@example.net');
    await simulator.clock.settled();
    expect(receiver.types().sort()).toEqual([
      'grant.created',
      'grant.deleted',
      'grant.expired',
      'grant.updated',
    ]);
  });
});

describe('test events', () => {
  it('are posted at once, signed with the secret documented for them', async () => {
    const sent = await call('POST', '/v3/webhooks/send-test-event', {
      trigger_type: 'event.updated',
      webhook_url: receiver.url,
    });
    expect(sent).toMatchObject({ status: 200, body: { data: 'success' } });
    expect(receiver.types()).toEqual(['event.updated']);
    expect(receiver.signedWith('mock-webhook-secret')).toBe(true);
    receiver.always = 401;
    const refused = await call('POST', '/v3/webhooks/send-test-event', {
      trigger_type: 'event.updated',
      webhook_url: receiver.url,
    });
    expect(refused).toMatchObject({ status: 400, body: { error: { type: '70005' } } });
  });

  it.each([
    ['message.created', 'message.created', true],
    ['message.created.truncated', 'message.created.truncated', false],
    ['grant.expired', 'grant.expired', false],
  ])('%s has a payload to look at', async (trigger_type, type, hasBody) => {
    const { body } = await call('POST', '/v3/webhooks/mock-payload', { trigger_type });
    const { data } = body as { data: { type: string; data: { object: Record<string, unknown> } } };
    expect(data.type).toBe(type);
    expect(data.data.object.grant_id).toBe(grant().id);
    expect('body' in data.data.object).toBe(hasBody);
  });

  it('of unknown triggers are refused', async () => {
    const answer = await call('POST', '/v3/webhooks/mock-payload', { trigger_type: 'fax.received' });
    expect(answer).toMatchObject({ status: 400, body: { error: { type: '70001' } } });
  });
});

describe('a v2 webhook', () => {
  const path = () => `/a/${simulator.clientId}/webhooks`;
  const account = () => simulator.accounts.list()[0] as { id: string };
  const add = (triggers: string[]) =>
    call('POST', path(), { callback_url: receiver.url, triggers, state: 'active' });

  it('gets deltas in batches, signed with the client secret', async () => {
    expect((await add(['account.stopped', 'message.created'])).status).toBe(200);
    expect(receiver.challenges).toHaveLength(1);
    const message = simulator.traffic.arrive(account().id);
    simulator.traffic.arrive(account().id);
    simulator.accounts.stop(account().id);
    await simulator.clock.settled();
    expect(receiver.received).toHaveLength(1);
    expect(receiver.types()).toEqual(['message.created', 'message.created', 'account.stopped']);
    expect(receiver.received[0]?.body.deltas[0]).toEqual({
      date: Math.floor(simulator.clock.now() / 1000),
      object: 'message',
      type: 'message.created',
      object_data: {
        namespace_id: account().id,
        account_id: account().id,
        object: 'message',
        id: message?.id,
        attributes: { thread_id: message?.thread_id, received_date: message?.date },
        metadata: null,
      },
    });
    expect(receiver.signedWith(simulator.clientSecret)).toBe(true);
  });

  it('tells of jobs that clients start', async () => {
    await add(['job.successful', 'contact.created']);
    const token = simulator.accounts.list()[0]?.accessToken;
    await fetch(`${simulator.url}/contacts`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: '{"given_name":"Ada"}',
    });
    await simulator.clock.settled();
    expect(receiver.types()).toEqual(['contact.created', 'job.successful']);
  });

  it('answers a challenge to be made and to be active again; only its state changes', async () => {
    receiver.deaf = true;
    expect(await add(['message.created'])).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('Failed to verify challenge string') },
    });
    receiver.deaf = false;
    const { body } = await add(['message.created']);
    const one = `${path()}/${(body as { id: string }).id}`;
    expect((await call('PUT', one, { state: 'inactive' })).body).toMatchObject({ state: 'inactive' });
    simulator.traffic.arrive(account().id);
    receiver.deaf = true;
    expect((await call('PUT', one, { state: 'active' })).status).toBe(400);
    receiver.deaf = false;
    expect((await call('PUT', one, { state: 'active' })).body).toMatchObject({ state: 'active' });
    simulator.traffic.arrive(account().id);
    await simulator.clock.settled();
    expect(receiver.received).toHaveLength(1);
    expect((await call('DELETE', one)).body).toEqual({ success: true });
    expect((await call('GET', one)).status).toBe(404);
  });
});
