import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The command as it is published: build the package before its tests are run by hand. */
export const BIN: string = fileURLToPath(new URL('../dist/bin.mjs', import.meta.url));

/** What a command came to. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command is run. */
export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string;
  /** A command that runs it: as another user, among other mounts. */
  readonly prefix?: readonly string[];
}

/** A folder of a test's own. */
export function folder(): { path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(tmpdir(), 'nylas-otel-cli-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** An environment with nothing of the developer's in it. */
export function cleanEnv(env: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { PATH: process.env.PATH ?? '', HOME: '/nonexistent', TZ: 'UTC', NODE_COMPILE_CACHE: CACHE, ...env };
}

// Node compiles a thousand modules for each process otherwise.
const CACHE = join(tmpdir(), 'nylas-otel-cli-compile-cache');

/** Runs a command to its end in a process of its own. */
export async function cli(
  args: readonly string[],
  { env, cwd, input, prefix = [] }: RunOptions = {},
): Promise<Ended> {
  const [program = '', ...given] = [...prefix, process.execPath, BIN, ...args];
  const child = spawn(program, given, {
    env: cleanEnv(env),
    cwd: cwd ?? tmpdir(),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.end(input ?? '');
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

/** A running exporter. */
export interface RunningExporter {
  readonly process: ChildProcess;
  /** Origin of its metrics. */
  readonly url: string;
  /** Everything it has logged. */
  log(): string;
  /** Resolves when the log has it. */
  logged(text: string): Promise<void>;
  /** Sends a signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** `nobody`, who may read what root may (a checkout can lie in a folder of root's), and write nothing. Needs root. */
export const UNPRIVILEGED: readonly string[] = [
  'setpriv',
  '--reuid=65534',
  '--regid=65534',
  '--clear-groups',
  '--inh-caps=-all,+dac_read_search',
  '--ambient-caps=-all,+dac_read_search',
  '--bounding-set=-all,+dac_read_search',
];

/**
 * Starts an exporter on free ports and waits for its `/metrics`.
 *
 * @param prefix a command that runs it: as another user, among other mounts
 */
export async function exporter(
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
  cwd: string = tmpdir(),
  prefix: readonly string[] = [],
): Promise<RunningExporter> {
  const [program = '', ...given] = [...prefix, process.execPath, BIN, 'exporter', ...args];
  const child = spawn(program, given, {
    env: cleanEnv({ NYLAS_OTEL_METRICS_PORT: '0', NYLAS_OTEL_LOG_LEVEL: 'debug', ...env }),
    cwd,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  const waiting = new Set<() => void>();
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
    for (const look of waiting) look();
  });
  const closed = once(child, 'close') as Promise<[number | null]>;
  const logged = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!log.includes(text)) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      void closed.then(() => reject(new Error(`the exporter ended before it logged "${text}":\n${log}`)));
      look();
    });
  await logged('metrics are served on ');
  const url = /metrics are served on (http:\/\/[^/\s]+)/.exec(log)?.[1] as string;
  return {
    process: child,
    url,
    log: () => log,
    logged,
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null) child.kill(signal);
      return (await closed)[0];
    },
  };
}

/** Waits until a condition holds, asking again and again. */
export async function eventually<T>(ask: () => Promise<T | undefined | false>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
