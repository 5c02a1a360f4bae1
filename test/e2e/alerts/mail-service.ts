import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Simulator } from '@nylas-otel/simulator';

const EXAMPLE = join(import.meta.dirname, '../../../examples/express-opentelemetry');

/** The example service under load. */
export interface BusyMailService extends AsyncDisposable {
  readonly url: string;
  /** Kills it, as a crash does. */
  kill(): Promise<void>;
}

/** Starts the example service on the sources, and people who read mail all the time, about thirty times a second. */
export async function startBusyMailService(nylas: Simulator): Promise<BusyMailService> {
  const child = spawn(
    process.execPath,
    ['--conditions=nylas-otel-source', '--import', './src/telemetry.ts', 'src/server.ts'],
    {
      cwd: EXAMPLE,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        PATH: process.env.PATH,
        PORT: '0',
        NYLAS_API_KEY: nylas.apiKey,
        NYLAS_API_URI: nylas.url,
        NYLAS_TIMEOUT: '5',
        NYLAS_CLIENT_ID: nylas.clientId,
        NYLAS_CLIENT_SECRET: nylas.clientSecret,
        NYLAS_API_SERVER: nylas.url,
        NYLAS_HOSTS: new URL(nylas.url).host,
        OTEL_TRACES_EXPORTER: 'none',
        OTEL_METRICS_EXPORTER: 'none',
        OTEL_LOGS_EXPORTER: 'none',
      },
    },
  );
  process.once('exit', () => child.kill('SIGKILL'));
  const port = await new Promise<unknown>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The service ended with ${code} before it listened.`)));
    createInterface(child.stdout).on('line', (line) => {
      const entry = JSON.parse(line) as { msg?: string; port?: number };
      if (entry.msg === 'listening') resolve(entry.port);
    });
  });
  const url = `http://127.0.0.1:${port}`;
  const grants = nylas.grants.list().map(({ id }) => id);
  let reader = 0;
  const readers = setInterval(() => {
    const grant = grants[reader++ % grants.length];
    void fetch(`${url}/mailboxes/${grant}/messages`).then(
      (answer) => answer.arrayBuffer(),
      () => undefined,
    );
  }, 33);
  const kill = async (): Promise<void> => {
    clearInterval(readers);
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return { url, kill, [Symbol.asyncDispose]: kill };
}
