// Debian: apt install postgresql
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import { hasPostgres, type PostgresServer, startPostgres } from '@nylas-otel/store/testing';
import { mockNotification, signWebhook } from '@nylas-otel/webhooks';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { cli, eventually, exporter, folder, type RunningExporter } from './command.ts';

// Processes of their own, on a machine that may be busy.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const SECRET = 'a-webhook-secret';

describe.skipIf(!hasPostgres())('the exporter on PostgreSQL', () => {
  const place = folder();
  let simulator: Simulator;
  let postgres: PostgresServer;
  let env: Record<string, string>;
  let running: RunningExporter;

  beforeAll(async () => {
    simulator = await startSimulator({ grants: 5 });
    postgres = await startPostgres();
    env = {
      NYLAS_API_KEY: simulator.apiKey,
      NYLAS_CLIENT_ID: simulator.clientId,
      NYLAS_OTEL_API_URL: simulator.url,
      NYLAS_OTEL_STATUS_URL: simulator.url,
      NYLAS_OTEL_REAUTH_REDIRECT_URI: 'https://app.example.com/callback',
      DATABASE_URL: postgres.url,
      NYLAS_OTEL_SOCKET: join(place.path, 'x.sock'),
      NYLAS_OTEL_INVALID_INTERVAL: '5',
    };
    running = await exporter(
      {
        ...env,
        NYLAS_OTEL_WEBHOOKS_PORT: '0',
        NYLAS_OTEL_ADMIN_PORT: '0',
        NYLAS_OTEL_ADMIN_TOKEN: 'admin-token',
        NYLAS_WEBHOOK_SECRET: SECRET,
      },
      ['--webhooks'],
    );
  });
  afterAll(async () => {
    await running?.stop();
    await simulator?.close();
    await postgres?.stop();
    place[Symbol.dispose]();
  });

  it('answers /metrics and /-/healthy before it is ready, and is ready with its store', async () => {
    // Whatever it has come to meanwhile, these two answer.
    expect((await fetch(`${running.url}/metrics`)).status).toBe(200);
    expect((await fetch(`${running.url}/-/healthy`)).status).toBe(200);
    const order = running.log;
    await running.logged('ready');
    expect(order().indexOf('metrics are served')).toBeLessThan(order().indexOf('the store is open'));
    expect((await fetch(`${running.url}/-/ready`)).status).toBe(200);
  });

  it('says in its log how far a long first sweep is', async () => {
    const many = await startSimulator({ grants: 450, limits: false });
    many.faults.add({ fault: 'slow', route: '/v3/grants', options: { ms: 4_000 } });
    const other = await exporter({
      ...env,
      NYLAS_API_KEY: many.apiKey,
      NYLAS_OTEL_API_URL: many.url,
      DATABASE_URL: await postgres.createDatabase(),
      NYLAS_OTEL_SOCKET: 'off',
    });
    // Two of its pages are there after ten seconds.
    await other.logged('read for the first time since the start: ');
    expect(other.log()).toMatch(/for the first time since the start: (200|399|450) are known$/m);
    many.faults.clear();
    await other.logged('all accounts have been read');
    expect(await other.stop()).toBe(0);
    await many.close();
  });

  it('counts the accounts, and shows platform and destinations', async () => {
    await running.logged('all accounts have been read');
    const text = await eventually(async () => {
      const page = await (await fetch(`${running.url}/metrics`)).text();
      return /nylas_accounts\{[^}]*nylas_account_state="running"[^}]*\} [1-9]/.test(page) && page;
    });
    const running5 = [...text.matchAll(/^nylas_accounts\{[^}]*nylas_account_state="running"[^}]*\} (\d+)/gm)];
    expect(running5.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(5);
    for (const name of [
      'nylas_platform_component_status',
      'nylas_webhook_deliveries_total',
      'nylas_client_requests_total',
    ]) {
      expect(text, name).toContain(name);
    }
  });

  it('serves who hurts only behind credentials', async () => {
    const reply = await fetch(`${running.url}/-/hurting`);
    expect(reply.status).toBe(404);
    expect(await reply.text()).toContain('NYLAS_OTEL_METRICS_TOKEN');
  });

  it('receives webhooks, and follows what they say of an account', async () => {
    const [grant] = simulator.grants.list();
    const url = /webhooks are received at (\S+)/.exec(running.log())?.[1] as string;
    simulator.grants.setStatus(grant?.id as string, 'invalid');
    const body = Buffer.from(
      JSON.stringify(
        mockNotification('grant.expired', { accountId: grant?.id as string, source: '/nylas/system' }),
      ),
    );
    const send = (secret: string) =>
      fetch(url, { method: 'POST', headers: { 'x-nylas-signature': signWebhook(body, secret) }, body });
    expect((await send('wrong')).status).toBe(401);
    expect((await send(SECRET)).status).toBe(200);
    const { stdout } = await eventually(async () => {
      const shown = await cli(['accounts', 'show', grant?.id as string, '--json'], { env });
      return shown.stdout.includes('"state": "invalid"') && shown;
    });
    expect(JSON.parse(stdout).transitions).toEqual([
      expect.objectContaining({ from: 'running', to: 'invalid' }),
    ]);
  });

  it('answers commands over its socket: status, accounts, links, bundles', async () => {
    const status = await cli(['status', '--json'], { env });
    expect(status.code).toBe(0);
    expect(JSON.parse(status.stdout)).toMatchObject({
      exporter: {
        pid: running.process.pid,
        repair: 'dry-run',
        hurting: { last15Minutes: { accounts: expect.any(Array) } },
      },
      store: { health: { engine: 'postgresql', durable: true } },
      accounts: { invalid: 1, running: 4 },
    });
    const list = await cli(['accounts', 'list', '--unhealthy'], { env });
    expect(list.stdout).toMatch(/invalid/);
    expect(list.stdout).toContain('4 running, 1 invalid');
    const id = simulator.grants.list()[0]?.id as string;
    const link = await cli(['accounts', 'reauth-link', id], { env });
    expect(link.stdout).toMatch(
      /\/v3\/connect\/auth\?client_id=.+redirect_uri=https%3A%2F%2Fapp\.example\.com/,
    );
    const bundle = await cli(['support-bundle', id, '--user-sees', 'no mail since Monday'], { env });
    expect(bundle.code).toBe(0);
    expect(bundle.stdout).toContain(id);
    expect(bundle.stdout).toContain('no mail since Monday');
    expect(bundle.stderr).toContain('missing: sync log');
    const restart = await cli(['accounts', 'restart', id], { env });
    expect(restart).toMatchObject({ code: 2, stderr: expect.stringContaining('cannot be restarted') });
    const unknown = await cli(['accounts', 'show', 'nobody@example.com'], { env });
    expect(unknown.code).toBe(7);
  });

  it('recovers what was missed when asked, with the store of the exporter', async () => {
    const { code, stdout, stderr } = await cli(['recover', '--since', '1h', '--dry-run', '--json'], { env });
    expect(stderr).toContain('recovering what was missed since');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ complete: true, dryRun: true });
  });

  it('takes commands from afar on a listener of its own, with its token alone', async () => {
    const admin = /admin token are taken at (\S+)/.exec(running.log())?.[1] as string;
    const ask = (authorization: string) =>
      fetch(`${admin}/v1/store.report`, { method: 'POST', headers: { authorization }, body: '{}' });
    expect((await ask('Bearer wrong')).status).toBe(401);
    expect((await ask('')).status).toBe(401);
    const reply = await ask('Bearer admin-token');
    expect(JSON.parse((await reply.text()).trim())).toMatchObject({
      result: { health: { engine: 'postgresql' } },
    });
    expect((await fetch(`${running.url}/v1/store.report`)).status).toBe(404);
  });

  it('is asked by doctor about store and backlog', async () => {
    const { stdout } = await cli(
      ['doctor', '--only', 'store,backlog,metrics', '--json', '--port', new URL(running.url).port],
      { env },
    );
    expect(
      JSON.parse(stdout).checks.map(({ name, status }: { name: string; status: string }) => [name, status]),
    ).toEqual([
      ['store', 'pass'],
      ['backlog', 'pass'],
      ['metrics', 'pass'],
    ]);
  });

  it('refuses a port that is taken with 6, and says by which option to give another', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, 'localhost', resolve));
    const { port } = taken.address() as AddressInfo;
    const { code, stderr } = await cli(['exporter', '--port', String(port)], { env });
    taken.close();
    expect(code).toBe(6);
    expect(stderr).toContain('EADDRINUSE');
    expect(stderr).toContain('NYLAS_OTEL_METRICS_PORT');
  });

  it('refuses to be a second exporter at one socket with 6', async () => {
    const { code, stderr } = await cli(['exporter', '--port', '0'], { env });
    expect(code).toBe(6);
    expect(stderr).toContain('Another exporter answers');
  });

  it('drains on SIGTERM and ends with 0', async () => {
    expect(await running.stop('SIGTERM')).toBe(0);
    expect(running.log()).toContain('SIGTERM: finishing what is in hand');
    expect(running.log()).toContain('stopped');
    expect(existsSync(env.NYLAS_OTEL_SOCKET as string)).toBe(false);
  });

  it('reloads on SIGHUP: tokens at once, a broken file not at all', async () => {
    const config = join(place.path, 'c.yaml');
    const token = join(place.path, 'token');
    writeFileSync(token, 'first-token');
    writeFileSync(config, `metrics:\n  token_file: ${token}\n`, { mode: 0o600 });
    const other = await exporter({ ...env, NYLAS_OTEL_CONFIG: config });
    const scrape = async (bearer: string): Promise<number> =>
      (await fetch(`${other.url}/metrics`, { headers: { authorization: `Bearer ${bearer}` } })).status;
    expect([await scrape('first-token'), await scrape('second-token')]).toEqual([200, 401]);
    expect(
      (await fetch(`${other.url}/-/hurting`, { headers: { authorization: 'Bearer first-token' } })).status,
    ).toBe(200);
    await other.logged('ready');
    writeFileSync(token, 'second-token');
    other.process.kill('SIGHUP');
    await other.logged('reloaded: metrics.token');
    expect([await scrape('first-token'), await scrape('second-token')]).toEqual([401, 200]);
    writeFileSync(config, 'metrics:\n  tokn_file: x\n');
    other.process.kill('SIGHUP');
    await other.logged('goes on with the one it has');
    expect(other.log()).toContain('c.yaml:2: metrics.tokn_file is not known. Did you mean "token_file"?');
    expect(await scrape('second-token')).toBe(200);
    expect(await other.stop()).toBe(0);
  });

  it('tells a database that cannot be reached with 5, and never its password', async () => {
    const url = 'postgres://nylas:canary-password@127.0.0.1:9/nylas';
    const { code, stderr } = await cli(['exporter', '--port', '0'], { env: { ...env, DATABASE_URL: url } });
    expect(code).toBe(5);
    expect(stderr).toContain('DATABASE_URL');
    expect(stderr).not.toContain('canary');
  });

  it('with --json logs one JSON document a line, until its end', async () => {
    const other = await exporter({ ...env, NYLAS_OTEL_SOCKET: 'off' }, ['--json']);
    await other.logged('ready');
    expect(await other.stop()).toBe(0);
    const lines = other.log().trim().split('\n');
    for (const line of lines) {
      expect(JSON.parse(line)).toEqual(
        expect.objectContaining({
          time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
          level: expect.stringMatching(/^(error|warn|info|debug)$/),
          message: expect.stringMatching(/\S/),
        }),
      );
    }
    expect(lines.length).toBeGreaterThan(2);
  });

  it('is not shown with its arguments to other users of the machine', async () => {
    const other = await exporter({ ...env, NYLAS_OTEL_SOCKET: 'off' }, ['--application', 'mail']);
    const shown = execFileSync('ps', ['-o', 'args=', '-p', String(other.process.pid)], { encoding: 'utf8' });
    expect(shown.trim()).toBe('nylas-otel exporter');
    await other.stop();
  });
});
