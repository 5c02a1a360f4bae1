import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Destination, type Simulator, startSimulator } from '../src/index.ts';
import { type Receiver, startReceiver } from './receiver.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
let simulator: Simulator;
let receiver: Receiver;
let destination: Destination;
beforeAll(async () => {
  simulator = await startSimulator({ clock: { scale: 0 }, limits: false });
});
afterAll(async () => {
  expect(simulator.defects).toEqual([]);
  await simulator.close();
});
beforeEach(async () => {
  simulator.reset();
  receiver = await startReceiver();
  destination = await simulator.webhooks.subscribe({ url: receiver.url, emails: ['ops@example.com'] });
});
afterEach(() => receiver.close());

const grant = () => simulator.grants.list()[0] as { id: string };
const arrive = () => simulator.traffic.arrive(grant().id);
const advance = (ms: number) => simulator.clock.advance(ms);
const status = () => simulator.webhooks.destinations()[0]?.status;
const attempts = () => receiver.received.map((one) => one.body.webhook_delivery_attempt);

describe('attempts', () => {
  it('are three in 10 to 20 minutes under one id, and then the notification is lost', async () => {
    receiver.always = 503;
    arrive();
    await simulator.clock.settled();
    expect(attempts()).toEqual([1]);
    await advance(HOUR);
    expect(attempts()).toEqual([1, 2, 3]);
    expect(new Set(receiver.received.map((one) => one.body.id)).size).toBe(1);
    const [delivery] = simulator.webhooks.deliveries();
    expect(delivery).toMatchObject({ outcome: 'lost', reason: 'attempts_exhausted' });
    const times = delivery?.attempts.map((one) => one.time) as [number, number, number];
    expect(times[2] - times[0]).toBeGreaterThanOrEqual(10 * MINUTE);
    expect(times[2] - times[0]).toBeLessThanOrEqual(20 * MINUTE);
    expect(simulator.webhooks.missed()).toHaveLength(1);
  });

  it.each([408, 429, 502, 503, 504, 507, 0])('go on after %i until there is a 200', async (answer) => {
    receiver.answers = [answer];
    arrive();
    await advance(HOUR);
    expect(attempts()).toEqual([1, 2]);
    expect(simulator.webhooks.deliveries()).toMatchObject([
      { outcome: 'acknowledged', attempts: [{ status: answer }, { status: 200 }] },
    ]);
    expect(simulator.webhooks.missed()).toEqual([]);
  });

  it.each([500, 401, 413, 204])('end with %i: the notification is lost', async (answer) => {
    receiver.always = answer;
    arrive();
    await advance(HOUR);
    expect(attempts()).toEqual([1]);
    expect(simulator.webhooks.deliveries({ reason: 'not_retried' })).toHaveLength(1);
  });

  it('come at the same times for the same seed', async () => {
    const times = async (): Promise<number[][]> => {
      simulator.reset();
      simulator.clock.setScale(0);
      await simulator.webhooks.subscribe({ url: receiver.url });
      receiver.always = 503;
      const start = simulator.clock.now();
      simulator.webhooks.send('message.opened', { count: 20 });
      await advance(HOUR);
      return simulator.webhooks.deliveries().map((one) => one.attempts.map(({ time }) => time - start));
    };
    const first = await times();
    expect(first.map((one) => one.length)).toEqual(Array(20).fill(3));
    expect(new Set(first.map((one) => one[1])).size).toBeGreaterThan(15);
    expect(await times()).toEqual(first);
  });

  it('come when Retry-After of a 429 says', async () => {
    receiver.answers = [{ status: 429, retryAfter: '90' }];
    arrive();
    await advance(90_000 - 1);
    expect(attempts()).toEqual([1]);
    await advance(1);
    expect(attempts()).toEqual([1, 2]);
  });

  it('go to every destination again when one failed', async () => {
    const other = await startReceiver();
    await simulator.webhooks.subscribe({ url: other.url, triggers: ['message.created'] });
    receiver.answers = [503];
    arrive();
    await advance(HOUR);
    expect([attempts(), other.received.length]).toEqual([[1, 2], 2]);
    expect(simulator.webhooks.deliveries({ outcome: 'acknowledged' })).toHaveLength(2);
    await other.close();
  });

  it('count as unanswered when the receiver takes longer than it may', async () => {
    simulator.webhooks.tune({ timeoutMs: 50 });
    receiver.silent = true;
    arrive();
    await simulator.clock.settled();
    expect(simulator.webhooks.deliveries()).toMatchObject([
      { outcome: 'pending', attempts: [{ status: 0 }] },
    ]);
    receiver.silent = false;
    simulator.webhooks.tune({ timeoutMs: 10_000 });
    await advance(HOUR);
    expect(attempts()).toEqual([1, 2]);
  });

  it('of v2 are five', async () => {
    simulator.webhooks.remove(destination.id);
    await simulator.webhooks.subscribe({ url: receiver.url, version: 'v2' });
    receiver.always = 502;
    simulator.accounts.stop(simulator.accounts.list()[0]?.id as string);
    await advance(HOUR);
    expect(receiver.types()).toEqual(Array(5).fill('account.stopped'));
  });
});

