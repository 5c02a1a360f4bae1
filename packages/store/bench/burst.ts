import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import { nylasWebhooks } from '@nylas-otel/webhooks';
import { type NylasStore, openStore } from '../src/index.ts';
import { startPostgres } from '../src/testing.ts';

/** A row of the bench; see `row.ts` there. */
interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly limit: number;
  readonly holds: boolean;
  readonly peer: string;
}

const SECRET = 'bench-secret-of-some-length';
const EVENTS = 20_000;
const SECONDS = 5;
const MIB = 1024 * 1024;

const P99 = `store: ${EVENTS} events in ${SECONDS} s into PostgreSQL, p99 until the answer`;
const REFUSED = `store: of these, not answered with 200`;
const MEMORY = `store: memory that the receiver grows by meanwhile`;
export const names: readonly string[] = [P99, REFUSED, MEMORY];

interface Burst {
  /** Seconds. */
  readonly p99: number;
  readonly refused: number;
  /** MiB above what it was before. */
  readonly memory: number;
}

/** Sender, receiver and PostgreSQL share the cores of this machine. PGlite stands beside, in the receiver's own process. */
export async function rows(): Promise<Row[]> {
  const server = await startPostgres();
  let postgres: Burst;
  try {
    postgres = await burst(await openStore({ databaseUrl: await server.createDatabase() }));
  } finally {
    await server.stop();
  }
  const pglite = await burst(await openStore({ memory: true }));
  const row = (name: string, unit: string, limit: number, of: (burst: Burst) => number): Row => ({
    name,
    value: of(postgres),
    unit,
    limit,
    holds: of(postgres) <= limit,
    peer: `PGlite in memory: ${of(pglite)} ${unit}`,
  });
  return [
    row(P99, 's', 1, ({ p99 }) => p99),
    row(REFUSED, 'deliveries', 0, ({ refused }) => refused),
    row(MEMORY, 'MiB', 256, ({ memory }) => memory),
  ];
}

async function burst(store: NylasStore): Promise<Burst> {
  const server = createServer(nylasWebhooks({ secret: SECRET, inbox: store.inbox, maxInFlight: 20_000 }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = new Worker(CLIENT, { eval: true, workerData: { port, secret: SECRET } });
  const drive = async (events: number, seconds: number): Promise<{ times: number[]; refused: number }> => {
    const done = new Promise<{ times: number[]; refused: number }>((resolve) =>
      client.once('message', resolve),
    );
    client.postMessage({ events, seconds });
    return await done;
  };
  try {
    await drive(1_000, 1);
    globalThis.gc?.();
    const before = process.memoryUsage.rss();
    let most = before;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage.rss());
    }, 100);
    const { times, refused } = await drive(EVENTS, SECONDS);
    clearInterval(watch);
    times.sort((a, b) => a - b);
    return {
      p99: Math.round(times[Math.floor(times.length * 0.99)] as number) / 1_000,
      refused,
      memory: Math.round((most - before) / MIB),
    };
  } finally {
    await client.terminate();
    server.closeAllConnections();
    server.close();
    await store.close({ graceMs: 0 });
  }
}

// Sends at a steady pace, whether or not answers come, and measures from when each was due. About 4 kB an event.
const CLIENT = `
const { parentPort, workerData: { port, secret } } = require('node:worker_threads');
const { Agent, request } = require('node:http');
const { createHmac, randomUUID } = require('node:crypto');
const agent = new Agent({ keepAlive: true, maxSockets: 256 });
const object = { subject: 'subject', snippet: 'x'.repeat(200), body: 'y'.repeat(3000), folders: ['INBOX'] };
let sent = 0;
function send(due, done) {
  const trigger = sent % 5 === 0 ? 'grant.updated' : 'message.created';
  const grant_id = 'grant-' + (sent++ % 1000);
  const body = Buffer.from(JSON.stringify({
    specversion: '1.0', type: trigger, source: '/google/emails/realtime', id: randomUUID(),
    time: Math.floor(Date.now() / 1000), webhook_delivery_attempt: 1,
    data: { application_id: 'a', object: { id: randomUUID(), ...object, grant_id } },
  }));
  const headers = {
    'content-type': 'application/json', 'content-length': body.length,
    'x-nylas-signature': createHmac('sha256', secret).update(body).digest('hex'),
  };
  const sending = request({ host: '127.0.0.1', port, method: 'POST', agent, headers }, (answer) => {
    answer.resume();
    answer.once('end', () => done(performance.now() - due, answer.statusCode === 200));
  });
  sending.once('error', () => done(performance.now() - due, false));
  sending.end(body);
}
parentPort.on('message', ({ events, seconds }) => {
  const started = performance.now();
  const times = [];
  let refused = 0;
  let next = 0;
  const done = (time, good) => {
    times.push(time);
    if (!good) refused++;
    if (times.length === events) parentPort.postMessage({ times, refused });
  };
  const tick = setInterval(() => {
    for (; next < events; next++) {
      const due = started + (next / events) * seconds * 1000;
      if (due > performance.now()) return;
      send(due, done);
    }
    clearInterval(tick);
  }, 2);
});
`;
