import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import { memoryInbox, mockNotification, nylasWebhooks } from '../src/index.ts';

const SECRET = 'bench-secret';
// CPU is counted in ticks of up to 4 ms, so a batch is long.
const BATCH = 2_000;
// Both are measured as they are in a process that has run for minutes: compiled. Ours is more code, so it takes longer.
const WARM_UP = 30;
const PAIRS = 11;

// The client is a thread of its own, so that only the server's CPU is counted; each event has an id of its own. One request
// at a time: with several, the faster server would find the client awake, which makes its writes cheaper than the other's.
const CLIENT = `
const { parentPort, workerData } = require('node:worker_threads');
const { Agent, request } = require('node:http');
const { createHmac } = require('node:crypto');
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const template = workerData.body;
let next = 0;
function send(port) {
  return new Promise((resolve, reject) => {
    const body = template.replace('ID-TO-COME', String(workerData.seed) + '-' + next++);
    const signature = createHmac('sha256', workerData.secret).update(body).digest('hex');
    const outgoing = request({ port, host: '127.0.0.1', method: 'POST', agent, headers: {
      'content-type': 'application/json', 'content-length': Buffer.byteLength(body), 'x-nylas-signature': signature } },
      (response) => { response.resume(); response.on('end', () =>
        response.statusCode === 200 ? resolve() : reject(new Error('status ' + response.statusCode))); });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
parentPort.on('message', async ({ port, count }) => {
  let left = count;
  const worker = async () => { while (left-- > 0) await send(port); };
  await worker();
  parentPort.postMessage('done');
});`;

// The receiver's own cap.
const MOST_BYTES = 2 * 1024 * 1024;

/** A handler that reads the body up to the same cap, verifies the HMAC and answers 200: the least any receiver does. */
const bare: RequestListener = (request, response) => {
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MOST_BYTES) chunks.push(chunk);
  });
  request.on('end', () => {
    const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
    const expected = createHmac('sha256', SECRET).update(body).digest();
    const given = Buffer.from(String(request.headers['x-nylas-signature']), 'hex');
    const good = given.length === expected.length && timingSafeEqual(given, expected);
    const status = size > MOST_BYTES ? 413 : good ? 200 : 401;
    response.writeHead(status, { 'content-type': 'text/plain', 'content-length': '0' }).end();
  });
};

/** The CPU of ours to that of the bare handler, of each pair of batches. */
async function measure(): Promise<number[]> {
  const inbox = memoryInbox({ maxKeys: 10_000, maxQueued: 1_000_000 });
  const ours = await listen(nylasWebhooks({ secret: SECRET, inbox }));
  const peer = await listen(bare);
  const body = JSON.stringify(
    mockNotification('message.created', {
      id: 'ID-TO-COME',
      // About 4 kB: a short message with its headers, as most are.
      object: { subject: 'subject', snippet: 'x'.repeat(200), body: 'y'.repeat(3_000), folders: ['INBOX'] },
    }),
  );
  const client = new Worker(CLIENT, { eval: true, workerData: { body, secret: SECRET, seed: process.pid } });
  try {
    const drive = (server: Server) => cpuOf(client, (server.address() as AddressInfo).port);
    for (let warmUp = 0; warmUp < WARM_UP; warmUp++) {
      await drive(ours);
      await drive(peer);
    }
    const ratios: number[] = [];
    for (let pair = 0; pair < PAIRS; pair++) {
      const [first, second] = pair % 2 === 0 ? [ours, peer] : [peer, ours];
      const [one, other] = [await drive(first), await drive(second)];
      ratios.push(first === ours ? one / other : other / one);
    }
    return ratios;
  } finally {
    await client.terminate();
    for (const server of [ours, peer]) {
      server.closeAllConnections();
      server.close();
    }
    await inbox.close();
  }
}

async function listen(handler: RequestListener): Promise<Server> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** CPU seconds of this thread while the client sends a batch. */
async function cpuOf(client: Worker, port: number): Promise<number> {
  const before = process.threadCpuUsage();
  const done = new Promise((resolve) => client.once('message', resolve));
  client.postMessage({ port, count: BATCH });
  await done;
  const used = process.threadCpuUsage(before);
  return (used.user + used.system) / 1e6;
}

process.send?.(await measure());
process.disconnect();
