import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import { memoryInbox, nylasWebhooks } from '@nylas-otel/webhooks';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CHECKS } from '../src/doctor/check-table.ts';
import { cli, folder } from './command.ts';

// A process of its own for each command.
vi.setConfig({ testTimeout: 120_000 });

interface Result {
  readonly name: string;
  readonly status: string;
  readonly finding: string;
  readonly fix?: string;
}

const SECRET = 'a-webhook-secret';
let simulator: Simulator;
const servers: Server[] = [];

async function serve(handler: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(handler as never);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  simulator = await startSimulator({ grants: 3 });
});
afterAll(async () => {
  for (const server of servers) server.close();
  await simulator.close();
});

async function doctor(
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
  cwd?: string,
): Promise<{ code: number | null; checks: Map<string, Result> }> {
  const all = {
    NYLAS_API_KEY: simulator.apiKey,
    NYLAS_OTEL_API_URL: simulator.url,
    NYLAS_OTEL_STATUS_URL: simulator.url,
    NYLAS_OTEL_METRICS_PORT: 'off',
    NYLAS_OTEL_DATA_DIR: '/nonexistent/data',
    ...env,
  };
  const { code, stdout } = await cli(['doctor', '--json', ...args], {
    env: all,
    ...(cwd === undefined ? {} : { cwd }),
  });
  const { checks } = JSON.parse(stdout) as { checks: Result[] };
  return { code, checks: new Map(checks.map((check) => [check.name, check])) };
}

