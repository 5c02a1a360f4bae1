import { createHmac, randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';

/** What a burst is to be: to this process, by a message. */
export interface SendOrder {
  readonly port: number;
  readonly secret: string;
  readonly events: number;
  readonly seconds: number;
}

/** How it went. */
export interface SendReport {
  /** Milliseconds from when each event was due until its answer. */
  readonly times: readonly number[];
  /** Not answered with 200. */
  readonly refused: number;
}

const CONNECTIONS = 256;
const ANSWERED = /^HTTP\/1\.1 (\d{3}) [\s\S]*?\r\n\r\n/;

/**
 * Sends signed events at a steady pace, whether or not answers come, over connections that are kept. What is sent is made
 * and signed before, and goes out as bytes: sender, receiver and database share two cores, and a client that costs as
 * much as a receiver would be measured with it.
 */
process.on('message', (order: SendOrder) => {
  void send(order).then((report) => process.send?.(report));
});

async function send({ port, secret, events, seconds }: SendOrder): Promise<SendReport> {
  const requests = Array.from({ length: events }, (_, n) => signedRequest(n, secret));
  const idle = await Promise.all(Array.from({ length: Math.min(CONNECTIONS, events) }, () => open(port)));
  return await new Promise<SendReport>((resolve) => {
    const times: number[] = [];
    const waiting = new Map<Socket, number>();
    let refused = 0;
    let next = 0;
    const started = performance.now() + 10;
    const due = (n: number): number => started + (n / events) * seconds * 1_000;
    const pump = (): void => {
      const now = performance.now();
      while (next < events && due(next) <= now) {
        const socket = idle.pop();
        if (socket === undefined) return;
        waiting.set(socket, due(next));
        socket.write(requests[next] as Buffer);
        requests[next++] = EMPTY;
      }
    };
    const ended = (socket: Socket, good: boolean): void => {
      const since = waiting.get(socket);
      if (since === undefined) return;
      waiting.delete(socket);
      times.push(performance.now() - since);
      if (!good) refused++;
      if (times.length < events) return;
      clearInterval(tick);
      for (const each of all) each.destroy();
      resolve({ times, refused });
    };
    const tick = setInterval(pump, 2);
    const all = [...idle];
    for (const socket of all) {
      let head = '';
      socket.on('data', (chunk) => {
        head += chunk.toString('latin1');
        const status = ANSWERED.exec(head)?.[1];
        if (status === undefined) return;
        head = '';
        ended(socket, status === '200');
        idle.push(socket);
        pump();
      });
      // Its event counts as refused; the others go over what is left.
      socket.on('close', () => ended(socket, false));
    }
  });
}

const EMPTY = Buffer.alloc(0);
const CONTENT = { subject: 'subject', snippet: 'x'.repeat(200), body: 'y'.repeat(3_000), folders: ['INBOX'] };

/** About 4 kB: every fifth tells of the state of an account, the others of a message. */
function signedRequest(n: number, secret: string): Buffer {
  const grant_id = `grant-${n % 1_000}`;
  const body = JSON.stringify({
    specversion: '1.0',
    type: n % 5 === 0 ? 'grant.updated' : 'message.created',
    source: '/google/emails/realtime',
    id: randomUUID(),
    time: Math.floor(Date.now() / 1_000),
    webhook_delivery_attempt: 1,
    data: { application_id: 'a', object: { id: randomUUID(), ...CONTENT, grant_id } },
  });
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  return Buffer.from(
    `POST /webhooks/nylas HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nx-nylas-signature: ${signature}\r\n\r\n${body}`,
  );
}

async function open(port: number): Promise<Socket> {
  return await new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket));
    socket.once('error', reject);
  });
}
