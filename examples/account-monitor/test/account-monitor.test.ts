// Debian: apt install postgresql

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import { hasPostgres, type PostgresServer, startPostgres } from '@nylas-otel/store/testing';
import getPort from 'get-port';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type MailServer, startMailServer } from './mail-server.ts';

const SERVER = fileURLToPath(new URL('../src/server.ts', import.meta.url));
const SECRET = 'a-webhook-secret';

interface Started {
  readonly simulator: Simulator;
  readonly mail: MailServer;
  readonly webhooks: string;
}

let postgres: PostgresServer;

/** The example as its README starts it, on a PostgreSQL. */
async function start(credentials: (simulator: Simulator) => NodeJS.ProcessEnv): Promise<Started> {
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
  return { simulator, mail, webhooks: `http://127.0.0.1:${port}/webhooks/nylas` };
}

const linkIn = (text: string | undefined): string => /https?:\S+/.exec(text ?? '')?.[0] ?? '';

describe.skipIf(!hasPostgres())('the service', () => {
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  it('e-mails the user of an expired grant a link, which connects the mailbox again', {
    timeout: 120_000,
  }, async () => {
    const { simulator, mail, webhooks } = await start(({ apiKey }) => ({
      NYLAS_API_KEY: apiKey,
      NYLAS_WEBHOOK_SECRET: SECRET,
    }));
    await simulator.webhooks.subscribe({ url: webhooks, secret: SECRET });
    const { id, email } = simulator.grants.list()[0] ?? { id: '', email: '' };
    simulator.grants.expire(id, { noticedAfterMs: 0 });
    const mailed = await mail.mailTo(email);
    expect(mailed.subject).toBe('Please sign in to your mailbox again');
    const answer = await fetch(linkIn(mailed.text));
    expect(await answer.text()).toMatch(/connected again/);
    expect(simulator.grants.get(id)?.status).toBe('valid');
    expect(mail.count(email)).toBe(1);
  });

  it('revokes the old token of a v2 account when its user has signed in again', {
    timeout: 120_000,
  }, async () => {
    // v2 signs webhooks with the client secret.
    const { simulator, mail, webhooks } = await start(({ clientSecret }) => ({
      NYLAS_CLIENT_SECRET: clientSecret,
      NYLAS_WEBHOOK_SECRET: clientSecret,
    }));
    await simulator.webhooks.subscribe({ url: webhooks, version: 'v2' });
    const [account] = simulator.accounts.list();
    const { id = '', email = '', accessToken = '' } = account ?? {};
    simulator.accounts.invalidate(id);
    const mailed = await mail.mailTo(email);
    const answer = await fetch(linkIn(mailed.text));
    expect(await answer.text()).toMatch(/connected again/);
    expect(simulator.accounts.byToken(accessToken)).toBeUndefined();
    expect(simulator.accounts.get(id)).toMatchObject({ syncState: 'running', billingState: 'paid' });
  });
});
