import type { IncomingMessage, ServerResponse } from 'node:http';
import { startSimulator } from '@nylas-otel/simulator';
import { trace } from '@opentelemetry/api';
import { InMemoryLogRecordExporter, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { send, serve } from '../../test/loopback.ts';
import { parseScrape, samplesOf } from '../../test/prometheus-text.ts';
import { NylasTelemetryConfigError } from '../options/config-error.ts';
import type { NylasTelemetryOptions } from './preset-options.ts';
import { type NylasTelemetry, runningNylasTelemetry, startNylasTelemetry } from './start.ts';

let telemetry: NylasTelemetry | undefined;
let spans = new InMemorySpanExporter();
let logs = new InMemoryLogRecordExporter();

function start(options: NylasTelemetryOptions = {}): NylasTelemetry {
  // New ones each time: they stop for good with their SDK.
  spans = new InMemorySpanExporter();
  logs = new InMemoryLogRecordExporter();
  telemetry = startNylasTelemetry({
    metrics: { port: 0, host: '127.0.0.1' },
    flushOnExit: false,
    esmHook: false,
    sdk: {
      spanProcessors: [new SimpleSpanProcessor({ exporter: spans })],
      logRecordProcessors: [new SimpleLogRecordProcessor({ exporter: logs })],
      resourceDetectors: [],
    },
    ...options,
  });
  return telemetry;
}

afterEach(async () => {
  await telemetry?.shutdown();
  telemetry = undefined;
});

/** A Nylas that knows one grant and limits the rate of another. */
const nylas = (request: IncomingMessage, response: ServerResponse): void => {
  const limited = request.url?.includes('limited');
  response.writeHead(limited ? 429 : 200, { 'content-type': 'application/json', 'x-request-id': 'r-1' });
  response.end(
    limited
      ? '{"request_id":"r-1","error":{"type":"rate_limit_error","message":"Too many requests"}}'
      : '{"request_id":"r-1","data":[]}',
  );
};

const scrape = async (): Promise<string> =>
  (await send((await telemetry?.metricsUrl) as string)).body.toString();

describe('the preset', () => {
  it('counts and traces every Nylas request, and serves the counts', async () => {
    const url = await serve(nylas);
    start({ serviceName: 'mail-service', hosts: [{ host: new URL(url).host }] });
    await (await fetch(`${url}/v3/grants/alice@example.com/messages`)).text();
    await (await fetch(`${url}/v3/grants/limited/messages?limit=5`)).text();
    const text = await scrape();
    const requests = samplesOf(text, 'nylas_client_requests_total').filter(({ value }) => value > 0);
    expect(
      requests.map(({ labels, value }) => [labels.url_template, labels.http_response_status_code, value]),
    ).toEqual([
      ['/v3/grants/{grant_id}/messages', '200', 1],
      ['/v3/grants/{grant_id}/messages', '429', 1],
    ]);
    expect(parseScrape(text).has('nylas_client_request_duration_seconds')).toBe(true);
    expect(samplesOf(text, 'target_info')[0]?.labels).toMatchObject({ service_name: 'mail-service' });
    expect(text).not.toContain('alice');
    const names = spans.getFinishedSpans().map(({ name }) => name);
    expect(names.filter((name) => name === 'GET /v3/grants/{grant_id}/messages')).toHaveLength(2);
    expect(JSON.stringify(spans.getFinishedSpans().map(({ attributes }) => attributes))).not.toContain(
      'alice',
    );
  });

  it('traces and measures other hosts as their own instrumentations do', async () => {
    const url = await serve((_request, response) => response.end('x'));
    start();
    await (await fetch(`${url}/some/path`)).text();
    const kinds = spans.getFinishedSpans().map(({ instrumentationScope }) => instrumentationScope.name);
    expect(kinds).toContain('@opentelemetry/instrumentation-undici');
    const durations = samplesOf(await scrape(), 'http_client_request_duration_seconds');
    expect(
      durations.some(({ labels }) => labels.otel_scope_name === '@opentelemetry/instrumentation-undici'),
    ).toBe(true);
  });

  it('tells a plain logger and OpenTelemetry of a failed request', async () => {
    const url = await serve(nylas);
    const logger = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
    start({ logger, hosts: [{ host: new URL(url).host }] });
    await (await fetch(`${url}/v3/grants/limited/messages`)).text();
    await vi.waitFor(() => expect(logger.warn.mock.calls.length + logger.error.mock.calls.length).toBe(1));
    expect(logs.getFinishedLogRecords().map(({ eventName }) => eventName)).toEqual(['nylas.client.error']);
  });

  it('is one: a second call gives the first', () => {
    const first = start();
    expect(startNylasTelemetry({ metrics: false })).toBe(first);
    expect(runningNylasTelemetry()).toBe(first);
  });

  it('ends once, however often it is asked to, and can be started again', async () => {
    const first = start();
    const url = (await first.metricsUrl) as string;
    const end = first.shutdown();
    expect(first.shutdown()).toBe(end);
    await end;
    await expect(send(url)).rejects.toThrow('ECONNREFUSED');
    expect(runningNylasTelemetry()).toBeUndefined();
    const second = start();
    expect(second).not.toBe(first);
    trace.getTracer('t').startSpan('again').end();
    expect(spans.getFinishedSpans().map(({ name }) => name)).toEqual(['again']);
    expect((await send((await second.metricsUrl) as string)).status).toBe(200);
  });

  it('asks scrapes of its port for credentials', async () => {
    start({ metrics: { port: 0, host: '127.0.0.1', path: '/m', auth: { bearer: 'x' } } });
    const url = (await telemetry?.metricsUrl) as string;
    expect(url).toMatch(/\/m$/);
    expect((await send(url)).status).toBe(401);
    expect((await send(url, { headers: { authorization: 'Bearer x' } })).status).toBe(200);
  });

  it('watches accounts where asked to', async () => {
    const simulator = await startSimulator({
      grants: [{ status: 'valid' }, { status: 'invalid' }],
    });
    onTestFinished(() => simulator.close());
    start({ accounts: { apiKey: simulator.apiKey, baseUrl: simulator.url, accountSeries: { max: 10 } } });
    expect(await telemetry?.accounts?.ready).toBe('success');
    const text = await scrape();
    const states = samplesOf(text, 'nylas_accounts').filter(({ value }) => value > 0);
    expect(states.map(({ labels, value }) => [labels.nylas_account_state, value]).sort()).toEqual([
      ['invalid', 1],
      ['running', 1],
    ]);
    const perAccount = samplesOf(text, 'nylas_account_status').filter(({ value }) => value === 1);
    expect(perAccount.map(({ labels }) => labels.nylas_account_state)).toEqual(['invalid']);
  });
});

describe('an option that cannot be used', () => {
  it.each([
    [{ acounts: {} }, 'acounts', /Did you mean "accounts"\?/],
    [{ metrics: { prot: 1 } }, 'metrics.prot', /Did you mean "port"\?/],
    [
      { metrics: { port: '9464' } },
      'metrics.port',
      /is a string\. Give a whole number from 0 to 65535, or false/,
    ],
    [{ metrics: { path: 'metrics' } }, 'metrics.path', /begins with "\/"/],
    [{ metrics: { auth: { bearer: 7 } } }, 'metrics.auth', /Give \{ bearer \}/],
    [{ metrics: true }, 'metrics', /is a boolean/],
    [{ mode: 'sometimes' }, 'mode', /auto, own, enrich, off/],
    [{ hosts: 'api.example.com' }, 'hosts', /Give an array/],
    [{ logger: {} }, 'logger', /info, warn, error/],
    [{ logLevel: 'loud' }, 'logLevel', /none, error, warn, info, debug/],
    [{ serviceName: '' }, 'serviceName', /is an empty string/],
    [{ accounts: { apiKey: 'has space' } }, 'apiKey', /white space/],
    [{ metricProducers: [{}] }, 'metricProducers[0]', /collect/],
    [{ flushTimeoutMillis: -1 }, 'flushTimeoutMillis', /out of range/],
    [{ sdk: 'x' }, 'sdk', /Give an object/],
  ])('is refused with a typed error that says what to do: %o', (options, option, message) => {
    let refusal: unknown;
    try {
      start(options as NylasTelemetryOptions);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(NylasTelemetryConfigError);
    expect((refusal as NylasTelemetryConfigError).option).toBe(option);
    expect((refusal as Error).message).toMatch(message);
    expect(runningNylasTelemetry()).toBeUndefined();
  });

  it('leaves nothing started', () => {
    expect(() => start({ accounts: { apiKey: '' } as never })).toThrow(NylasTelemetryConfigError);
    trace.getTracer('t').startSpan('nothing').end();
    expect(spans.getFinishedSpans()).toEqual([]);
  });
});
