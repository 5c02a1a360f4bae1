import { Agent, request as httpRequest } from 'node:http';
import getPort from 'get-port';
import { describe, expect, it, onTestFinished } from 'vitest';
import { run, runRegistered } from './child-process.ts';
import { NO_METRICS, portOf, QUIET } from './fixture-needs.ts';
import { send, serve } from './loopback.ts';
import { startCollector } from './otlp-collector.ts';

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
    const port = await getPort();
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
