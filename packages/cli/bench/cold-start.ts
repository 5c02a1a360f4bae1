import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startSimulator } from '@nylas-otel/simulator';
import { hasPostgres, startPostgres } from '@nylas-otel/store/testing';
import getPort from 'get-port';

const BIN = fileURLToPath(new URL('../dist/bin.mjs', import.meta.url));
const ROUNDS = 7;
const LIMIT_MS = 700;
const READY = { pglite: 15_000, postgresql: 5_000 };
const MEMORY = { pglite: 700, postgresql: 250 };
const IDLE_MS = 5_000;

/** A row of `npm run bench`. */
interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly limit: number;
  readonly holds: boolean;
  readonly peer: string;
}

export const names: readonly string[] = [
  'cli: exporter to first /metrics',
  'cli: exporter to ready, PGlite',
  'cli: exporter to ready, PostgreSQL',
  'cli: idle memory, PGlite',
  'cli: idle memory, PostgreSQL',
];

/**
 * From the start of the process to the first answer of `/metrics`, beside `node -e 0` in the same rounds, a first start
 * that fills the compile cache left out; to `/-/ready` and the memory of an idle exporter with either store.
 */
export async function rows(wanted: (name: string) => boolean = () => true): Promise<Row[]> {
  if (!names.some(wanted)) return [];
  const place = mkdtempSync(join(tmpdir(), 'nylas-otel-cold-start-'));
  const simulator = await startSimulator({ grants: 100 });
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: place,
    NODE_COMPILE_CACHE: join(place, 'cache'),
    NYLAS_API_KEY: simulator.apiKey,
    NYLAS_OTEL_API_URL: simulator.url,
    NYLAS_OTEL_STATUS_URL: simulator.url,
    NYLAS_OTEL_SOCKET: 'off',
  };
  const found: Row[] = [];
  try {
    const pglite = { ...env, NYLAS_OTEL_DATA_DIR: join(place, 'data') };
    await measure(pglite);
    const starts: Start[] = [];
    const bare: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      bare.push(await bareNode());
      starts.push(await measure(pglite));
    }
    const first = middle(starts.map((start) => start.first));
    found.push(row(0, first, 'ms', LIMIT_MS, `node -e 0: ${middle(bare)} ms`));
    found.push(
      row(1, middle(starts.map((start) => start.ready)), 'ms', READY.pglite, 'an existing folder is opened'),
    );
    found.push(row(3, await idleMemory(pglite), 'MiB', MEMORY.pglite, 'RSS, 5 s after ready'));
    if (hasPostgres()) {
      const postgres = await startPostgres();
      try {
        const server = { ...env, DATABASE_URL: postgres.url };
        await measure(server);
        const onServer: Start[] = [];
        for (let round = 0; round < ROUNDS; round++) onServer.push(await measure(server));
        found.push(
          row(2, middle(onServer.map((start) => start.ready)), 'ms', READY.postgresql, 'tables are there'),
        );
        found.push(row(4, await idleMemory(server), 'MiB', MEMORY.postgresql, 'RSS, 5 s after ready'));
      } finally {
        await postgres.stop();
      }
    }
  } finally {
    await simulator.close();
    rmSync(place, { recursive: true, force: true });
  }
  return found.filter(({ name }) => wanted(name));
}

function row(index: number, value: number, unit: string, limit: number, peer: string): Row {
  return { name: names[index] as string, value, unit, limit, holds: value <= limit, peer };
}

interface Start {
  readonly first: number;
  readonly ready: number;
}

async function measure(env: Record<string, string>): Promise<Start> {
  const { child, url, began } = await start(env);
  try {
    const first = await answered(child, `${url}/metrics`, began);
    return { first, ready: await answered(child, `${url}/-/ready`, began) };
  } finally {
    await stop(child);
  }
}

async function idleMemory(env: Record<string, string>): Promise<number> {
  const { child, url, began } = await start(env);
  try {
    await answered(child, `${url}/-/ready`, began);
    await delay(IDLE_MS);
    const rss = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
    return Math.round(Number(rss) / 1_024);
  } finally {
    await stop(child);
  }
}

async function start(
  env: Record<string, string>,
): Promise<{ child: ChildProcess; url: string; began: number }> {
  const port = await getPort();
  const began = performance.now();
  const child = spawn(process.execPath, [BIN, 'exporter', '--port', String(port)], { env, stdio: 'ignore' });
  return { child, url: `http://localhost:${port}`, began };
}

async function answered(child: ChildProcess, url: string, began: number): Promise<number> {
  for (;;) {
    const ok = await fetch(url).then(
      async (response) => {
        await response.arrayBuffer();
        return response.ok;
      },
      () => false,
    );
    if (ok) return Math.round(performance.now() - began);
    if (child.exitCode !== null) throw new Error(`the exporter ended with ${child.exitCode}`);
    await delay(5);
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

async function bareNode(): Promise<number> {
  const began = performance.now();
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit');
  return Math.round(performance.now() - began);
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}
