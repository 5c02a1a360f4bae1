import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createWebhookReceiver,
  type Inbox,
  type MemoryInbox,
  memoryInbox,
  mockNotification,
  type NylasWebhookError,
  signWebhook,
  type WebhookOptions,
  type WebhookReceiver,
} from '../src/index.ts';
import { HOSTS } from './hosts/all-hosts.ts';
import { type Host, PATH, type StartHost } from './hosts/host.ts';
import { nodeHttp } from './hosts/node-hosts.ts';
import { send } from './hosts/send.ts';

const SECRET = 's3cr3t';
// A gateway hands Lambda whole requests, so what is cut off or slow never gets there.
const STREAMING = HOSTS.filter(([name]) => !name.startsWith('Lambda'));

let cleanUp: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const step of cleanUp.reverse()) await step();
  cleanUp = [];
});

async function started(
  start: StartHost,
  options: Partial<WebhookOptions> = {},
): Promise<{ host: Host; receiver: WebhookReceiver; inbox: MemoryInbox; errors: NylasWebhookError[] }> {
  const inbox = memoryInbox();
  const errors: NylasWebhookError[] = [];
  const receiver = createWebhookReceiver({
    secret: SECRET,
    inbox,
    onError: (error) => errors.push(error),
    ...options,
  });
  const host = await start(receiver);
  cleanUp.push(
    () => inbox.close(),
    () => host.close(),
  );
  return { host, receiver, inbox, errors };
}

function signed(body = Buffer.from(JSON.stringify(mockNotification('message.created')))) {
  return { body, headers: { 'x-nylas-signature': signWebhook(body, SECRET) } };
}

