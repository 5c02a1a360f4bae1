// Debian: apt install postgresql
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import { hasPostgres, type PostgresServer, startPostgres } from '@nylas-otel/store/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { cli, eventually, exporter, folder } from './command.ts';

// Processes of their own, on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

describe.skipIf(!hasPostgres())('an exporter with repair', () => {
  const place = folder();
  /** What the host's application was asked to tell its users. */
  const asked: { authorization: unknown; body: Record<string, unknown> }[] = [];
  let simulator: Simulator;
  let postgres: PostgresServer;
  let application: Server;
  let env: Record<string, string>;
  let people: Record<string, string>;
  let broken: string;

  beforeAll(async () => {
    simulator = await startSimulator({ grants: 5 });
    broken = String(simulator.grants.list()[0]?.id);
    postgres = await startPostgres();
    application = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk) => {
        text += chunk;
      });
      request.on('end', () => {
        asked.push({ authorization: request.headers.authorization, body: JSON.parse(text) });
        response.end();
      });
    });
    await new Promise<void>((resolve) => application.listen(0, '127.0.0.1', resolve));
    env = {
      NYLAS_API_KEY: simulator.apiKey,
      NYLAS_OTEL_API_URL: simulator.url,
      NYLAS_OTEL_STATUS_URL: simulator.url,
      DATABASE_URL: postgres.url,
      NYLAS_OTEL_SOCKET: join(place.path, 'x.sock'),
      NYLAS_OTEL_INVALID_INTERVAL: '5',
    };
    people = {
      NYLAS_CLIENT_ID: simulator.clientId,
      NYLAS_OTEL_REAUTH_REDIRECT_URI: 'https://app.example.com/callback',
      NYLAS_OTEL_REAUTH_NOTIFY_URL: `http://127.0.0.1:${(application.address() as AddressInfo).port}/asked`,
      NYLAS_OTEL_REAUTH_NOTIFY_TOKEN: 'a-token-for-the-application',
    };
  });
  afterAll(async () => {
    application?.close();
    await simulator?.close();
    await postgres?.stop();
    place[Symbol.dispose]();
  });

  /** An exporter that ends with its test, whatever becomes of that. */
  async function started(...given: Parameters<typeof exporter>): ReturnType<typeof exporter> {
    const running = await exporter(...given);
    onTestFinished(() => void running.stop());
    return running;
  }

  const history = async (): Promise<string> =>
    (await cli(['accounts', 'history', broken, '--since', '1h'], { env })).stdout;

  it('as a dry run writes down what it would do, and asks nobody', async () => {
    simulator.grants.setStatus(broken, 'invalid');
    const running = await started({ ...env, ...people });
    await eventually(async () =>
      (await history()).includes('would ask its user to authenticate again (dry run)'),
    );
    expect((await cli(['status'], { env })).stdout).toMatch(/^repair +dry-run$/m);
    expect(await running.stop()).toBe(0);
    expect(asked).toEqual([]);
  });

  it('on, has the application ask the user, and sees that the account is back', async () => {
    const running = await started({ ...env, ...people }, ['--repair', 'on']);
    const [request] = await eventually(async () => asked.length > 0 && asked);
    expect(request).toMatchObject({
      authorization: 'Bearer a-token-for-the-application',
      body: { kind: 'reauthentication', reason: 'invalid', attempt: 1, account: { id: broken } },
    });
    const { searchParams } = new URL(String(request?.body.url));
    expect(searchParams.get('redirect_uri')).toBe('https://app.example.com/callback');
    simulator.grants.reauthenticate(broken);
    const lines = await eventually(async () => {
      const text = await history();
      return text.includes('the account is well again') && text;
    });
    expect(lines).toContain('ask its user to authenticate again');
    expect((await cli(['status'], { env })).stdout).toMatch(/^repair +on$/m);
    expect(await running.stop()).toBe(0);
    expect(asked).toHaveLength(1);
  });

  it('does not begin where nobody could be asked', async () => {
    const { code, stderr } = await cli(['exporter', '--repair', 'on'], { env });
    expect(code).toBe(2);
    expect(stderr).toContain('repair.reauth_redirect_uri, repair.notify_url is not given');
  });

  it('is not turned on by a reload where nobody could be asked', async () => {
    const config = join(place.path, 'nylas-otel.yaml');
    writeFileSync(config, 'repair:\n  mode: dry-run\n', { mode: 0o600 });
    const running = await started({ ...env, NYLAS_OTEL_CONFIG: config });
    await running.logged('ready');
    writeFileSync(config, 'repair:\n  mode: on\n');
    running.process.kill('SIGHUP');
    await running.logged('nobody could be asked to authenticate again');
    await running.logged('goes on with the configuration it has');
    // Its watches go on, too.
    expect((await cli(['status'], { env })).stdout).toMatch(/^repair +dry-run$/m);
    expect(await running.stop()).toBe(0);
  });
});
