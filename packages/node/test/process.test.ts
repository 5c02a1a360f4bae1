import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulator } from '@nylas-otel/simulator';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freePort, type Running, run, runRegistered } from './child-process.ts';
import { send, serve } from './loopback.ts';
import { startCollector } from './otlp-collector.ts';
import { parseScrape, samplesOf } from './prometheus-text.ts';
import { hasPromtool, promtoolCheck } from './promtool.ts';

const NO_METRICS = { NYLAS_OTEL_METRICS_PORT: 'off' };
const QUIET = { OTEL_TRACES_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' };

/** What the fixtures that call Nylas need. */
async function simulated(): Promise<Record<string, string>> {
  const simulator = await startSimulator({ grants: 1 });
  onTestFinished(() => simulator.close());
  return {
    SIMULATOR: simulator.url,
    NYLAS_API_KEY: simulator.apiKey,
    GRANT: simulator.grants.list()[0]?.id as string,
    NYLAS_OTEL_HOSTS: new URL(simulator.url).host,
  };
}

/** The port a fixture printed. */
async function portOf({ printed, child, ended }: Running): Promise<number> {
  let text = '';
  child.stdout?.on('data', (chunk: string) => {
    text += chunk;
  });
  await printed('port ');
  void ended;
  return Number(/port (\d+);/.exec(text)?.[1]);
}

describe('register', () => {
  const operation = (spans: ReadonlyArray<{ name: string }>) =>
    spans
      .filter(({ name }) => name.startsWith('nylas ') || name.startsWith('GET /v3/'))
      .map(({ name }) => name)
      .sort();

  it.each([
    ['ES modules, by --import', ['--import', '@nylas-otel/node/register', 'test/fixtures/sdk-call.mjs']],
    ['ES modules, by --require', ['--require', '@nylas-otel/node/register', 'test/fixtures/sdk-call.mjs']],
    ['CommonJS, by --require', ['--require', '@nylas-otel/node/register', 'test/fixtures/sdk-call.cjs']],
    ['CommonJS, by --import', ['--import', '@nylas-otel/node/register', 'test/fixtures/sdk-call.cjs']],
    [
      'both ways at once',
      [
        '--require',
        '@nylas-otel/node/register',
        '--import',
        '@nylas-otel/node/register',
        'test/fixtures/sdk-call.mjs',
      ],
    ],
    ['a preset started in code', ['--import', './test/fixtures/telemetry.mjs', 'test/fixtures/sdk-call.mjs']],
    [
      'the hook of older versions of Node',
      [
        '--conditions',
        'nylas-otel-source',
        '--import',
        './test/fixtures/async-hook.mjs',
        'test/fixtures/sdk-call.mjs',
      ],
    ],
  ])('traces the SDK of %s, and sends the spans before the process ends', async (_name, args) => {
    const collector = await startCollector();
    const { code, stdout, stderr } = await run(args, {
      ...(await simulated()),
      ...collector.env,
      ...NO_METRICS,
    }).ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'listed\n' });
    expect(stderr).toBe('');
    expect(operation(collector.spans)).toEqual(['GET /v3/grants/{grant_id}/messages', 'nylas messages.list']);
    const [call] = collector.spans.filter(({ name }) => name === 'nylas messages.list');
    const [attempt] = collector.spans.filter(({ name }) => name.startsWith('GET /v3/'));
    expect(attempt?.parentSpanId).toBe(call?.spanId);
  });

  it('serves the metrics of the process on a port of its own', async () => {
    const port = await freePort();
    const running = runRegistered('server.mjs', {
      ...QUIET,
      NYLAS_OTEL_METRICS_PORT: String(port),
      NYLAS_OTEL_METRICS_HOST: '127.0.0.1',
    });
    const app = await portOf(running);
    expect((await send(`http://127.0.0.1:${app}/`)).body.toString()).toBe('outer');
    const scrape = await send(`http://127.0.0.1:${port}/metrics`);
    const families = parseScrape(scrape.body.toString());
    expect(families.has('http_server_request_duration_seconds')).toBe(true);
    expect(families.has('http_client_request_duration_seconds')).toBe(true);
    expect(families.has('nylas_client_rate_limits_total')).toBe(true);
  });

  it('labels Nylas calls with the inbound route, in another copy of the package too', async () => {
    const running = run(['--import', '@nylas-otel/node/register', 'test/fixtures/express-app.cjs'], {
      ...(await simulated()),
      ...QUIET,
      ...NO_METRICS,
    });
    const url = `http://127.0.0.1:${await portOf(running)}`;
    for (const id of ['alice', 'bob']) {
      const headers = { 'content-type': 'application/json' };
      const answer = await send(`${url}/users/${id}/mail`, { method: 'POST', headers, body: '{"limit":1}' });
      expect(answer.status).toBe(200);
    }
    const text = (await send(`${url}/metrics`)).body.toString();
    const calls = samplesOf(text, 'nylas_client_caller_requests_total').filter(({ value }) => value > 0);
    expect(calls).toEqual([
      {
        name: 'nylas_client_caller_requests_total',
        labels: { nylas_caller: '/users/:id/mail', nylas_outcome: 'success' },
        value: 2,
      },
    ]);
    expect(parseScrape(text).has('http_server_request_duration_seconds')).toBe(true);
    // Says nothing where promtool is not installed; the tests of the handler say so.
    if (hasPromtool()) expect(promtoolCheck(text)).toEqual({ code: 0, said: '' });
  });

  it('makes no spans and no measurements of scrapes', async () => {
    const port = await freePort();
    const collector = await startCollector();
    const running = runRegistered('server.mjs', {
      ...collector.env,
      OTEL_LOGS_EXPORTER: 'none',
      NYLAS_OTEL_METRICS_PORT: String(port),
      NYLAS_OTEL_METRICS_HOST: '127.0.0.1',
    });
    const app = await portOf(running);
    for (let i = 0; i < 3; i++) await send(`http://127.0.0.1:${port}/metrics`);
    await send(`http://127.0.0.1:${app}/inner`);
    const text = (await send(`http://127.0.0.1:${port}/metrics`)).body.toString();
    const counts = samplesOf(text, 'http_server_request_duration_seconds').filter(({ name }) =>
      name.endsWith('_count'),
    );
    expect(counts.reduce((sum, { value }) => sum + value, 0)).toBe(1);
    running.child.kill('SIGTERM');
    await running.ended;
    expect(collector.spans.filter(({ kind }) => kind === 2)).toHaveLength(1);
  });

  it('leaves package managers alone, which NODE_OPTIONS reaches too', async () => {
    const { stdout } = await run(['--import', '@nylas-otel/node/register', 'test/fixtures/npm-cli.js']).ended;
    expect(stdout).toBe('running false;\n');
  });

  it('opens no port of its own in a worker thread', async () => {
    const { code, stdout, stderr } = await runRegistered('worker.mjs', {
      ...QUIET,
      NYLAS_OTEL_METRICS_PORT: '0',
    }).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/worker ran;\nworker 0; url http:\/\/localhost:\d+\/metrics;/);
  });
});