describe('doctor', () => {
  it('has 14 checks at least, each with a fix where something is wrong', async () => {
    expect(CHECKS.length).toBeGreaterThanOrEqual(14);
    const { code, checks } = await doctor({});
    expect(checks.size).toBe(CHECKS.length);
    expect(code).toBe(0);
    for (const { status, fix, name } of checks.values()) {
      if (status === 'warn' || status === 'fail') expect(fix, name).toBeTruthy();
    }
    for (const name of ['credentials', 'region', 'clock-skew', 'accounts'])
      expect(checks.get(name)?.status, name).toBe('pass');
  });

  it('tells a wrong key, and ends with 1', async () => {
    const { code, checks } = await doctor({ NYLAS_API_KEY: 'nyk_v0_wrong' }, [
      '--only',
      'credentials,region,accounts',
    ]);
    expect(code).toBe(1);
    expect([...checks.keys()]).toEqual(['credentials', 'region', 'accounts']);
    expect(checks.get('credentials')).toMatchObject({
      status: 'fail',
      finding: expect.stringContaining('answered 401'),
    });
    expect(checks.get('region')?.finding).toContain('other region');
    expect(checks.get('accounts')?.finding).toContain('invalid_credentials');
  });

  it('tells a host that does not answer', async () => {
    const { checks } = await doctor({ NYLAS_OTEL_API_URL: 'http://127.0.0.1:9' }, ['--only', 'credentials']);
    expect(checks.get('credentials')).toMatchObject({ status: 'fail', fix: expect.stringContaining('DNS') });
  });

  it('tells a clock that is wrong', async () => {
    const late = await serve((_, response) => {
      response.setHeader('date', new Date(Date.now() - 600_000).toUTCString());
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":{}}');
    });
    const { checks } = await doctor({ NYLAS_OTEL_API_URL: late }, ['--only', 'clock-skew']);
    expect(checks.get('clock-skew')).toMatchObject({
      status: 'fail',
      finding: expect.stringMatching(/\d{3} s ahead/),
    });
  });

  it('finds a good receiver good: challenge, signature, 1.1 MB, gzip', async () => {
    const url = await serve(nylasWebhooks({ secret: SECRET, inbox: memoryInbox() }));
    const { checks } = await doctor({ NYLAS_OTEL_WEBHOOKS_PUBLIC_URL: url, NYLAS_WEBHOOK_SECRET: SECRET });
    // Plain http is all that is wrong.
    expect(checks.get('webhook-challenge')).toMatchObject({
      status: 'warn',
      fix: expect.stringContaining('https'),
    });
    for (const name of ['webhook-signature', 'webhook-body-limit', 'webhook-gzip']) {
      expect(checks.get(name), name).toMatchObject({ status: 'pass' });
    }
  });

  it('finds what is wrong with a bad receiver', async () => {
    const careless = await serve((request, response) => {
      let bytes = 0;
      request.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      request.on('end', () => response.writeHead(bytes > 100_000 ? 413 : 200).end('ok'));
    });
    const { code, checks } = await doctor({
      NYLAS_OTEL_WEBHOOKS_PUBLIC_URL: careless,
      NYLAS_WEBHOOK_SECRET: SECRET,
    });
    expect(code).toBe(1);
    expect(checks.get('webhook-challenge')?.finding).toContain('not with the bare challenge');
    expect(checks.get('webhook-signature')?.finding).toContain('takes events with a wrong signature');
    expect(checks.get('webhook-body-limit')).toMatchObject({
      status: 'fail',
      fix: expect.stringContaining('client_max_body_size'),
    });
    const other = await serve(nylasWebhooks({ secret: 'another-secret', inbox: memoryInbox() }));
    const differs = await doctor({ NYLAS_OTEL_WEBHOOKS_PUBLIC_URL: other, NYLAS_WEBHOOK_SECRET: SECRET }, [
      '--only',
      'webhook-signature',
    ]);
    expect(differs.checks.get('webhook-signature')?.fix).toContain('differ');
  });

  it('asks Prometheus and the collector', async () => {
    const prometheus = await serve((request, response) => {
      const good = request.headers.authorization === 'Bearer a-token';
      const result = [{ metric: { job: 'nylas' }, value: [1, '42'] }];
      response.writeHead(good ? 200 : 401).end(JSON.stringify({ status: 'success', data: { result } }));
    });
    const env = {
      PROMETHEUS_URL: prometheus,
      PROMETHEUS_TOKEN: 'a-token',
      OTEL_EXPORTER_OTLP_ENDPOINT: prometheus,
    };
    const { checks } = await doctor(env, ['--only', 'prometheus,otlp']);
    expect(checks.get('prometheus')).toMatchObject({
      status: 'pass',
      finding: expect.stringContaining('nylas: 42 series'),
    });
    expect(checks.get('otlp')?.status).toBe('pass');
    const wrong = await doctor(
      { ...env, PROMETHEUS_TOKEN: 'wrong', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' },
      ['--only', 'prometheus,otlp'],
    );
    expect(wrong.checks.get('prometheus')).toMatchObject({
      status: 'fail',
      finding: 'Prometheus answers 401.',
    });
    expect(wrong.checks.get('otlp')).toMatchObject({
      status: 'fail',
      finding: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it.each([
    ['nylas', '7.5.0', 'nylas-sdk', 'fail', 'ends the process'],
    ['nylas', '7.13.0', 'nylas-sdk', 'fail', 'no constructor'],
    ['nylas', '6.10.0', 'nylas-sdk', 'warn', 'time-out option does nothing'],
    ['nylas', '8.4.0', 'nylas-sdk', 'pass', ''],
    ['@opentelemetry/api', '1.8.0', 'opentelemetry', 'fail', 'too old'],
  ])('knows %s %s', async (name, version, check, status, finding) => {
    using place = folder();
    const path = join(place.path, 'node_modules', name, 'package.json');
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, JSON.stringify({ name, version }));
    const { checks } = await doctor({}, ['--only', check], place.path);
    expect(checks.get(check)?.status).toBe(status);
    expect(checks.get(check)?.finding).toContain(finding);
  });

  it('tells two lines of OpenTelemetry in one application', async () => {
    using place = folder();
    for (const [name, version] of [
      ['api', '1.9.0'],
      ['sdk-node', '0.210.0'],
      ['sdk-metrics', '3.1.0'],
    ]) {
      const path = join(place.path, 'node_modules/@opentelemetry', name as string, 'package.json');
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, JSON.stringify({ version }));
    }
    const { checks } = await doctor({}, ['--only', 'opentelemetry'], place.path);
    expect(checks.get('opentelemetry')).toMatchObject({
      status: 'fail',
      finding: expect.stringContaining('two lines'),
    });
  });

  it('refuses a check that does not exist, and names those that do', async () => {
    const { code, stderr } = await cli(['doctor', '--only', 'nonsense']);
    expect(code).toBe(2);
    expect(stderr).toContain('clock-skew');
  });
});
