import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import type { Simulator } from '@nylas-otel/simulator';
import getPort from 'get-port';

const EXAMPLE = join(import.meta.dirname, '../../../../examples/express-opentelemetry');
const READERS = 12;

/** The example service under load. */
export interface BusyMailService extends AsyncDisposable {
  readonly url: string;
  /** Kills it, as a crash does. */
  kill(): Promise<void>;
  /** Starts it again at its address. */
  start(): Promise<void>;
}

/** Starts the example service, and people who read mail all the time, about thirty times a second. */
export async function startBusyMailService(nylas: Simulator): Promise<BusyMailService> {
  const port = await getPort();
  const url = `http://127.0.0.1:${port}`;
  let child = await startExample(nylas, port);
  process.once('exit', () => child.kill('SIGKILL'));
  const grants = nylas.grants.list().slice(0, READERS);
  let reader = 0;
  const readers = setInterval(() => {
    const grant = grants[reader++ % grants.length];
    void fetch(`${url}/mailboxes/${grant?.id}/messages`).then(
      (answer) => answer.arrayBuffer(),
      () => undefined,
    );
  }, 33);
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return {
    url,
    kill,
    async start() {
      child = await startExample(nylas, port);
    },
    async [Symbol.asyncDispose]() {
      clearInterval(readers);
      await kill();
    },
  };
}

async function startExample(nylas: Simulator, port: number) {
  const child = spawn(process.execPath, ['--import', './src/telemetry.ts', 'src/server.ts'], {
    cwd: EXAMPLE,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      NYLAS_API_KEY: nylas.apiKey,
      NYLAS_API_URI: nylas.url,
      NYLAS_TIMEOUT: '5',
      NYLAS_CLIENT_ID: nylas.clientId,
      NYLAS_CLIENT_SECRET: nylas.clientSecret,
      NYLAS_API_SERVER: nylas.url,
      NYLAS_HOSTS: new URL(nylas.url).host,
      ACCOUNT_SWEEP_SECONDS: '10',
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
    },
  });
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The service ended with ${code} before it listened.`)));
    createInterface(child.stdout).on('line', (line) => {
      if ((JSON.parse(line) as { msg?: string }).msg === 'listening') resolve();
    });
  });
  return child;
}
