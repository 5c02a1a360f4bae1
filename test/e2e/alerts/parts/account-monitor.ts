import { join } from 'node:path';
import { startExample } from '@nylas-otel/example-service';

import type { Simulator } from '@nylas-otel/simulator';
import getPort from 'get-port';
import { startMailServer } from '../../../../examples/account-monitor/test/mail-server.ts';
import { metricsAt, TELEMETRY } from './handler-service.ts';

const EXAMPLE = join(import.meta.dirname, '../../../../examples/account-monitor');

/** The example that keeps accounts alive, on API v2. */
export interface AccountMonitor extends AsyncDisposable {
  readonly metrics: string;
  /** What the owner of a mailbox does with the mail that asks for it. */
  followLink(email: string): Promise<void>;
}

/** Starts it with a mail server, and has Nylas tell it of its accounts. */
export async function startAccountMonitor(nylas: Simulator, databaseUrl: string): Promise<AccountMonitor> {
  const mail = await startMailServer();
  const [port, metrics] = [await getPort(), await getPort()];
  const child = await startExample(EXAMPLE, [...TELEMETRY, 'src/server.ts'], {
    ...metricsAt(metrics),
    PORT: String(port),
    NYLAS_CLIENT_ID: nylas.clientId,
    NYLAS_CLIENT_SECRET: nylas.clientSecret,
    NYLAS_WEBHOOK_SECRET: nylas.clientSecret,
    NYLAS_API_URI: nylas.url,
    DATABASE_URL: databaseUrl,
    SMTP_URL: mail.url,
    REPAIR: 'on',
  });
  process.once('exit', () => child.process.kill('SIGKILL'));
  await nylas.webhooks.subscribe({ url: `http://127.0.0.1:${port}/webhooks/nylas`, version: 'v2' });
  return {
    metrics: `http://127.0.0.1:${metrics}/metrics`,
    async followLink(email) {
      const { text = '' } = await mail.mailTo(email);
      const answer = await fetch(/https?:\S+/.exec(text)?.[0] ?? '');
      if (!answer.ok) throw new Error(`Signing in again came to ${answer.status}.`);
    },
    async [Symbol.asyncDispose]() {
      await child.stop();
      await mail.close();
    },
  };
}
