import { join } from 'node:path';
import { startExample } from '@nylas-otel/example-service';

import getPort from 'get-port';
import { runCommand } from './exporter.ts';
import { layWire, type Wire } from './wire.ts';

/** A process that receives webhooks and handles them by calls to a CRM. */
export interface HandlerService extends AsyncDisposable {
  readonly url: string;
  readonly secret: string;
  readonly metrics: string;
  /** The network to its PostgreSQL. */
  readonly store: Wire;
  /** Puts dead letters back to work, as an operator does. */
  redrive(): Promise<number>;
}

/** Starts it on a database of the PostgreSQL at a port. */
export async function startHandlerService(
  postgres: number,
  database: string,
  crm: string,
): Promise<HandlerService> {
  const store = await layWire(postgres);
  const wired = new URL(database);
  wired.host = `127.0.0.1:${store.port}`;
  const port = await getPort();
  const secret = 'the-secret-of-the-handlers';
  const child = await startExample(
    import.meta.dirname,
    [...TELEMETRY, join(import.meta.dirname, '../processes/handle-webhooks.ts')],
    { ...metricsAt(port), DATABASE_URL: wired.href, NYLAS_WEBHOOK_SECRET: secret, CRM_URL: crm },
  );
  process.once('exit', () => child.process.kill('SIGKILL'));
  return {
    url: child.url,
    secret,
    metrics: `http://127.0.0.1:${port}/metrics`,
    store,
    redrive: () =>
      runCommand(['webhooks', 'redrive', '--all'], {
        DATABASE_URL: database,
        NYLAS_OTEL_APPLICATION: 'crm',
        NYLAS_OTEL_SOCKET: 'off',
      }),
    async [Symbol.asyncDispose]() {
      await child.stop();
      await store[Symbol.asyncDispose]();
    },
  };
}

/** Arguments of Node for a service that gets its telemetry without a line of code. */
export const TELEMETRY = ['--import', import.meta.resolve('@nylas-otel/node/register')] as const;

/** The environment of a service whose metrics are at a port, and that sends nothing anywhere. */
export function metricsAt(port: number): Record<string, string> {
  return {
    NYLAS_OTEL_METRICS_HOST: '127.0.0.1',
    NYLAS_OTEL_METRICS_PORT: String(port),
    OTEL_TRACES_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
  };
}
