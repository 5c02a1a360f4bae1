import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Destination, type Simulator, startSimulator } from '@nylas-otel/simulator';
import { type NylasStore, openStore } from '@nylas-otel/store';
import {
  createWebhookReceiver,
  type Inbox,
  nylasWebhooks,
  type ReceivedEvent,
  signWebhook,
  type WebhookReceiver,
} from '@nylas-otel/webhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const SECRET = 'the secret of this destination';
const ROTATED = 'the next secret of this destination';
const MINUTE = 60_000;

let simulator: Simulator;
let seed = 0;
let store: NylasStore;
let stopWork: () => Promise<void>;
let handled: ReceivedEvent[] = [];
/** What the receiver stands on, with a switch for an outage of ours. */
const inbox = {
  down: false,
  accept: (...args) => (inbox.down ? Promise.reject(new Error('down')) : store.inbox.accept(...args)),
  quarantine: (...args) => store.inbox.quarantine(...args),
} satisfies Inbox & { down: boolean } as Inbox & { down: boolean };
let receiver: WebhookReceiver;
let server: Server;
let url: string;

beforeAll(async () => {
  store = await openStore({ memory: true });
  stopWork = await store.inbox.work({ onEvent: (event) => void handled.push(event) });
}, 300_000);
afterAll(async () => {
  await stopWork();
  await store.close();
});
beforeEach(async () => {
  // A seed of its own for each test: the store knows the notifications of the one before.
  simulator = await startSimulator({ clock: { scale: 0 }, limits: false, seed: ++seed });
  handled = [];
  inbox.down = false;
  receiver = createWebhookReceiver({
    secret: [
      { name: 'current', secret: SECRET },
      { name: 'next', secret: ROTATED },
      { name: 'v2', secret: simulator.clientSecret },
    ],
    inbox,
  });
  server = createServer(nylasWebhooks(receiver)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/nylas`;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await receiver.close();
  expect(simulator.defects).toEqual([]);
  await simulator.close();
});

const subscribe = (more: object = {}) => simulator.webhooks.subscribe({ url, secret: SECRET, ...more });
const status = ({ id }: Destination) =>
  simulator.webhooks.destinations().find((one) => one.id === id)?.status;
const deliveries = (outcome: 'acknowledged' | 'lost' | 'pending') =>
  simulator.webhooks.deliveries({ outcome });
const ids = (list: readonly { readonly noticeId: string }[]) =>
  [...new Set(list.map((one) => one.noticeId))].sort();
const handledIds = () => handled.map(({ id }) => id as string).sort();

/** `count` messages arrive, one a minute, over all mailboxes. */
async function minutesOfMail(count: number): Promise<void> {
  const grants = simulator.grants.list();
  for (let index = 0; index < count; index++) {
    simulator.traffic.arrive(grants[index % grants.length]?.id as string);
    await simulator.clock.advance(MINUTE);
  }
}

describe('deliveries of Nylas to a receiver on the durable inbox', () => {
  it('answers the challenge, and handles each notification once though Nylas repeats and overtakes itself', async () => {
    const destination = await subscribe({ compressed: true });
    simulator.webhooks.tune({ duplicates: 0.5, reorderMs: 3 * MINUTE });
    await minutesOfMail(20);
    await simulator.clock.advance(30 * MINUTE);
    const sent = deliveries('acknowledged');
    expect(sent.length).toBeGreaterThan(ids(sent).length);
    expect(deliveries('lost')).toEqual([]);
    await expect.poll(handledIds, { timeout: 20_000 }).toEqual(ids(sent));
    expect(status(destination)).toBe('active');
    expect(receiver.stats().secrets).toMatchObject([
      { verified: sent.length },
      { verified: 0 },
      { verified: 0 },
    ]);
  });

  it('takes the deltas of v2, many in one request, signed with the client secret', async () => {
    await simulator.webhooks.subscribe({ url, version: 'v2' });
    simulator.webhooks.send('message.created', { version: 'v2', count: 25 });
    simulator.webhooks.send('account.stopped', { version: 'v2' });
    await simulator.clock.advance(MINUTE);
    expect(deliveries('acknowledged')).toHaveLength(26);
    await expect.poll(() => handled.length, { timeout: 20_000 }).toBe(26);
    expect(handled.filter(({ trigger }) => trigger === 'account.stopped')).toHaveLength(1);
    expect(receiver.stats().secrets[2]?.verified).toBeGreaterThan(0);
    expect(receiver.stats().secrets[2]?.verified).toBeLessThan(26);
  });

  it('loses nothing over a short outage of the store: Nylas comes again', async () => {
    const destination = await subscribe();
    inbox.down = true;
    await minutesOfMail(3);
    expect(deliveries('pending')).toHaveLength(3);
    expect(handled).toEqual([]);
    expect(receiver.stats().downtime).toBeGreaterThan(0);
    inbox.down = false;
    await simulator.clock.advance(30 * MINUTE);
    const sent = deliveries('acknowledged');
    expect(sent).toHaveLength(3);
    for (const { attempts } of sent) {
      expect(attempts[0]?.status).toBe(503);
      expect(attempts.at(-1)?.status).toBe(200);
    }
    await expect.poll(handledIds, { timeout: 20_000 }).toEqual(ids(sent));
    for (const { attempt } of handled) expect(attempt).toBeGreaterThan(1);
    expect(status(destination)).toBe('active');
    const { downtime } = receiver.stats();
    await simulator.clock.advance(MINUTE);
    expect(receiver.stats().downtime).toBe(downtime);
  });

  it('is failing after a long outage and active again after it; what was lost is what Nylas gave up, no more', async () => {
    const destination = await subscribe({ emails: ['ops@example.com'] });
    await minutesOfMail(2);
    inbox.down = true;
    await minutesOfMail(36);
    expect(status(destination)).toBe('failing');
    expect(simulator.webhooks.mails()).toMatchObject([{ status: 'failing' }]);
    inbox.down = false;
    await minutesOfMail(16);
    await simulator.clock.advance(30 * MINUTE);
    expect(status(destination)).toBe('active');
    expect(deliveries('pending')).toEqual([]);
    const lost = deliveries('lost');
    expect(lost.length).toBeGreaterThan(0);
    for (const { reason, attempts } of lost) {
      expect(reason).toBe('attempts_exhausted');
      expect(attempts.map((attempt) => attempt.status)).toEqual([503, 503, 503]);
    }
    const sent = deliveries('acknowledged');
    expect(sent.length + lost.length).toBe(2 + 36 + 16);
    await expect.poll(handledIds, { timeout: 20_000 }).toEqual(ids(sent));
    // The changes nobody heard of are there for recovery to find.
    expect(simulator.webhooks.missed()).toHaveLength(lost.length);
  }, 90_000);

  it('goes on over a rotation of the secret, and says when the old one is no longer used', async () => {
    const { id } = await subscribe();
    simulator.webhooks.send('grant.updated');
    await simulator.clock.advance(MINUTE);
    const rotated = await fetch(`${simulator.url}/v3/webhooks/rotate-secret/${id}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${simulator.apiKey}` },
    });
    const { data } = (await rotated.json()) as { data: { webhook_secret: string } };
    expect(data.webhook_secret).not.toBe(SECRET);
    simulator.webhooks.send('grant.updated');
    await simulator.clock.advance(MINUTE);
    // The receiver does not know the new one yet: 401, which Nylas does not repeat.
    expect(deliveries('lost')).toMatchObject([{ reason: 'not_retried', attempts: [{ status: 401 }] }]);

    const both = createWebhookReceiver({
      secret: [
        { name: 'old', secret: SECRET },
        { name: 'new', secret: data.webhook_secret },
      ],
      inbox,
    });
    server.removeAllListeners('request').on('request', nylasWebhooks(both));
    simulator.webhooks.send('grant.updated', { count: 3 });
    await simulator.clock.advance(MINUTE);
    expect(both.stats().secrets).toEqual([
      { name: 'old', verified: 0 },
      { name: 'new', verified: 3 },
    ]);
    await both.close();
  });

  it('keeps a signed body that it cannot read, and Nylas hears 200', async () => {
    const { secret } = await subscribe();
    const body = '{"no":"envelope"}';
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'x-nylas-signature': signWebhook(body, secret) },
      body,
    });
    expect(response.status).toBe(200);
    const [kept] = await store.inbox.quarantined(1);
    expect(Buffer.from(kept?.body ?? []).toString()).toBe(body);
  });
});
