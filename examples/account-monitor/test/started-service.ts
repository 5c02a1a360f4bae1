import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import type { PostgresServer } from '@nylas-otel/store/testing';
import getPort from 'get-port';
import { onTestFinished } from 'vitest';
import { type MailServer, startMailServer } from './mail-server.ts';

const SERVER = fileURLToPath(new URL('../src/server.ts', import.meta.url));
/** What the service and the simulator sign v3 webhooks with. */
export const SECRET = 'a-webhook-secret';

/** The example, a simulated Nylas and a mail server. */
export interface Started {
  readonly simulator: Simulator;
  readonly mail: MailServer;
  readonly webhooks: string;
  readonly databaseUrl: string;
}

/** The example as its README starts it, on a PostgreSQL. */
export async function startExample(
  postgres: PostgresServer,
  credentials: (simulator: Simulator) => NodeJS.ProcessEnv,
): Promise<Started> {
  const simulator = await startSimulator({ grants: 3, accounts: 3, limits: false });
  const mail = await startMailServer();
  const folder = mkdtempSync(join(tmpdir(), 'account-monitor-'));
  const databaseUrl = await postgres.createDatabase();
  const port = await getPort();
  const service: ChildProcess = spawn(
    process.execPath,
    // The sources of this repository; in yours the packages are installed.
    ['--conditions=nylas-otel-source', SERVER],
    {
      cwd: folder,
      env: {
        ...process.env,
        ...credentials(simulator),
        DATABASE_URL: databaseUrl,
        PORT: String(port),
        NYLAS_CLIENT_ID: simulator.clientId,
        NYLAS_API_URI: simulator.url,
        SMTP_URL: mail.url,
        REPAIR: 'on',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  onTestFinished(async () => {
    if (service.exitCode === null) {
      service.kill('SIGTERM');
      await once(service, 'exit');
    }
    await simulator.close();
    await mail.close();
    rmSync(folder, { recursive: true, force: true });
  });
  if (service.stdout === null) throw new Error('the service has no output');
  for await (const line of createInterface({ input: service.stdout }))
    if (line.startsWith('listening')) break;
  service.stdout.resume();
  return { simulator, mail, databaseUrl, webhooks: `http://127.0.0.1:${port}/webhooks/nylas` };
}

/** The link of a mail. */
export const linkIn = (text: string | undefined): string => /https?:\S+/.exec(text ?? '')?.[0] ?? '';
