import getPort from 'get-port';
import { describe, expect, it } from 'vitest';
import { run, runRegistered } from './child-process.ts';
import { NO_METRICS, portOf, QUIET, simulated } from './fixture-needs.ts';
import { send } from './loopback.ts';
import { startCollector } from './otlp-collector.ts';
import { parseScrape, samplesOf } from './prometheus-text.ts';
import { hasPromtool, promtoolCheck } from './promtool.ts';

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
  ])('traces the nylas SDK and sends the spans before the process ends: %s', async (_name, args) => {
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
    const port = await getPort();
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
    const port = await getPort();
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
