import { onAccountSignal } from '@nylas-otel/telemetry';
import { SpanKind } from '@opentelemetry/api';
import { AlwaysOffSampler } from '@opentelemetry/sdk-trace';
import * as undici from 'undici8';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  instrumentFetch,
  NylasConfigError,
  NylasInstrumentation,
  type NylasInstrumentationConfig,
  type NylasRequestFacts,
  onNylasRequest,
  withNylasAccount,
  withNylasCaller,
} from '../src/index.ts';
import { parentOf, type Recording, startRecording } from './recording.ts';
import { type ScriptedServer, startScriptedServer } from './scripted-server.ts';

const GRANT = '1e9f8e1a-0000-4000-8000-000000000001';

let recording: Recording;
let server: ScriptedServer;
let instrumentation: NylasInstrumentation | undefined;

beforeAll(async () => {
  recording = startRecording();
  server = await startScriptedServer();
});
afterAll(async () => {
  await server.close();
  await recording.shutdown();
});
beforeEach(() => {
  recording.reset();
  server.requests.length = 0;
});
afterEach(() => {
  instrumentation?.disable();
  instrumentation = undefined;
});

function start(config: NylasInstrumentationConfig = {}): void {
  instrumentation = new NylasInstrumentation({ hosts: [{ host: server.host }], ...config });
}
const get = async (...args: Parameters<ScriptedServer['url']>) => (await fetch(server.url(...args))).text();
const spanNamed = (start: string) => recording.spans().find(({ name }) => name.startsWith(start));

describe('instrumentFetch', () => {
  it('makes an operation around the attempt, and reads the error type from the body beside the caller', async () => {
    start();
    const traced = instrumentFetch();
    const { span } = await recording.inSpan('job', async () => {
      const response = await traced(server.url('rate-limited', GRANT));
      expect(await response.json()).toMatchObject({ error: { type: 'rate_limit_error' } });
    });
    const [operation, http] = [spanNamed('nylas '), spanNamed('GET ')];
    expect(operation).toMatchObject({
      name: 'nylas messages.find',
      attributes: { 'error.type': 'rate_limit_error', 'nylas.grant.id': GRANT, 'nylas.request.count': 1 },
    });
    expect(http?.attributes).toMatchObject({
      'error.type': 'rate_limit_error',
      'nylas.rate_limit.source': 'provider',
    });
    expect(parentOf(http!)).toBe(operation?.spanContext().spanId);
    expect(parentOf(operation!)).toBe(span.spanContext().spanId);
  });

  it('passes other hosts through, and gives back the very same result', async () => {
    start();
    const answer = new Response('x');
    const traced = instrumentFetch(() => Promise.resolve(answer));
    expect(await traced('https://example.com/v3/grants')).toBe(answer);
    expect(await traced(server.url('ok'))).toBe(answer);
    expect(recording.spans().map(({ name }) => name)).toEqual(['nylas messages.find']);
  });

  it('takes a Request, a URL and a string, with the headers of the caller', async () => {
    start();
    const traced = instrumentFetch();
    await (await traced(new Request(server.url('ok'), { headers: { 'x-app': '1' } }))).text();
    await (await traced(new URL(server.url('ok')), { headers: [['x-app', '2']] })).text();
    await (await traced(server.url('ok'), { headers: { 'x-app': '3' }, method: 'POST', body: 'b' })).text();
    expect(server.requests.map(({ method, headers }) => [method, headers['x-app']])).toEqual([
      ['GET', '1'],
      ['GET', '2'],
      ['POST', '3'],
    ]);
    expect(
      server.requests.flatMap(({ headers }) => Object.keys(headers)).filter((name) => name.includes('otel')),
    ).toEqual([]);
  });

  it('rejects with the error of the inner fetch', async () => {
    start();
    const error = new TypeError('inner');
    await expect(instrumentFetch(() => Promise.reject(error))(server.url('ok'))).rejects.toBe(error);
  });
});