describe('a process', () => {
  it('ends by itself at once, with nobody to send spans to', async () => {
    const running = runRegistered('lives.mjs', {
      NYLAS_OTEL_METRICS_PORT: '0',
      OTEL_BSP_SCHEDULE_DELAY: '100',
    });
    await running.printed('over');
    const over = performance.now();
    const { code, stdout, stderr } = await running.ended;
    expect(performance.now() - over).toBeLessThan(4_000);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'over\nexit 0\n' });
    expect(stderr).toMatch(
      /^nylas-otel: no collector listens on localhost:4318.*OTEL_TRACES_EXPORTER=none\.\n$/,
    );
  });

  it('sends what a collector missed at first', async () => {
    const port = await freePort();
    const running = runRegistered('lives.mjs', {
      ...NO_METRICS,
      LIFE: 'told',
      OTEL_BSP_SCHEDULE_DELAY: '100',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    });
    await running.complained(/no collector listens/);
    const collector = await startCollector({ port });
    running.child.stdin?.write('end\n');
    await running.ended;
    const names = collector.spans.map(({ name }) => name);
    expect(names[0]).toBe('first');
    expect(names.at(-1)).toBe('last');
  });

  it('ends within the flush time when the collector hangs', async () => {
    const collector = await startCollector({ hangs: true });
    const running = runRegistered('lives.mjs', { ...NO_METRICS, ...collector.env, LIFE: '100' });
    await running.printed('over');
    const over = performance.now();
    const { code, stdout } = await running.ended;
    expect(performance.now() - over).toBeLessThan(6_000);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'over\nexit 0\n' });
  });

  it('is not kept alive by a scraper that keeps its connection', async () => {
    const running = runRegistered('lives.mjs', {
      ...QUIET,
      NYLAS_OTEL_METRICS_PORT: '0',
      NYLAS_OTEL_METRICS_HOST: '127.0.0.1',
      NYLAS_OTEL_LOG_LEVEL: 'info',
      LIFE: 'told',
    });
    await running.complained(/\/metrics is served on/);
    const port = Number(/127\.0\.0\.1:(\d+)\/metrics/.exec(running.complaints())?.[1]);
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    expect(await keptAliveScrape(port, agent)).toBe(200);
    running.child.stdin?.write('end\n');
    await running.printed('over');
    const over = performance.now();
    expect((await running.ended).code).toBe(0);
    expect(performance.now() - over).toBeLessThan(4_000);
  });

  it('crashes as it would without us', async () => {
    const { code, stderr } = await runRegistered('crash.mjs', { ...QUIET, ...NO_METRICS }).ended;
    expect(code).toBe(1);
    expect(stderr).toContain('Error: the application failed');
  });

  it('goes on when the port is taken, and says what to do', async () => {
    const taken = new URL(await serve(() => {})).port;
    const { code, stdout, stderr } = await runRegistered('who-runs.mjs', {
      ...QUIET,
      NYLAS_OTEL_METRICS_PORT: taken,
      NYLAS_OTEL_METRICS_HOST: '127.0.0.1',
    }).ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'running true; url undefined;\n' });
    expect(stderr).toMatch(
      new RegExp(
        `^nylas-otel: /metrics is not served on 127\\.0\\.0\\.1:${taken}: port ${taken} is in use.*Set NYLAS_OTEL_METRICS_PORT`,
      ),
    );
  });

  it('goes on when telemetry cannot be started, and says so', async () => {
    const { code, stdout, stderr } = await runRegistered('who-runs.mjs', {
      ...NO_METRICS,
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://[not-an-address',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    }).ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'running false; url undefined;\n' });
    expect(stderr).toMatch(/^nylas-otel: OTEL_EXPORTER_OTLP_ENDPOINT is no URL.*http:\/\/localhost:4318/);
    expect(stderr).toMatch(
      /telemetry could not be started; the process goes on without it\. \(TypeError ERR_INVALID_URL/,
    );
  });

  it('runs the first SDK only', async () => {
    const { code, stdout, stderr } = await run(['test/fixtures/another-sdk.mjs'], QUIET).ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'active false;\n' });
    expect(stderr).toMatch(/^nylas-otel: an OpenTelemetry SDK runs in this process already.*withNylas/);
  });

  it.each(['OTEL_SDK_DISABLED', 'NYLAS_OTEL_DISABLED'])('has no telemetry with %s', async (variable) => {
    const { code, stdout, stderr } = await runRegistered('who-runs.mjs', { [variable]: 'true' }).ended;
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: 'running false; url undefined;\n',
      stderr: '',
    });
  });
});