describe('delivery is at least once and in no order', () => {
  it('some notifications come twice', async () => {
    simulator.webhooks.tune({ duplicates: 1 });
    arrive();
    await simulator.clock.settled();
    expect(receiver.received).toHaveLength(2);
    expect(receiver.received[0]?.body).toEqual(receiver.received[1]?.body);
    expect(simulator.webhooks.deliveries().map((one) => one.duplicate)).toEqual([false, true]);
  });

  it('later ones overtake earlier ones, the same way for the same seed', async () => {
    const order = async (): Promise<number[]> => {
      simulator.reset();
      receiver.received.length = 0;
      await simulator.webhooks.subscribe({ url: receiver.url });
      simulator.webhooks.tune({ reorderMs: 60_000 });
      for (let n = 0; n < 20; n++) {
        simulator.webhooks.send('message.opened', { object: { n } });
        await advance(1000);
      }
      await advance(MINUTE);
      return receiver.received.map((one) => one.body.data.object.n as number);
    };
    const first = await order();
    expect(first).not.toEqual(first.slice().sort((a, b) => a - b));
    expect(first.slice().sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n));
    expect(await order()).toEqual(first);
  });

  it('they come in bursts', async () => {
    simulator.webhooks.send('event.updated', { count: 300 });
    await simulator.clock.settled();
    expect(receiver.received).toHaveLength(300);
    expect(new Set(receiver.received.map((one) => one.body.id)).size).toBe(300);
    expect(simulator.webhooks.deliveries({ outcome: 'acknowledged' })).toHaveLength(300);
  });

  it('and after a while, where there is a latency', async () => {
    simulator.webhooks.tune({ latencyMs: 5000 });
    arrive();
    await advance(4999);
    expect(receiver.received).toHaveLength(0);
    await advance(1);
    expect(receiver.received).toHaveLength(1);
  });
});