async function rawSocket(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  cleanUp.push(async () => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

async function readAll(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('latin1');
  for await (const chunk of socket) text += chunk;
  return text;
}

const head = (length: number, more: string[] = []) =>
  [
    `POST ${PATH} HTTP/1.1`,
    'host: x',
    'content-type: application/json',
    `content-length: ${length}`,
    ...more,
    '',
    '',
  ].join('\r\n');

describe.each(STREAMING)('hostile and broken senders, on %s', (_, start) => {
  it('answers 503 to a body that does not arrive in time, and holds nothing of it afterwards', async () => {
    const { host, receiver } = await started(start, { deadlineMs: 150 });
    const socket = await rawSocket(host.port);
    socket.write(`${head(1000)}{"slow":`);
    const answer = await readAll(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 503 /);
    expect(answer.toLowerCase()).toContain('retry-after: 10');
    expect(receiver.stats().inFlight).toEqual({ deliveries: 0, bytes: 0 });
    expect(receiver.stats().downtime).toBe(0);
  });

  it('gives a body that trickles in no more time than one that stands still', async () => {
    const { host, receiver } = await started(start, { deadlineMs: 150 });
    const socket = await rawSocket(host.port);
    socket.on('error', () => undefined);
    socket.write(head(1_000_000));
    const trickle = setInterval(() => socket.write(' '), 10);
    cleanUp.push(async () => clearInterval(trickle));
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString('latin1')).toMatch(/^HTTP\/1\.1 503 /);
    expect(receiver.stats().inFlight).toEqual({ deliveries: 0, bytes: 0 });
  });

  it('has nothing in hand for senders whose headers never end, and serves others meanwhile', async () => {
    const { host, receiver } = await started(start, { maxInFlight: 1 });
    for (let slow = 0; slow < 5; slow++) {
      const socket = await rawSocket(host.port);
      socket.write(`POST ${PATH} HTTP/1.1\r\nhost: x\r\nx-slow: `);
    }
    expect((await send(host.port, signed())).status).toBe(200);
    expect(receiver.stats().inFlight).toEqual({ deliveries: 0, bytes: 0 });
  });

  it('forgets a sender that goes away in the middle of its body', async () => {
    const { host, receiver, errors } = await started(start);
    const socket = await rawSocket(host.port);
    socket.write(`${head(1000)}{"half":`);
    await expect.poll(() => receiver.stats().inFlight.bytes).toBe(8);
    socket.destroy();
    await expect.poll(() => receiver.stats().inFlight).toEqual({ deliveries: 0, bytes: 0 });
    expect(errors.map(({ code }) => code)).toEqual(['NYLAS_WEBHOOK_BODY_ABORTED']);
  });

  it('takes a body byte by byte, and one that is chunked', async () => {
    const { host, inbox } = await started(start);
    const { body, headers } = signed();
    const socket = await rawSocket(host.port);
    socket.write(
      `POST ${PATH} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\nx-nylas-signature: ${headers['x-nylas-signature']}\r\n\r\n`,
    );
    for (const byte of body)
      socket.write(Buffer.concat([Buffer.from('1\r\n'), Buffer.from([byte]), Buffer.from('\r\n')]));
    socket.write('0\r\n\r\n');
    expect(await readAll(socket)).toMatch(/^HTTP\/1\.1 200 /);
    await inbox.drained();
  });

  it('refuses a chunked body over the cap, which announces no length', async () => {
    const { host, receiver } = await started(start, { maxBodyBytes: 1000 });
    const socket = await rawSocket(host.port);
    socket.write(
      `POST ${PATH} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n`,
    );
    socket.write(`fa0\r\n${'x'.repeat(4000)}\r\n0\r\n\r\n`);
    expect(await readAll(socket)).toMatch(/^HTTP\/1\.1 413 /);
    expect(receiver.stats().inFlight.bytes).toBe(0);
  });

  it('goes on after Expect: 100-continue', async () => {
    const { host } = await started(start);
    const { body, headers } = signed();
    const socket = await rawSocket(host.port);
    socket.write(
      head(body.length, [
        'expect: 100-continue',
        'connection: close',
        `x-nylas-signature: ${headers['x-nylas-signature']}`,
      ]),
    );
    const [first] = (await once(socket, 'data')) as [Buffer];
    expect(first.toString()).toMatch(/^HTTP\/1\.1 100 /);
    socket.write(body);
    expect(await readAll(socket)).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('sheds when too many deliveries are in hand, and takes them again afterwards', async () => {
    let release: () => void = () => undefined;
    const slow = memoryInbox();
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const inbox: Inbox = {
      accept: async (events, call) => {
        await held;
        return await slow.accept(events, call);
      },
      quarantine: (delivery, call) => slow.quarantine(delivery, call),
    };
    const { host, receiver } = await started(start, { inbox, maxInFlight: 2 });
    const waiting = [send(host.port, signed()), send(host.port, signed())];
    await expect.poll(() => receiver.stats().inFlight.deliveries).toBe(2);
    const shed = await send(host.port, signed());
    expect([shed.status, shed.body, shed.headers['retry-after']]).toEqual([503, 'overloaded', '10']);
    release();
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200]);
    expect((await send(host.port, signed())).status).toBe(200);
    await slow.close();
  });

  it('sheds when the bodies in hand fill the memory it may use', async () => {
    const { host } = await started(start, { maxInFlightBytes: 100 });
    const answer = await send(host.port, signed());
    expect([answer.status, answer.body]).toEqual([503, 'overloaded']);
  });

  it('answers 503 within its deadline although the inbox hangs', async () => {
    const signals: AbortSignal[] = [];
    const inbox: Inbox = {
      accept: (_events, { signal }) => {
        signals.push(signal);
        return new Promise(() => undefined);
      },
      quarantine: () => new Promise(() => undefined),
    };
    const { host, receiver, errors } = await started(start, { inbox, deadlineMs: 100 });
    const answer = await send(host.port, signed());
    expect([answer.status, answer.body]).toEqual([503, 'deadline']);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(errors.map(({ code }) => code)).toEqual(['NYLAS_WEBHOOK_DEADLINE']);
    expect(receiver.stats().inFlight.deliveries).toBe(0);
  });
});

describe('inboxes that break their contract', () => {
  it.each<[string, Inbox['accept']]>([
    [
      'throws at once',
      () => {
        throw new Error('down');
      },
    ],
    ['rejects with no error', () => Promise.reject(undefined)],
    ['resolves with nothing', () => Promise.resolve(undefined as never)],
    ['forgets a verdict', () => Promise.resolve([])],
  ])('%s: the delivery is not acknowledged', async (_, accept) => {
    const { host, errors } = await started(nodeHttp, {
      inbox: { accept, quarantine: async () => undefined },
    });
    const answer = await send(host.port, signed());
    expect([answer.status, answer.body]).toEqual([503, 'inbox_failed']);
    expect(errors.map(({ code }) => code)).toEqual(['NYLAS_WEBHOOK_INBOX_BROKEN']);
  });

  it('knows its own errors from another copy of this package, by name', async () => {
    class NylasWebhookErrorOfAnotherCopy extends Error {
      override readonly name = 'NylasWebhookError';
      readonly code = 'NYLAS_WEBHOOK_INBOX_FULL';
    }
    const accept = async () => {
      throw new NylasWebhookErrorOfAnotherCopy();
    };
    const { host } = await started(nodeHttp, { inbox: { accept, quarantine: async () => undefined } });
    expect((await send(host.port, signed())).body).toBe('inbox_full');
  });

  it('is not disturbed by an onError that throws', async () => {
    const { host } = await started(nodeHttp, {
      inbox: { accept: () => Promise.reject(new Error('x')), quarantine: async () => undefined },
      onError: () => {
        throw new Error('mine');
      },
    });
    expect((await send(host.port, signed())).status).toBe(503);
  });
});

describe('a receiver that is closed', () => {
  it('finishes what is in hand and answers 503 to what comes', async () => {
    let release: () => void = () => undefined;
    const inbox: Inbox = {
      accept: (events) =>
        new Promise((resolve) => {
          release = () => resolve(events.map(() => 'accepted' as const));
        }),
      quarantine: async () => undefined,
    };
    const { host, receiver } = await started(nodeHttp, { inbox });
    const inHand = send(host.port, signed());
    await expect.poll(() => receiver.stats().inFlight.deliveries).toBe(1);
    const closed = receiver.close();
    expect((await send(host.port, signed())).body).toBe('inbox_closed');
    release();
    expect((await inHand).status).toBe(200);
    await closed;
  });
});