describe('what is told', () => {
  it('gives each finished request to subscribers, and survives one that throws', async () => {
    const seen: NylasRequestFacts[] = [];
    start({
      onRequest: () => {
        throw new Error('subscriber');
      },
    });
    const stop = onNylasRequest((request) => seen.push(request));
    await get('not-found', GRANT);
    stop();
    await get('ok');
    expect(seen).toMatchObject([
      {
        version: 'v3',
        method: 'GET',
        template: '/v3/grants/{grant_id}/messages/{message_id}',
        status: 404,
        outcome: 'client_error',
        errorType: '404',
        requestId: 'req-1',
        flowId: 'flow-1',
        resendCount: 0,
        account: GRANT,
      },
    ]);
    expect(seen[0]?.durationSeconds).toBeGreaterThan(0);
  });

  it('writes one line for Nylas support a failure: time, route, status, error type, request id, flow id', async () => {
    const lines: unknown[][] = [];
    const log = (...line: unknown[]) => lines.push(line);
    start({ logger: { info: log, warn: log, error: log } });
    await get('rate-limited', GRANT);
    await get('ok', GRANT);
    expect(lines).toHaveLength(1);
    expect(lines[0]?.[0]).toMatch(
      /^Nylas request failed: GET \/v3\/grants\/\{grant_id\}\/messages\/\{message_id\}; status 429; error 429; request id req-1; flow id flow-1; attempt 1; \d{4}-\d\d-\d\dT[\d:.]+Z$/,
    );
    expect(lines[0]?.[1]).toMatchObject({ 'event.name': 'nylas.client.error', 'nylas.grant.id': GRANT });
  });

  it("shows Nylas's message only when asked for, without addresses and tokens", async () => {
    const lines: unknown[][] = [];
    const log = (...line: unknown[]) => lines.push(line);
    const { default: Nylas8 } = await import('nylas8');
    const { instrumentNylas } = await import('../src/index.ts');
    const Nylas = Nylas8 as unknown as new (
      config: object,
    ) => { messages: { find(options: object): Promise<unknown> } };
    const nylas = instrumentNylas(new Nylas({ apiKey: 'k', apiUri: server.origin }));
    const failing = () => nylas.messages.find({ identifier: GRANT, messageId: 'not-found' }).catch(() => {});
    start({ logger: { info: log, warn: log, error: log } });
    await failing();
    instrumentation?.disable();
    start({ logger: { info: log, warn: log, error: log }, captureErrorMessage: true });
    await failing();
    expect(lines.map(([, fields]) => (fields as Record<string, unknown>)['nylas.error.message'])).toEqual([
      undefined,
      'requested object not found',
    ]);
  });

  it('publishes what an answer says of one account', async () => {
    start();
    const signals: unknown[] = [];
    const stop = onAccountSignal((event) => signals.push(event));
    const { createServer } = await import('node:http');
    const refusing = createServer((_request, response) => response.writeHead(401).end('{}'));
    await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve));
    const host = `127.0.0.1:${(refusing.address() as { port: number }).port}`;
    instrumentation?.disable();
    start({ hosts: [{ host }] });
    await (await fetch(`http://${host}/v3/grants/${GRANT}/messages`)).text();
    await (await fetch(`http://${host}/v3/grants`)).text();
    stop();
    refusing.close();
    expect(signals).toMatchObject([{ account: GRANT, version: 'v3', signal: 'invalid_credentials' }]);
  });

  it('publishes that v2 refuses something, where nobody reads why; and nothing where the body says it is about others', async () => {
    const signals: unknown[] = [];
    const stop = onAccountSignal(({ account, signal }) => signals.push([account, signal]));
    const { createServer } = await import('node:http');
    const refusing = createServer((_request, response) =>
      response
        .writeHead(403, { 'content-type': 'application/json' })
        .end(JSON.stringify({ message: 'This application has been disabled' })),
    );
    await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve));
    const host = `127.0.0.1:${(refusing.address() as { port: number }).port}`;
    start({ hosts: [{ host, version: 'v2' }] });
    const send = async (using: typeof fetch) =>
      (await using(`http://${host}/send`, { method: 'POST', body: '{}' })).text();
    await withNylasAccount('raw', () => send(fetch));
    await withNylasAccount('undici', () => send(undici.fetch as unknown as typeof fetch));
    await withNylasAccount('read', () => send(instrumentFetch()));
    // The access token is the only other thing that says whose request it is, and it is not looked at.
    await send(fetch);
    await expect.poll(() => recording.spans().filter(({ name }) => name === 'POST /send')).toHaveLength(4);
    stop();
    refusing.close();
    expect(signals).toEqual([
      ['raw', 'refused'],
      ['undici', 'refused'],
    ]);
  });
});

