import { createServer, type RequestListener } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { nylasWebhooks } from '../adapters/node-http.ts';
import { memoryInbox } from '../inbox/memory-inbox.ts';
import { signWebhook } from '../signature/sign-webhook.ts';
import { mockDelta, mockNotification } from './mock-notification.ts';
import { webhookSender } from './webhook-sender.ts';

const secret = 'k';
let close: (() => void)[] = [];
afterEach(() => {
  for (const step of close) step();
  close = [];
});

async function serve(handler: RequestListener): Promise<string> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  close.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as { port: number }).port}/`;
}

/** A server that answers with these statuses in turn, and what it got. */
async function scripted(...statuses: number[]) {
  const bodies: { type?: string; webhook_delivery_attempt?: number; data?: { object: object } }[] = [];
  const faults: string[] = [];
  const url = await serve(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const wire = Buffer.concat(chunks);
    if (request.headers['x-nylas-signature'] !== signWebhook(wire, secret)) faults.push('signature');
    bodies.push(
      JSON.parse((request.headers['content-encoding'] === 'gzip' ? gunzipSync(wire) : wire).toString()),
    );
    response.writeHead(statuses.shift() ?? 200).end();
  });
  return { url, bodies, faults };
}

describe('webhookSender', () => {
  it.each([408, 429, 502, 503, 504, 507])('tries again after %i, counting the attempt', async (status) => {
    const { url, bodies, faults } = await scripted(status, status, status);
    const [sent] = await webhookSender({ url, secret, retryDelays: [1, 1] }).send([
      mockNotification('event.created'),
    ]);
    expect(sent).toEqual({ index: 0, statuses: [status, status, status], acknowledged: false });
    expect(bodies.map((body) => body.webhook_delivery_attempt)).toEqual([1, 2, 3]);
    expect(faults).toEqual([]);
  });

  it.each([500, 400, 401, 413, 204])('never tries again after %i', async (status) => {
    const { url } = await scripted(status);
    const [sent] = await webhookSender({ url, secret }).send([mockNotification('event.created')]);
    expect(sent).toEqual({ index: 0, statuses: [status], acknowledged: false });
  });

  it('tries again when nobody answers', async () => {
    const url = await serve((request) => request.socket.destroy());
    const [sent] = await webhookSender({ url, secret, retryDelays: [1] }).send([
      mockNotification('event.created'),
    ]);
    expect(sent?.statuses).toEqual([0, 0]);
  });

  it('compresses, truncates, repeats and reorders', async () => {
    const { url, bodies, faults } = await scripted();
    const big = mockNotification('message.created', { object: { body: 'x'.repeat(5_000), subject: 's' } });
    const sender = webhookSender({
      url,
      secret,
      compressed: true,
      truncateAt: 4_000,
      duplicates: 1,
      reorder: true,
      random: () => 0,
    });
    await sender.send([big, mockNotification('event.created')]);
    expect(faults).toEqual([]);
    expect(bodies.map(({ type }) => type)).toEqual([
      'message.created.truncated',
      'event.created',
      'event.created',
      'message.created.truncated',
    ]);
    expect(bodies[0]?.data?.object).toHaveProperty('subject');
    expect(bodies[0]?.data?.object).not.toHaveProperty('body');
  });

  it('finds that our own receiver does all of it right', async () => {
    const handled: string[] = [];
    const inbox = memoryInbox({ onEvent: ({ type }) => handled.push(type) });
    const url = await serve(nylasWebhooks({ secret, inbox }));
    const sender = webhookSender({ url, secret, compressed: true, duplicates: 2, concurrency: 4 });
    expect(await sender.challenge()).toBe(true);
    const sent = await sender.send([
      mockNotification('message.created'),
      { deltas: [mockDelta('account.stopped'), mockDelta('event.created')] },
    ]);
    expect(sent).toHaveLength(6);
    expect(sent.every(({ acknowledged }) => acknowledged)).toBe(true);
    await inbox.drained();
    expect(handled.sort()).toEqual(['account.stopped', 'event.created', 'message.created']);
  });

  it('finds a challenge that is not answered to the letter', async () => {
    const wrong = await serve((_, response) => response.end('wrong'));
    expect(await webhookSender({ url: wrong, secret }).challenge()).toBe(false);
    const chunked = await serve((_, response) => {
      response.write('abc');
      response.end();
    });
    expect(await webhookSender({ url: chunked, secret }).challenge('abc')).toBe(false);
  });
});
