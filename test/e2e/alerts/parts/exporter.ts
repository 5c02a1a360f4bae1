import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Simulator } from '@nylas-otel/simulator';

/** The command as it is published. */
const BIN = join(import.meta.dirname, '../../../../packages/cli/dist/bin.mjs');
const CACHE = join(tmpdir(), 'nylas-otel-cli-compile-cache');

/** `nylas-otel exporter`, which receives webhooks, watches accounts, destinations and the status page, and repairs. */
export interface Exporter extends AsyncDisposable {
  readonly metrics: string;
  readonly webhooks: string;
  readonly secret: string;
  /** Runs a command beside it; resolves with its exit code. */
  run(...args: readonly string[]): Promise<number>;
}

/** Starts it with the shortest intervals it takes, its state in memory. */
export async function startExporter(nylas: Simulator, people: string): Promise<Exporter> {
  const folder = mkdtempSync(join(tmpdir(), 'nylas-otel-exporter-'));
  const secret = 'the-secret-of-the-exporter';
  const env = {
    NYLAS_API_KEY: nylas.apiKey,
    NYLAS_CLIENT_ID: nylas.clientId,
    NYLAS_OTEL_API_URL: nylas.url,
    NYLAS_OTEL_STATUS_URL: nylas.url,
    NYLAS_OTEL_APPLICATION: 'mail',
    NYLAS_OTEL_SOCKET: join(folder, 'exporter.sock'),
    NYLAS_OTEL_DATA_DIR: 'memory',
  };
  const child = spawn(process.execPath, [BIN, 'exporter', '--webhooks'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...cleanEnv(env),
      NYLAS_OTEL_METRICS_HOST: '127.0.0.1',
      NYLAS_OTEL_METRICS_PORT: '0',
      NYLAS_OTEL_WEBHOOKS_HOST: '127.0.0.1',
      NYLAS_OTEL_WEBHOOKS_PORT: '0',
      NYLAS_WEBHOOK_SECRET: secret,
      NYLAS_OTEL_SWEEP_INTERVAL: '10',
      NYLAS_OTEL_INVALID_INTERVAL: '5',
      NYLAS_OTEL_DESTINATION_INTERVAL: '10',
      NYLAS_OTEL_PLATFORM_INTERVAL: '10',
      NYLAS_OTEL_REQUESTS_PER_SECOND: '50',
      NYLAS_OTEL_REPAIR: 'on',
      NYLAS_OTEL_REAUTH_REDIRECT_URI: 'http://127.0.0.1/callback',
      NYLAS_OTEL_REAUTH_NOTIFY_URL: people,
    },
  });
  process.once('exit', () => child.kill('SIGKILL'));
  let log = '';
  const found = (pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(log);
        if (match) resolve(match[1] as string);
      };
      child.stderr.on('data', look);
      child.once('exit', () => reject(new Error(`The exporter ended before it was ready:\n${log}`)));
      look();
    });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const [metrics, webhooks] = await Promise.all([
    found(/metrics are served on (\S+)/),
    found(/webhooks are received at (\S+)/),
    found(/(all accounts have been read)/),
  ]);
  return {
    metrics,
    webhooks,
    secret,
    run: (...args) => runCommand(args, env),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Runs `nylas-otel` to its end; resolves with its exit code. */
export function runCommand(args: readonly string[], env: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [BIN, ...args], { env: cleanEnv(env), cwd: tmpdir() }, () =>
      resolve(child.exitCode ?? -1),
    );
  });
}

function cleanEnv(env: Readonly<Record<string, string>>): Record<string, string> {
  return { PATH: process.env.PATH ?? '', HOME: '/nonexistent', NODE_COMPILE_CACHE: CACHE, ...env };
}
