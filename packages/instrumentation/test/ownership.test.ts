import type { IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import { type Span, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type NylasInstrumentationConfig,
  nylasSpanProcessor,
  withNylas,
  withNylasCaller,
} from '../src/index.ts';
import { requestTelemetry } from '../src/request-telemetry.ts';
import { parentOf, type Recording, startRecording } from './recording.ts';
import { type ScriptedServer, startScriptedServer } from './scripted-server.ts';

const OURS = '@nylas-otel/instrumentation';
const UNDICI = '@opentelemetry/instrumentation-undici';
const HTTP = '@opentelemetry/instrumentation-http';
const TEMPLATE = '/v3/grants/{grant_id}/messages/{message_id}';
const DURATION = 'http.client.request.duration';

let recording: Recording;
let nylas: ScriptedServer;
let other: ScriptedServer;
const running: Array<{ disable(): void }> = [];

beforeAll(async () => {
  recording = startRecording({ processors: [nylasSpanProcessor()] });
  nylas = await startScriptedServer();
  other = await startScriptedServer();
});
afterAll(async () => {
  await Promise.all([nylas.close(), other.close()]);
  await recording.shutdown();
});
beforeEach(() => recording.reset());
afterEach(() => {
  for (const instrumentation of running.splice(0)) instrumentation.disable();
});

/** Registers instrumentations as a NodeSDK does. */
function register<T extends { disable(): void }>(instrumentations: readonly T[]): void {
  for (const instrumentation of instrumentations) {
    const { setTracerProvider, setMeterProvider } = instrumentation as unknown as {
      setTracerProvider(provider: unknown): void;
      setMeterProvider(provider: unknown): void;
    };
    setTracerProvider.call(instrumentation, recording.tracerProvider);
    setMeterProvider.call(instrumentation, recording.meterProvider);
    running.push(instrumentation);
  }
}

function start(
  stock: Array<UndiciInstrumentation | HttpInstrumentation>,
  config: NylasInstrumentationConfig = {},
) {
  register(withNylas(stock, { hosts: [{ host: nylas.host }], ...config }));
}

// The servers run in this process too, and have spans of their own.
const clientSpans = () => recording.spans().filter(({ kind }) => kind === SpanKind.CLIENT);
const scopes = () => clientSpans().map((span) => scopeOf(span));
const scopeOf = (span: ReadableSpan) => span.instrumentationScope.name;

const HTTP_INSTANCE = new HttpInstrumentation();

/** Each way out of the process: a request, and the stock instrumentation for it. */
const WAYS = [
  {
    name: 'undici',
    scope: UNDICI,
    stock: (config: object = {}) => new UndiciInstrumentation(config),
    get: async (url: string, headers: Record<string, string> = {}) => {
      await (await fetch(url, { headers })).text();
    },
  },
  {
    name: 'node:http',
    scope: HTTP,
    // One instance for the file: its module hook fires once a process.
    stock: (config: object = {}) => {
      HTTP_INSTANCE.setConfig(config);
      HTTP_INSTANCE.enable();
      return HTTP_INSTANCE;
    },
    get: (url: string, headers: Record<string, string> = {}) =>
      new Promise<void>((resolve, reject) => {
        // Loaded through require after the instrumentation, as its hook needs it.
        const http = createRequire(import.meta.url)('node:http') as typeof import('node:http');
        http
          .get(url, { headers }, (response: IncomingMessage) => response.resume().on('end', resolve))
          .on('error', reject);
      }),
  },
] as const;

describe.each(WAYS)('$name', ({ scope, stock, get }) => {
  it('makes exactly one span for Nylas, ours, and leaves other hosts to the stock instrumentation', async () => {
    start([stock()]);
    await get(nylas.url('ok'));
    expect(scopes()).toEqual([OURS]);
    expect(clientSpans()[0]?.name).toBe(`GET ${TEMPLATE}`);
    recording.reset();
    await get(other.url('ok'));
    expect(scopes()).toEqual([scope]);
  });

  it("keeps http.client.request.duration going under the stock instrumentation's scope and attributes", async () => {
    start([stock()]);
    const before = await recording.count(DURATION, {}, scope);
    await get(nylas.url('ok'));
    await get(other.url('ok'));
    expect(await recording.count(DURATION, {}, scope)).toBe(before + 2);
    const points = (await recording.collect()).scopeMetrics
      .filter((scoped) => scoped.scope.name === scope)
      .flatMap(({ metrics }) => metrics.filter(({ descriptor }) => descriptor.name === DURATION));
    expect(points).toHaveLength(1);
    const keys = points[0]!.dataPoints.map(({ attributes }) => Object.keys(attributes).sort().join());
    expect(new Set(keys).size).toBe(1);
  });

  it('does not record it when told not to', async () => {
    start([stock()], { recordHttpClientDuration: false });
    const before = await recording.count(DURATION);
    await get(nylas.url('ok'));
    expect(await recording.count(DURATION)).toBe(before);
  });

  it('leaves the stock instrumentation as it was after disable()', async () => {
    const instrumentation = stock();
    start([instrumentation]);
    running.find((one) => one !== instrumentation)?.disable();
    await get(nylas.url('ok'));
    expect(scopes()).toEqual([scope]);
  });

  it('makes its span beside a tracer without OpenTelemetry, which sends the context of a trace of its own', async () => {
    start([]);
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    // What the first request shows must not make others look shared.
    for (const _ of [1, 2]) {
      recording.reset();
      await recording.inSpan('job', () => get(nylas.url('ok'), { traceparent }));
      expect(scopes()).toEqual([OURS]);
    }
  });

  it('follows the SDK: nothing more than a count where no provider samples', async () => {
    start([stock()], { mode: 'off' });
    const before = await recording.sum('nylas.client.requests');
    await get(nylas.url('ok'));
    expect(await recording.sum('nylas.client.requests')).toBe(before + 1);
    expect(scopes()).toEqual([scope]);
  });

  describe('that cannot be reached', () => {
    beforeEach(() => {
      // Registered by somebody else: withNylas never sees it.
      register([stock()]);
      start([]);
    });

    it('enriches and redacts its span, and makes none', async () => {
      // The first request teaches who else is there; it has one span as well.
      for (const round of [1, 2]) {
        recording.reset();
        const { span } = await recording.inSpan('job', () =>
          get(`${nylas.url('ok', 'ada@example.com')}?limit=5&any_email=ada@example.com`),
        );
        const http = clientSpans();
        expect(http.map(scopeOf), `round ${round}`).toEqual([scope]);
        expect(http[0]).toMatchObject({
          name: `GET ${TEMPLATE}`,
          attributes: {
            'url.full': `${nylas.origin}${TEMPLATE}?limit=5&any_email=REDACTED`,
            'url.template': TEMPLATE,
            'nylas.operation': 'find',
            'nylas.request.id': 'req-1',
            'nylas.provider.request_count': 3,
          },
        });
        expect(JSON.stringify(http[0]?.attributes)).not.toContain('ada');
        expect(parentOf(http[0]!)).toBe(span.spanContext().spanId);
      }
    });

    it('says on it whose request it was, and who asked for it', async () => {
      const grant = '1e9f8e1a-0000-4000-8000-000000000001';
      await withNylasCaller('nightly', () => get(nylas.url('ok', grant)));
      expect(clientSpans()[0]?.attributes).toMatchObject({
        'nylas.grant.id': grant,
        'nylas.caller': 'nightly',
      });
    });

    it('counts each request once', async () => {
      const before = await recording.sum('nylas.client.requests');
      await get(nylas.url('ok'));
      await get(nylas.url('ok'));
      expect(await recording.sum('nylas.client.requests')).toBe(before + 2);
    });

    it('gives its span the error type', async () => {
      await get(nylas.url('rate-limited'));
      const [http] = clientSpans();
      expect(http?.attributes['nylas.rate_limit.source']).toBe('provider');
      expect(http?.status.code).toBe(SpanStatusCode.ERROR);
    });
  });

  it('goes back to the taken-over instrumentation when the mode is enrich', async () => {
    start([stock()], { mode: 'enrich' });
    await get(nylas.url('ok'));
    expect(scopes()).toEqual([scope]);
    expect(clientSpans()[0]?.name).toBe(`GET ${TEMPLATE}`);
  });
});

describe("the user's own hooks of undici", () => {
  const seen: string[] = [];
  const spanIds = new Set<string>();
  const hooks = {
    startSpanHook: () => ({ 'app.start': true }),
    requestHook: (span: Span) => {
      spanIds.add(span.spanContext().spanId);
      seen.push('request');
      span.setAttribute('app.request', true);
    },
    responseHook: (span: Span) => {
      spanIds.add(span.spanContext().spanId);
      seen.push('response');
    },
    headersToSpanAttributes: { responseHeaders: ['X-Request-Id'] },
  };
  beforeEach(() => {
    seen.length = 0;
    spanIds.clear();
  });

  it('are called once each, with our span', async () => {
    start([new UndiciInstrumentation(hooks)]);
    await (await fetch(nylas.url('ok'))).text();
    const [span] = clientSpans();
    expect(scopes()).toEqual([OURS]);
    expect(seen).toEqual(['request', 'response']);
    expect([...spanIds]).toEqual([span?.spanContext().spanId]);
    expect(span?.attributes).toMatchObject({
      'app.start': true,
      'app.request': true,
      'http.response.header.x-request-id': ['req-1'],
    });
  });

  it('still are, and Nylas still ours, after a setConfig of the user', async () => {
    const undici = new UndiciInstrumentation();
    start([undici]);
    undici.setConfig(hooks);
    await (await fetch(nylas.url('ok'))).text();
    expect(scopes()).toEqual([OURS]);
    expect(seen).toEqual(['request', 'response']);
  });

  it('do not reach the caller when they throw', async () => {
    const failing = () => {
      throw new Error('hook');
    };
    start([
      new UndiciInstrumentation({ requestHook: failing, responseHook: failing, startSpanHook: failing }),
    ]);
    await expect((await fetch(nylas.url('ok'))).text()).resolves.toContain('data');
    expect(scopes()).toEqual([OURS]);
  });

  it('keep their say: ignored requests have no span and no duration, but are counted', async () => {
    start([new UndiciInstrumentation({ ignoreRequestHook: () => true })]);
    const [requests, durations] = [
      await recording.sum('nylas.client.requests'),
      await recording.count(DURATION),
    ];
    await (await fetch(nylas.url('ok'))).text();
    expect(scopes()).toEqual([]);
    expect(await recording.sum('nylas.client.requests')).toBe(requests + 1);
    expect(await recording.count(DURATION)).toBe(durations);
  });

  it('keep requireParentforSpans', async () => {
    start([new UndiciInstrumentation({ requireParentforSpans: true })]);
    await (await fetch(nylas.url('ok'))).text();
    expect(scopes()).toEqual([]);
    await recording.inSpan('job', async () => (await fetch(nylas.url('ok'))).text());
    expect(scopes()).toContain(OURS);
  });
});

describe("the user's own hooks of node:http", () => {
  it('are called with our span', async () => {
    const seen: string[] = [];
    start([
      WAYS[1].stock({
        ignoreIncomingRequestHook: () => true,
        startOutgoingSpanHook: (options: { path?: unknown }) => ({ 'app.path': typeof options.path }),
        requestHook: () => seen.push('request'),
        responseHook: () => seen.push('response'),
        applyCustomAttributesOnSpan: (span: Span) => span.setAttribute('app.custom', true),
      }),
    ]);
    await WAYS[1].get(nylas.url('ok'));
    expect(scopes()).toEqual([OURS]);
    expect(seen).toEqual(['request', 'response']);
    expect(clientSpans()[0]?.attributes).toMatchObject({ 'app.path': 'string', 'app.custom': true });
  });
});

it('leaves nothing behind when the last one stops', async () => {
  start([new UndiciInstrumentation()]);
  for (const instrumentation of running.splice(0)) instrumentation.disable();
  const before = await recording.sum('nylas.client.requests');
  await (await fetch(nylas.url('ok'))).text();
  expect(await recording.sum('nylas.client.requests')).toBe(before);
  expect(recording.spans()).toEqual([]);
  const { hasSubscribers } = await import('node:diagnostics_channel');
  for (const name of [
    'undici:request:create',
    'undici:request:headers',
    'http.client.request.start',
    'tracing:nylas:request:start',
  ]) {
    expect(hasSubscribers(name), name).toBe(false);
  }
  expect(requestTelemetry().enriching).toBe(false);
});