describe('who asks', () => {
  it('counts callers that are named: 100 names, then other', async () => {
    start();
    for (let i = 0; i < 105; i++) await withNylasCaller(`job-${i}`, () => get('ok'));
    const callers = await recording.series('nylas.client.caller.requests');
    expect(callers.find(({ attributes }) => attributes['nylas.caller'] === 'other')?.value).toBe(5);
    expect(callers).toHaveLength(101);
    expect(spanNamed('GET ')?.attributes['nylas.caller']).toBe('job-0');
  });

  it('counts none when told not to, and none that nobody named', async () => {
    start({ callers: false });
    const before = await recording.sum('nylas.client.caller.requests');
    await withNylasCaller('job', () => get('ok'));
    instrumentation?.disable();
    start();
    await get('ok');
    expect(await recording.sum('nylas.client.caller.requests')).toBe(before);
  });

  it('asks identifyAccount for requests whose URL names none', async () => {
    const asked: unknown[] = [];
    start({
      identifyAccount: (request) => {
        asked.push(request);
        return 'awa6ltos76vz5hvphkp8k17nt';
      },
    });
    await (await fetch(`${server.origin}/messages/ok`)).text();
    await get('ok', GRANT);
    expect(asked).toEqual([{ version: 'v2', method: 'GET', template: '/messages/{message_id}' }]);
    expect(spanNamed('GET /messages')?.attributes['nylas.account.id']).toBe('awa6ltos76vz5hvphkp8k17nt');
  });

  it.each([
    ['id', GRANT],
    ['none', undefined],
  ] as const)('captureAccountId %s shows %s', async (captureAccountId, shown) => {
    start({ captureAccountId });
    await withNylasAccount('other', () => get('ok', GRANT));
    expect(spanNamed('GET ')?.attributes['nylas.grant.id']).toBe(shown);
  });
});

describe('trace context', () => {
  it('is not sent to Nylas, and is when asked for', async () => {
    start();
    await recording.inSpan('job', () => get('ok'));
    instrumentation?.disable();
    start({ propagateTraceContext: true, mode: 'own' });
    recording.reset();
    await recording.inSpan('job', () => get('ok'));
    expect(server.requests[0]?.headers).not.toHaveProperty('traceparent');
    const client = recording.spans().find(({ kind }) => kind === SpanKind.CLIENT);
    expect(server.requests[1]?.headers.traceparent).toContain(client?.spanContext().spanId);
  });
});

describe('configuration', () => {
  it.each([
    [{ mode: 'sometimes' }, 'mode', /Use one of: auto, own, enrich, off/],
    [{ hosts: 'api.example.com' }, 'hosts', /array of hosts/],
    [{ hosts: [{ host: 'https://api.example.com' }] }, 'hosts[0]', /without a scheme/],
    [{ hosts: [{ host: 'a', version: 'v4' }] }, 'hosts[0].version', /v2, v3, both/],
    [{ captureAccountId: true }, 'captureAccountId', /id, hash, none/],
    [{ callers: 'yes' }, 'callers', /boolean/],
    [{ logger: {} }, 'logger', /info, warn and error/],
    [{ identifyAccount: 'x' }, 'identifyAccount', /function/],
  ])('refuses %j with an error that names the option and the fix', (config, option, fix) => {
    const attempt = () => new NylasInstrumentation(config as never);
    expect(attempt).toThrow(NylasConfigError);
    expect(attempt).toThrow(fix);
    try {
      attempt();
    } catch (error) {
      expect((error as NylasConfigError).option).toBe(option);
    }
  });

  it('never repeats a value: it may be a secret', () => {
    expect(() => new NylasInstrumentation({ mode: 'nyk_secret' } as never)).toThrow(/^(?!.*nyk_secret)/s);
  });

  it('takes a new configuration while it runs', async () => {
    start();
    instrumentation?.setConfig({ hosts: [], mode: 'off' });
    await get('ok');
    expect(recording.spans()).toEqual([]);
  });
});

describe('sampling', () => {
  it('counts and times what no trace is kept of', async () => {
    await recording.shutdown();
    recording = startRecording({ sampler: new AlwaysOffSampler() });
    start();
    await get('ok');
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await get('ok');
    expect(recording.spans()).toEqual([]);
    expect(await recording.sum('nylas.client.requests')).toBeGreaterThanOrEqual(2);
    expect(await recording.count('nylas.client.request.duration')).toBeGreaterThanOrEqual(1);
  });
});