describe('a destination that fails', () => {
  /** A change every five minutes, or less often, for a while. */
  async function busy(ms: number, every = 5 * MINUTE): Promise<void> {
    const { done } = simulator.traffic.run({
      changes: Math.floor(ms / every),
      overMs: ms,
      mix: { 'contact.created': 1 },
    });
    await advance(ms);
    await done;
  }

  it('is failing after 15 minutes, told by mail, and still gets everything', async () => {
    receiver.always = 500;
    await busy(15 * MINUTE);
    expect(status()).toBe('active');
    await busy(15 * MINUTE);
    expect(status()).toBe('failing');
    expect(simulator.webhooks.mails()).toMatchObject([
      { destinationId: destination.id, status: 'failing', to: ['ops@example.com'] },
    ]);
    const before = receiver.received.length;
    await busy(5 * MINUTE);
    expect(receiver.received.length).toBe(before + 1);
  });

  it('is failing 15 minutes after a failure also where nothing more is sent', async () => {
    receiver.always = 500;
    arrive();
    await simulator.clock.settled();
    await advance(15 * MINUTE - 1);
    expect(status()).toBe('active');
    await advance(1);
    expect([status(), receiver.received.length]).toEqual(['failing', 1]);
  });

  it('is active again when it recovers within 72 hours', async () => {
    receiver.always = 500;
    await busy(HOUR);
    receiver.always = 200;
    await busy(20 * MINUTE);
    expect(status()).toBe('active');
  });

  it('has failed after 72 hours: nothing more comes, until a client activates it', async () => {
    receiver.always = 500;
    await busy(HOUR);
    await busy(72 * HOUR, HOUR);
    expect(status()).toBe('failed');
    expect(simulator.webhooks.mails().map((one) => one.status)).toEqual(['failing', 'failed']);
    receiver.always = 200;
    const before = receiver.received.length;
    arrive();
    await advance(HOUR);
    expect(receiver.received.length).toBe(before);
    expect(simulator.webhooks.deliveries({ reason: 'failed', trigger: 'message.created' })).toHaveLength(1);
    const response = await fetch(`${simulator.url}/v3/webhooks/${destination.id}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${simulator.apiKey}` },
      body: '{"status":"active"}',
    });
    expect(response.status).toBe(200);
    arrive();
    await simulator.clock.settled();
    expect([status(), receiver.received.length]).toEqual(['active', before + 1]);
  });

  it('of v2 stops every webhook of the application', async () => {
    const other = await startReceiver();
    const failed = await simulator.webhooks.subscribe({ url: receiver.url, version: 'v2' });
    await simulator.webhooks.subscribe({ url: other.url, version: 'v2' });
    simulator.webhooks.setStatus(failed.id, 'failed');
    const stop = () => simulator.accounts.stop(simulator.accounts.list()[0]?.id as string);
    stop();
    await simulator.clock.settled();
    expect(other.received).toHaveLength(0);
    expect(simulator.webhooks.deliveries().map((one) => one.reason)).toEqual([
      'failed',
      'application_stopped',
    ]);
    simulator.webhooks.setStatus(failed.id, 'active');
    simulator.accounts.run(simulator.accounts.list()[0]?.id as string);
    await simulator.clock.settled();
    expect(other.types()).toEqual(['account.running']);
    await other.close();
  });
});

describe('an outage', () => {
  it('loses what happens, retries under way too, and the truth knows every change', async () => {
    receiver.answers = [503];
    const early = arrive();
    await simulator.clock.settled();
    simulator.webhooks.startOutage();
    const { done } = simulator.traffic.run({ changes: 50, overMs: HOUR });
    await advance(HOUR);
    await done;
    simulator.webhooks.endOutage();
    const late = arrive();
    await simulator.clock.settled();
    expect(receiver.received.map((one) => one.body.data.object.id)).toEqual([early?.id, late?.id]);
    const changes = simulator.traffic.changes().filter((one) => one.trigger !== undefined);
    expect(simulator.webhooks.missed()).toEqual(changes.slice(0, -1));
    expect(simulator.webhooks.deliveries({ reason: 'outage' })).toHaveLength(51);
  });

  it('may be of one destination only', async () => {
    const other = await startReceiver();
    const second = await simulator.webhooks.subscribe({ url: other.url });
    simulator.webhooks.startOutage({ destinationId: second.id });
    arrive();
    await simulator.clock.settled();
    expect([receiver.received.length, other.received.length]).toEqual([1, 0]);
    expect(simulator.webhooks.missed()).toEqual([]);
    await other.close();
  });
});