describe('a signal', () => {
  it('ends the process as it does by default, after the spans were sent', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const collector = await startCollector();
      const running = runRegistered('server.mjs', { ...NO_METRICS, ...collector.env });
      await send(`http://127.0.0.1:${await portOf(running)}/`);
      running.child.kill(signal);
      expect(await running.ended).toMatchObject({ code: null, signal });
      expect(collector.spans.filter(({ kind }) => kind === 2)).toHaveLength(2);
    }
  });

  it('ends the process within the flush time when the collector hangs, a second one at once', async () => {
    const collector = await startCollector({ hangs: true });
    for (const signals of [1, 2]) {
      const running = runRegistered('server.mjs', { ...NO_METRICS, ...collector.env });
      await send(`http://127.0.0.1:${await portOf(running)}/`);
      const sent = performance.now();
      running.child.kill('SIGINT');
      if (signals === 2) {
        await new Promise((resolve) => setTimeout(resolve, 200));
        running.child.kill('SIGINT');
      }
      expect(await running.ended).toMatchObject({ code: null, signal: 'SIGINT' });
      expect(performance.now() - sent).toBeLessThan(signals === 1 ? 6_000 : 1_900);
    }
  });

  it('is left to a host that handles it', async () => {
    const exits = runRegistered('server.mjs', { ...NO_METRICS, ...QUIET, HANDLER: 'exits' });
    await portOf(exits);
    exits.child.kill('SIGTERM');
    expect(await exits.ended).toMatchObject({
      code: 3,
      signal: null,
      stdout: expect.stringMatching(/handled\n$/),
    });

    const collector = await startCollector();
    const drains = runRegistered('server.mjs', { ...NO_METRICS, ...collector.env, HANDLER: 'drains' });
    const url = `http://127.0.0.1:${await portOf(drains)}/`;
    await send(url);
    drains.child.kill('SIGTERM');
    await drains.printed('handled');
    // What happens while it drains is sent too, when it has nothing left to do.
    await send(url);
    expect(await drains.ended).toMatchObject({
      code: 0,
      signal: null,
      stdout: expect.stringMatching(/drained\n$/),
    });
    expect(collector.spans.filter(({ kind }) => kind === 2)).toHaveLength(4);
  });

  it('is left to a library that ends the process when nobody else listens', async () => {
    const running = runRegistered('server.mjs', { ...NO_METRICS, ...QUIET, HANDLER: 'counts' });
    await portOf(running);
    running.child.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ code: null, signal: 'SIGTERM' });
  });
});

