import { once } from 'node:events';
import { connect } from 'node:net';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createWebhookReceiver,
  type MemoryInbox,
  memoryInbox,
  mockNotification,
  signWebhook,
  type WebhookReceiver,
} from '../src/index.ts';
import { HOSTS } from './hosts/all-hosts.ts';
import { type Host, PATH } from './hosts/host.ts';
import { send } from './hosts/send.ts';

const SECRET = 's3cr3t';
const MIB = 1024 * 1024;

const MANY_MEMBERS = Buffer.concat(Array.from({ length: 9 }, () => gzipSync(Buffer.alloc(MIB, ' '))));
let layers = gzipSync(Buffer.alloc(64 * MIB, ' '));
for (let layer = 1; layer < 10; layer++) layers = gzipSync(layers);

const notification = () => Buffer.from(JSON.stringify(mockNotification('message.created')));

function signed(body: Uint8Array, encoding: string | readonly string[] = 'gzip') {
  return { body, headers: { 'x-nylas-signature': signWebhook(body, SECRET), 'content-encoding': encoding } };
}

describe.each(HOSTS)('hostile bodies, on %s', (_, start) => {
  let host: Host;
  let receiver: WebhookReceiver;
  let inbox: MemoryInbox;
  let accepted = 0;

  beforeAll(async () => {
    inbox = memoryInbox({ onEvent: () => void accepted++ });
    receiver = createWebhookReceiver({
      secret: [
        { name: 'old', secret: 'old secret' },
        { name: 'new', secret: SECRET },
      ],
      inbox,
    });
    host = await start(receiver);
  });
  afterAll(async () => {
    await host.close();
    await receiver.close();
    await inbox.close();
  });
  beforeEach(() => {
    accepted = 0;
  });

  /** Sends; tells the answer, and how many events and bodies were kept of it. */
  async function outcomeOf(what: Parameters<typeof send>[1]) {
    const before = inbox.quarantined().length;
    const { status } = await send(host.port, what);
    await inbox.drained();
    expect(receiver.stats().inFlight).toEqual({ deliveries: 0, bytes: 0 });
    return { status, accepted, quarantined: inbox.quarantined().length - before };
  }

  it('refuses a bomb of many members, each under the cap, with 413', async () => {
    expect(await outcomeOf(signed(MANY_MEMBERS))).toEqual({ status: 413, accepted: 0, quarantined: 0 });
  });

  it('reads members that were written one after another as one body', async () => {
    const json = notification();
    const parts = [gzipSync(json.subarray(0, 50)), gzipSync(''), gzipSync(json.subarray(50))];
    expect(await outcomeOf(signed(Buffer.concat(parts)))).toEqual({
      status: 200,
      accepted: 1,
      quarantined: 0,
    });
  });

  it('takes off one layer and no more: what is inside of ten is never inflated', async () => {
    expect(await outcomeOf(signed(layers))).toEqual({ status: 200, accepted: 0, quarantined: 1 });
  });

  it.each([
    ['deflate (zlib)', deflateSync, 'deflate'],
    ['deflate (raw)', deflateRawSync, 'deflate'],
    ['gzip, though it is deflate', deflateSync, 'gzip'],
    ['br, though it is deflate', deflateSync, 'br'],
  ])('keeps what claims to be %s for a person: Nylas sends gzip only', async (_claim, compress, encoding) => {
    const body = compress(notification());
    expect(await outcomeOf(signed(body, encoding))).toEqual({ status: 200, accepted: 0, quarantined: 1 });
  });

  it.each([
    ['gzip twice', ['gzip', 'gzip']],
    ['gzip and identity', ['gzip', 'identity']],
    ['deflate before gzip', ['deflate', 'gzip']],
  ])('goes by the bytes, not by two content-encodings: %s', async (_claim, encodings) => {
    expect(await outcomeOf(signed(gzipSync(notification()), encodings))).toMatchObject({
      status: 200,
      accepted: 1,
    });
  });

  it('never sees a request of two lengths: the host refuses it', async () => {
    const body = notification();
    const socket = connect(host.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(
      `POST ${PATH} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${body.length}\r\n` +
        `content-length: 5\r\nx-nylas-signature: ${signWebhook(body, SECRET)}\r\n\r\n`,
    );
    socket.write(body);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 400 /);
    expect([accepted, receiver.stats().inFlight.deliveries]).toEqual([0, 0]);
  });

  it('refuses any body of which one bit was flipped on the way, and takes it as it was signed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.boolean(), async (at, compressed) => {
        const body = compressed ? gzipSync(notification()) : notification();
        const what = signed(body, compressed ? 'gzip' : 'identity');
        const bit = at % (body.length * 8);
        const flipped = Buffer.from(body);
        flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
        expect((await send(host.port, { ...what, body: flipped })).status).not.toBe(200);
        expect((await send(host.port, what)).status).toBe(200);
      }),
      { numRuns: 10 },
    );
  });

  it('counts each secret by name, and nothing for a signature that none of them made', async () => {
    const before = receiver.stats().secrets.map(({ verified }) => verified);
    const body = notification();
    for (const secret of ['old secret', SECRET, SECRET, 'else'])
      await send(host.port, { body, headers: { 'x-nylas-signature': signWebhook(body, secret) } });
    const after = receiver
      .stats()
      .secrets.map(({ name, verified }, index) => [name, verified - (before[index] as number)]);
    expect(after).toEqual([
      ['old', 1],
      ['new', 2],
    ]);
  });
});
