import { type ChildProcess, fork } from 'node:child_process';
import type { OpenStoreOptions } from '../src/index.ts';
import { startPostgres } from '../src/testing.ts';
import type { ReceiverOrder, ReceiverReport } from './burst-receiver.ts';
import type { SendOrder, SendReport } from './burst-sender.ts';

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
// A receiver that a burst comes to has run for hours: most of what its first thousands of deliveries cost is compiling.
const WARM_UP: Pick<SendOrder, 'events' | 'seconds'> = { events: 6_000, seconds: 3 };

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

/**
 * Sender, receiver and PostgreSQL share the cores of this machine, each a process of its own: what is said of the
 * receiver's memory is the receiver's. PGlite stands beside, in a receiver of its own.
 */
export async function rows(): Promise<Row[]> {
  const server = await startPostgres();
  let postgres: Burst;
  let working: Burst;
  try {
    postgres = await burst({ databaseUrl: await server.createDatabase() });
    working = await burst({ databaseUrl: await server.createDatabase() }, true);
  } finally {
    await server.stop();
  }
  const pglite = await burst({ memory: true });
  const row = (name: string, unit: string, limit: number, of: (burst: Burst) => number): Row => ({
    name,
    value: of(postgres),
    unit,
    limit,
    holds: of(postgres) <= limit,
    peer: `PGlite in memory: ${of(pglite)} ${unit}; PostgreSQL, events handled meanwhile: ${of(working)} ${unit}`,
  });
  return [
    row(P99, 's', 1, ({ p99 }) => p99),
    row(REFUSED, 'deliveries', 0, ({ refused }) => refused),
    row(MEMORY, 'MiB', 256, ({ memory }) => memory),
  ];
}

async function burst(store: OpenStoreOptions, work = false): Promise<Burst> {
  const receiver = fork(new URL('burst-receiver.ts', import.meta.url), { execArgv: ['--expose-gc'] });
  const sender = fork(new URL('burst-sender.ts', import.meta.url), { execArgv: [] });
  const receive = (order: ReceiverOrder) => ask<ReceiverReport>(receiver, order);
  const send = (order: SendOrder) => ask<SendReport>(sender, order);
  try {
    const { port } = await receive({ kind: 'open', store, secret: SECRET, work });
    await send({ port, secret: SECRET, ...WARM_UP });
    await receive({ kind: 'watch' });
    const { times, refused } = await send({ port, secret: SECRET, events: EVENTS, seconds: SECONDS });
    const { memory } = await receive({ kind: 'report' });
    await receive({ kind: 'close' });
    const sorted = [...times].sort((a, b) => a - b);
    return {
      p99: Math.round(sorted[Math.floor(sorted.length * 0.99)] as number) / 1_000,
      refused,
      memory,
    };
  } finally {
    receiver.kill();
    sender.kill();
  }
}

/** Rejects when the process ends before it has answered. */
async function ask<Report>(child: ChildProcess, order: SendOrder | ReceiverOrder): Promise<Report> {
  return await new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`a process of the burst ended (${code})`));
    child.once('exit', ended);
    child.once('message', (report) => {
      child.off('exit', ended);
      resolve(report as Report);
    });
    child.send(order);
  });
}