describe('the environment', () => {
  it('is checked: what cannot be used is named with the fix, never with its value, and the host goes on', async () => {
    const { code, stderr } = await runRegistered('who-runs.mjs', {
      ...QUIET,
      NYLAS_OTEL_METRICS_PORT: 'hunter2',
      NYLAS_OTEL_METRICS_HOST: '127.0.0.1',
      NYLAS_OTEL_MODE: 'sometimes',
      NYLAS_OTEL_CALLERS: 'maybe',
      NYLAS_OTEL_METRIC_PATH: '/x',
    }).ended;
    expect(code).toBe(0);
    expect(stderr).toContain(
      'NYLAS_OTEL_METRICS_PORT holds a text that cannot be used. It is ignored and the default is used. Give a port from 0 to 65535, or "off".',
    );
    expect(stderr).toContain(
      'NYLAS_OTEL_MODE holds a text that cannot be used. It is ignored and the default is used. Give one of auto, own, enrich, off.',
    );
    expect(stderr).toContain(
      'NYLAS_OTEL_CALLERS holds a text that cannot be used. It is ignored and the default is used. Give true or false.',
    );
    expect(stderr).toContain(
      'NYLAS_OTEL_METRIC_PATH is not a variable of nylas-otel and is ignored. Did you mean "NYLAS_OTEL_METRICS_PATH"?',
    );
    expect(stderr).not.toMatch(/hunter2|sometimes|maybe/);
  });

  it('gives the token of /metrics, from a file too; one that cannot be read closes the endpoint', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nylas-otel-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'token');
    writeFileSync(file, 's3cret\n');
    for (const [path, status] of [
      [file, 200],
      [join(folder, 'missing'), 401],
    ] as const) {
      const port = await freePort();
      const running = runRegistered('server.mjs', {
        ...QUIET,
        NYLAS_OTEL_METRICS_PORT: String(port),
        NYLAS_OTEL_METRICS_HOST: '127.0.0.1',
        NYLAS_OTEL_METRICS_TOKEN_FILE: path,
      });
      await portOf(running);
      const url = `http://127.0.0.1:${port}/metrics`;
      expect((await send(url)).status).toBe(401);
      expect((await send(url, { headers: { authorization: 'Bearer s3cret' } })).status).toBe(status);
      running.child.kill('SIGKILL');
      const { stderr } = await running.ended;
      if (status === 401)
        expect(stderr).toMatch(
          /NYLAS_OTEL_METRICS_TOKEN_FILE names a file that cannot be read \(ENOENT\)\. Every scrape is refused/,
        );
      else expect(stderr).toBe('');
    }
  });

  it('turns on the watch over accounts', async () => {
    const port = await freePort();
    const env = await simulated();
    const running = runRegistered('server.mjs', {
      ...QUIET,
      ...env,
      NYLAS_OTEL_WATCH_ACCOUNTS: 'true',
      NYLAS_OTEL_API_URL: env.SIMULATOR as string,
      NYLAS_OTEL_APPLICATION: 'mail',
      NYLAS_OTEL_METRICS_PORT: String(port),
      NYLAS_OTEL_METRICS_HOST: '127.0.0.1',
    });
    await portOf(running);
    const running1 = async () => {
      const text = (await send(`http://127.0.0.1:${port}/metrics`)).body.toString();
      return samplesOf(text, 'nylas_accounts')
        .filter(({ value }) => value > 0)
        .map(({ labels, value }) => [labels.nylas_application, labels.nylas_account_state, value]);
    };
    await expect.poll(running1, { timeout: 10_000 }).toEqual([['mail', 'running', 1]]);
  });

  it('without credentials for the watch says what is missing', async () => {
    const { code, stderr } = await runRegistered('who-runs.mjs', {
      ...QUIET,
      ...NO_METRICS,
      NYLAS_OTEL_WATCH_ACCOUNTS: 'true',
    }).ended;
    expect(code).toBe(0);
    expect(stderr).toMatch(/Set NYLAS_API_KEY/);
  });
});

function keptAliveScrape(port: number, agent: Agent): Promise<number> {
  return new Promise((resolve) => {
    httpRequest({ port, host: '127.0.0.1', path: '/metrics', agent }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
    })
      .on('error', () => resolve(0))
      .end();
  });
}
