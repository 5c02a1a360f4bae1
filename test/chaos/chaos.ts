import { randomInt } from 'node:crypto';
import { openStore } from '@nylas-otel/store';
import { type PostgresServer, startPostgres } from '@nylas-otel/store/testing';
import getPort from 'get-port';
import { Client } from 'pg';
import { chainsOf } from './events.ts';
import { KeptProcess } from './kept-process.ts';
import { seeded } from './random.ts';
import type { ChaosReport } from './report.ts';
import { Sender, type SentEvent } from './sender.ts';

/** How much is done, and how much of it is destroyed. */
export interface ChaosOptions {
  readonly events: number;
  /** `kill -9` of a receiver or a worker, by chance. */
  readonly kills: number;
  /** Of PostgreSQL: in order and by `kill -9` in turn. */
  readonly restarts: number;
  /** The same seed does the same in the same order; when what happens meanwhile is not in our hands. */
  readonly seed: number;
  readonly say?: (line: string) => void;
}

const RECEIVERS = 2;
const WORKERS = 2;
const AT_ONCE = 48;
const SECRET = 'chaos-secret-of-some-length';
// Jobs of a killed worker are found by their missed heartbeats, in about 20 seconds; and deliveries go before handling, so
// that a slow machine has much of it left.
const LONGEST_DRAIN_MS = 600_000;

/** Sends events through processes that are killed all the while, then counts what became of each. */
export async function chaos(options: ChaosOptions): Promise<ChaosReport> {
  const say = options.say ?? (() => {});
  const random = seeded(options.seed);
  const started = performance.now();
  const server = await startPostgres();
  const processes: KeptProcess[] = [];
  try {
    const databaseUrl = await server.createDatabase();
    await ask(databaseUrl, 'CREATE TABLE effects (id bigserial, key text, account text, step integer)');
    // Below the ports that systems give to clients: a receiver that is started again finds its own port free.
    const candidates = Array.from({ length: 100 }, () => randomInt(20_000, 32_000));
    const ports = await Promise.all(Array.from({ length: RECEIVERS }, () => getPort({ port: candidates })));
    processes.push(
      ...ports.map(
        (port, n) => new KeptProcess(`receiver ${n + 1}`, 'receiver.ts', [databaseUrl, String(port), SECRET]),
      ),
      ...Array.from(
        { length: WORKERS },
        (_, n) => new KeptProcess(`worker ${n + 1}`, 'worker.ts', [databaseUrl]),
      ),
    );
    // All at once: they make the tables together.
    await Promise.all(processes.map((each) => each.start()));
    say(`${RECEIVERS} receivers and ${WORKERS} workers are up`);

    const chains = chainsOf(options.events, random);
    const sender = new Sender(ports, SECRET, random);
    const restarts = await sendThrough(options, chains, sender, server, processes, random, say);
    say('everything is acknowledged; waiting for what is in hand');
    await drained(databaseUrl, options.events, say);
    sender.close();
    const found = await inspect(databaseUrl, chains, sender.acknowledged);
    return {
      events: options.events,
      acknowledged: sender.acknowledged.size,
      ...sender.counts,
      kills: Object.fromEntries(processes.map(({ name, kills }) => [name, kills])),
      restarts,
      ...found,
      seconds: (performance.now() - started) / 1_000,
    };
  } finally {
    await Promise.all(processes.map((each) => each.stop()));
    await server.stop();
  }
}

async function sendThrough(
  { events, kills, restarts }: ChaosOptions,
  chains: readonly (readonly SentEvent[])[],
  sender: Sender,
  server: PostgresServer,
  processes: readonly KeptProcess[],
  random: () => number,
  say: (line: string) => void,
): Promise<number> {
  // Spread over what is acknowledged, not over time: a slow machine meets them as often.
  const moments = (count: number): number[] =>
    Array.from({ length: count }, (_, n) => Math.floor(((n + random() * 0.9) / count) * events));
  const killAt = moments(kills);
  const restartAt = moments(restarts);
  let restarted = 0;
  let restarting: Promise<void> | undefined;
  const destroy = (): void => {
    const done = sender.acknowledged.size;
    while (killAt[0] !== undefined && killAt[0] <= done) {
      killAt.shift();
      const victim = processes[Math.floor(random() * processes.length)] as KeptProcess;
      victim.kill();
      say(`${done} acknowledged: kill -9 ${victim.name}`);
    }
    if (restarting === undefined && restartAt[0] !== undefined && restartAt[0] <= done) {
      restartAt.shift();
      restarted++;
      const hard = restarted % 2 === 0;
      say(`${done} acknowledged: PostgreSQL ${hard ? 'kill -9' : 'restart'}`);
      restarting = (hard ? server.kill().then(() => server.start()) : server.restart()).finally(() => {
        restarting = undefined;
      });
    }
  };
  const waiting = [...chains];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (;;) {
        const chain = waiting.shift();
        if (chain === undefined) return;
        for (const event of chain) {
          destroy();
          await sender.send(event);
        }
      }
    }),
  );
  await restarting;
  return restarted;
}

async function drained(databaseUrl: string, events: number, say: (line: string) => void): Promise<void> {
  const store = await openStore({ databaseUrl, poolSize: 2 });
  try {
    const until = performance.now() + LONGEST_DRAIN_MS;
    for (;;) {
      const { queued, active } = await store.inbox.counts();
      if (queued + active === 0) return;
      if (performance.now() > until) {
        say(`${queued} queued and ${active} active of ${events} are left`);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  } finally {
    await store.close();
  }
}

async function inspect(
  databaseUrl: string,
  chains: readonly (readonly SentEvent[])[],
  acknowledged: ReadonlySet<string>,
): Promise<Pick<ChaosReport, 'effects' | 'missing' | 'twice' | 'outOfOrder' | 'dead'>> {
  const effects = await ask<{ key: string; account: string; step: number }>(
    databaseUrl,
    'SELECT key, account, step FROM effects ORDER BY id',
  );
  const [letters] = await ask<{ dead: string }>(
    databaseUrl,
    'SELECT count(*) AS dead FROM nylas_otel.dead_letter',
  );
  const times = new Map<string, number>();
  for (const { key } of effects) times.set(key, (times.get(key) ?? 0) + 1);
  const inOrder = new Set(
    chains.filter(([first]) => first?.trigger.startsWith('grant.')).map(([first]) => first?.account),
  );
  let outOfOrder = 0;
  const last = new Map<string, number>();
  for (const { account, step } of effects) {
    if (inOrder.has(account) && step < (last.get(account) ?? -1)) outOfOrder++;
    last.set(account, step);
  }
  return {
    effects: effects.length,
    missing: [...acknowledged].filter((id) => !times.has(`v3:${id}`)).length,
    twice: [...times.values()].filter((count) => count > 1).length,
    outOfOrder,
    dead: Number(letters?.dead ?? 0),
  };
}

async function ask<Row extends object>(url: string, sql: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}
