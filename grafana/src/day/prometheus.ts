import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import getPort from 'get-port';

const STARTS_WITHIN_MS = 30_000;

/** A Prometheus of our own, on a free port. */
export interface Prometheus extends AsyncDisposable {
  readonly url: string;
  /** Asks its HTTP API (`query_range`, `query`); throws what it says is wrong. */
  ask<Data>(path: string, parameters: Readonly<Record<string, string>>): Promise<Data>;
}

/** Starts Prometheus on the data in `folder`, with a configuration (by default one that scrapes nothing). */
export async function startPrometheus(folder: string, configuration = 'global: {}\n'): Promise<Prometheus> {
  const port = await getPort();
  const url = `http://127.0.0.1:${port}`;
  const config = join(folder, 'prometheus.yml');
  writeFileSync(config, configuration);
  const child = spawn(
    'prometheus',
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      '--storage.tsdb.retention.time=10y',
      `--web.listen-address=127.0.0.1:${port}`,
      '--web.enable-lifecycle',
      '--log.level=error',
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const end = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  process.once('exit', () => child.kill('SIGKILL'));
  await untilReady(`${url}/-/ready`, child);
  return {
    url,
    ask: (path, parameters) => ask(url, path, parameters),
    [Symbol.asyncDispose]: end,
  };
}

/** Waits until a server says that it is ready; throws when its process ends before. */
export async function untilReady(url: string, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + STARTS_WITHIN_MS;
  while (performance.now() < deadline) {
    if (child.exitCode !== null)
      throw new Error(`${child.spawnfile} ended with ${child.exitCode} before it was ready.`);
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(50);
  }
  throw new Error(`${child.spawnfile} did not answer at ${url} within ${STARTS_WITHIN_MS / 1000} s.`);
}

async function ask<Data>(
  url: string,
  path: string,
  parameters: Readonly<Record<string, string>>,
): Promise<Data> {
  const answer = await fetch(`${url}/api/v1/${path}`, {
    method: 'POST',
    body: new URLSearchParams(parameters),
  });
  const { status, data, error } = (await answer.json()) as { status: string; data: Data; error?: string };
  if (status !== 'success') throw new Error(`${error}: ${parameters.query}`);
  return data;
}