describe('an expired grant', () => {
  it('is silent from the expiry on, and gets what it missed when it is back within 72 hours', async () => {
    simulator.grants.expire(grant().id, { noticedAfterMs: 5 * MINUTE });
    arrive();
    simulator.webhooks.send('message.opened', { accountId: grant().id });
    await advance(5 * MINUTE);
    expect(receiver.types()).toEqual(['message.opened', 'grant.expired']);
    arrive();
    await advance(71 * HOUR);
    expect(simulator.webhooks.withheld(grant().id)).toBe(2);
    simulator.grants.reauthenticate(grant().id);
    await simulator.clock.settled();
    expect(receiver.types().slice(2).sort()).toEqual(['grant.updated', 'message.created', 'message.created']);
    expect(simulator.webhooks.withheld()).toBe(0);
    expect(simulator.webhooks.missed()).toEqual([]);
  });

  it('gets it too when it is set valid without a word', async () => {
    simulator.grants.setStatus(grant().id, 'invalid');
    arrive();
    simulator.grants.setStatus(grant().id, 'valid');
    await simulator.clock.settled();
    expect(receiver.types()).toEqual(['message.created']);
  });

  it('gets nothing of it later than that', async () => {
    simulator.grants.expire(grant().id);
    arrive();
    await advance(72 * HOUR);
    simulator.grants.reauthenticate(grant().id);
    await simulator.clock.settled();
    expect(receiver.types()).toEqual(['grant.expired', 'grant.updated']);
    expect(simulator.webhooks.deliveries({ reason: 'grant_expired' })).toHaveLength(1);
    expect(simulator.webhooks.missed()).toHaveLength(1);
  });
});

describe('over HTTP', () => {
  type Json = Record<string, unknown>;
  const call = async (method: string, path: string, body?: object): Promise<[number, Json]> => {
    const response = await fetch(`${simulator.url}/__sim/webhooks${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return [response.status, (await response.json()) as Json];
  };

  it('destinations are made, outages begin and end, bursts are sent, and the truth is read', async () => {
    const [made, { destination: added }] = await call('POST', '', {
      url: receiver.url,
      triggers: ['message.opened'],
    });
    expect([made, (added as Json).status]).toEqual([201, 'active']);
    await call('POST', '/outage');
    expect((await call('POST', '/send', { trigger: 'message.opened', count: 3 }))[0]).toBe(202);
    await simulator.clock.settled();
    await call('DELETE', '/outage');
    arrive();
    await simulator.clock.settled();
    expect((await call('GET', '/deliveries?limit=1'))[1]).toMatchObject({
      total: 7,
      byOutcome: { 'lost: outage': 6, acknowledged: 1 },
      deliveries: [{ trigger: 'message.created' }],
    });
    expect((await call('GET', '/deliveries?outcome=acknowledged'))[1].total).toBe(1);
    expect((await call('GET', '/missed'))[1]).toEqual({ total: 0, missed: [] });
    expect((await call('GET', '/notices?limit=2'))[1].notices).toHaveLength(2);
    expect((await call('POST', '/tune', { duplicates: 1 }))[1]).toMatchObject({
      settings: { duplicates: 1 },
    });
    expect((await call('POST', `/${destination.id}`, { status: 'failing' }))[1]).toMatchObject({
      destination: { status: 'failing' },
    });
    expect((await call('DELETE', `/${destination.id}`))[0]).toBe(200);
    expect((await call('GET', ''))[1]).toMatchObject({
      destinations: [{ id: (added as Json).id }],
      notices: 4,
    });
  });

  it.each([
    ['POST', '', {}, 400, 'give url'],
    ['POST', '', { url: 'nowhere' }, 400, 'url is not a URL'],
    ['POST', '', { url: 'http://127.0.0.1:1/' }, 400, 'did not answer the challenge'],
    ['POST', '', { url: 'http://x/', triggers: ['fax'] }, 400, 'fax is no trigger of v3'],
    ['POST', '/send', { trigger: 'fax' }, 400, 'fax is no documented trigger'],
    ['POST', '/tune', { duplicates: 2 }, 400, 'option webhooks.duplicates is the number 2'],
    ['POST', '/nobody', { status: 'active' }, 404, 'there is no destination nobody'],
    ['POST', '/nobody', { status: 'dead' }, 400, 'option status is of type string'],
    ['DELETE', '/nobody', undefined, 404, 'there is no destination nobody'],
    ['GET', '/nobody', undefined, 404, 'one of deliveries, missed, notices'],
    ['GET', '/deliveries?colour=red', undefined, 400, 'unknown option colour'],
  ])('%s %s with %j is answered %i: %s', async (method, path, body, wanted, message) => {
    expect(await call(method, path, body)).toEqual([wanted, { error: expect.stringContaining(message) }]);
  });
});
