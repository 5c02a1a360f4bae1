import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Simulator } from '@nylas-otel/simulator';

/** The service of this example in a process of its own. */
export interface MailService extends AsyncDisposable {
  readonly url: string;
  readonly process: ChildProcess;
  /** The lines of its log so far. */
  readonly log: readonly Record<string, unknown>[];
  /** Status and body of a request; `body` is sent as JSON by POST. */
  ask(path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
  /** The text of a page. */
  page(path: string): Promise<string>;
}

/**
 * Starts the service against a simulated Nylas.
 *
 * @param folder where its `src` is
 * @param collector URL that OTLP goes to
 */
export async function startMailService(
  folder: string,
  nylas: Simulator,
  collector: string,
): Promise<MailService> {
  const tokens = nylas.accounts.list().map(({ id, accessToken }) => [id, accessToken]);
  const child = spawn(process.execPath, ['--import', './src/telemetry.ts', 'src/server.ts'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      NYLAS_API_KEY: nylas.apiKey,
      NYLAS_API_URI: nylas.url,
      NYLAS_TIMEOUT: '2',
      NYLAS_CLIENT_ID: nylas.clientId,
      NYLAS_CLIENT_SECRET: nylas.clientSecret,
      NYLAS_API_SERVER: nylas.url,
      NYLAS_HOSTS: new URL(nylas.url).host,
      LEGACY_TOKENS: JSON.stringify(Object.fromEntries(tokens)),
      OTEL_EXPORTER_OTLP_ENDPOINT: collector,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_BSP_SCHEDULE_DELAY: '100',
    },
  });
  const log: Record<string, unknown>[] = [];
  const port = await new Promise<unknown>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the service ended with ${code} before it listened`)));
    createInterface(child.stdout).on('line', (line) => {
      const entry = JSON.parse(line) as Record<string, unknown>;
      log.push(entry);
      if (entry.msg === 'listening') resolve(entry.port);
    });
  });
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    process: child,
    log,
    async ask(path, body) {
      const init =
        body === undefined
          ? {}
          : {
              method: 'POST',
              headers: { 'content-type': 'application/json' },
              body: JSON.stringify(body),
            };
      const response = await fetch(url + path, init);
      return { status: response.status, body: await response.json() };
    },
    page: async (path) => (await fetch(url + path)).text(),
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
