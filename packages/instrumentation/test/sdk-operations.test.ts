import { createRequire } from 'node:module';
import { onAccountSignal } from '@nylas-otel/telemetry';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import Nylas6 from 'nylas6';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { instrumentNylas, withNylasAccount } from '../src/index.ts';
import { startInstrumentedServer } from './instrumented-server.ts';
import { parentOf } from './recording.ts';

const TEMPLATE = '/v3/grants/{grant_id}/messages/{message_id}';
const ofKind = (kind: SpanKind) => recording.spans().find((span) => span.kind === kind);
const httpSpan = () => ofKind(SpanKind.CLIENT);
const operationSpan = () => recording.spans().find(({ name }) => name.startsWith('nylas '));
const GRANT = '1e9f8e1a-0000-4000-8000-000000000001';

const { recording, server } = await startInstrumentedServer();

interface NylasClient {
  messages: { find(options: object): Promise<unknown> };
}
type NylasClass = new (config: object) => NylasClient & object;

const SDKS: Array<[string, () => Promise<{ Nylas: NylasClass; version: string; wire: 'undici' | 'http' }>]> =
  [
    [
      'nylas 8 ESM',
      async () => ({ Nylas: (await import('nylas8')).default as never, version: '8.4.0', wire: 'undici' }),
    ],
    ['nylas 8 CommonJS', async () => ({ Nylas: requireCjs('nylas8'), version: '8.4.0', wire: 'undici' })],
    [
      'nylas 7 ESM',
      async () => ({ Nylas: (await import('nylas7')).default as never, version: '7.13.3', wire: 'http' }),
    ],
    ['nylas 7 CommonJS', async () => ({ Nylas: requireCjs('nylas7'), version: '7.13.3', wire: 'undici' })],
  ];

describe.each(SDKS)('%s', (_name, load) => {
  let nylas: NylasClient;
  let version: string;
  const find = (messageId: string) => nylas.messages.find({ identifier: GRANT, messageId });

  beforeAll(async () => {
    const sdk = await load();
    version = sdk.version;
    nylas = instrumentNylas(new sdk.Nylas({ apiKey: 'nyk_secret', apiUri: server.origin, timeout: 90 }));
  });

  it('makes an operation span in the caller, and the HTTP span inside it', async () => {
    const { span } = await recording.inSpan('job', () => find('ok'));
    const [http, operation] = [httpSpan(), operationSpan()];
    expect(operation).toMatchObject({
      name: 'nylas messages.find',
      kind: SpanKind.INTERNAL,
      attributes: {
        'nylas.api.version': 'v3',
        'nylas.resource': 'messages',
        'nylas.operation': 'find',
        'nylas.proxied': true,
        'nylas.grant.id': GRANT,
        'nylas.request.count': 1,
        'nylas.retry.count': 0,
        'nylas.sdk.version': version,
      },
    });
    expect(Object.keys(operation!.attributes).filter((name) => name.startsWith('http.'))).toEqual([]);
    expect(http).toMatchObject({ name: `GET ${TEMPLATE}`, kind: SpanKind.CLIENT });
    expect(parentOf(http!)).toBe(operation!.spanContext().spanId);
    expect(parentOf(operation!)).toBe(span.spanContext().spanId);
  });

  it('sends no header of ours, and no trace context', async () => {
    await recording.inSpan('job', () => find('ok'));
    const names = Object.keys(server.requests[0]!.headers);
    expect(names.filter((name) => /otel|trace|baggage/.test(name))).toEqual([]);
  });

  it("takes error type, rate-limit source and ids from the SDK's error, on span, metric and operation", async () => {
    const labels = { 'error.type': 'rate_limit_error', 'http.response.status_code': 429 };
    const before = await recording.sum('nylas.client.requests', labels);
    await expect(find('rate-limited')).rejects.toMatchObject({ statusCode: 429, type: 'rate_limit_error' });
    const [http, operation] = [httpSpan(), operationSpan()];
    expect(http?.attributes).toMatchObject({
      ...labels,
      'nylas.rate_limit.source': 'provider',
      'nylas.request.id': 'req-1',
    });
    expect(http?.status.code).toBe(SpanStatusCode.ERROR);
    expect(operation?.attributes['error.type']).toBe('rate_limit_error');
    expect(operation?.status.code).toBe(SpanStatusCode.ERROR);
    expect(await recording.sum('nylas.client.requests', labels)).toBe(before + 1);
  });

  it('keeps the status of an error that the SDK cannot parse', async () => {
    await expect(find('unavailable')).rejects.toThrow(/could not parse/);
    const [http, operation] = [httpSpan(), operationSpan()];
    expect(http?.attributes).toMatchObject({ 'http.response.status_code': 503, 'error.type': '503' });
    expect(operation?.attributes['error.type']).toBe('503');
  });

  it("counts the SDK's own time-out as a timeout, not as the caller's abort", async () => {
    const before = await recording.sum('nylas.client.requests', { 'error.type': 'timeout' });
    const pending = nylas.messages.find({
      identifier: GRANT,
      messageId: 'hang',
      overrides: { timeout: 0.05 },
    });
    await expect(pending).rejects.toThrow();
    // node:http tells of the abort after the SDK did.
    await vi.waitFor(() => expect(httpSpan()).toBeDefined());
    const [http, operation] = [httpSpan(), operationSpan()];
    expect(http?.attributes['error.type']).toBe('timeout');
    expect(operation?.attributes['error.type']).toBe('timeout');
    expect(await recording.sum('nylas.client.requests', { 'error.type': 'timeout' })).toBe(before + 1);
  });

  it("counts a reset, and a body that breaks off as the operation's error only", async () => {
    await expect(find('close')).rejects.toThrow();
    expect(recording.spans().map((span) => span.attributes['error.type'])).toEqual([
      expect.stringMatching(/UND_ERR_SOCKET|ECONNRESET/),
      expect.stringMatching(/UND_ERR_SOCKET|ECONNRESET/),
    ]);
    recording.reset();
    await expect(find('close-mid-body')).rejects.toThrow();
    const [http, operation] = [httpSpan(), operationSpan()];
    expect(http?.attributes['http.response.status_code']).toBe(200);
    expect(http?.attributes).not.toHaveProperty('error.type');
    expect(operation?.status.code).toBe(SpanStatusCode.ERROR);
  });

  it('shows an address as a keyed hash, the same each time, and never as it is', async () => {
    await nylas.messages.find({ identifier: 'Ada@Example.com', messageId: 'ok' });
    await nylas.messages.find({ identifier: 'ada@example.com', messageId: 'ok' });
    const shown = recording.spans().map((span) => span.attributes['nylas.grant.id']);
    expect(shown.filter((id) => id !== undefined).length).toBeGreaterThan(0);
    expect(new Set(shown.filter((id) => id !== undefined)).size).toBe(1);
    expect(JSON.stringify(recording.spans().map((span) => [span.name, span.attributes]))).not.toMatch(/ada/i);
  });

  it("leaves an unhandled rejection unhandled, with the SDK's own error", async () => {
    const seen = await new Promise<unknown>((resolve) => {
      const listeners = process.listeners('unhandledRejection');
      process.removeAllListeners('unhandledRejection');
      process.once('unhandledRejection', (reason) => {
        for (const listener of listeners) process.on('unhandledRejection', listener);
        resolve(reason);
      });
      void find('not-found');
    });
    expect(seen).toMatchObject({ statusCode: 404 });
  });
});

describe('nylas 6', () => {
  const withAccount = () => Nylas6.with('access-token');

  beforeAll(() => {
    Nylas6.config({ clientId: 'client', clientSecret: 'secret', apiServer: server.origin });
    instrumentNylas(Nylas6);
  });

  it('makes an operation of each request, with the account that the caller names', async () => {
    await withNylasAccount('awa6ltos76vz5hvphkp8k17nt', () =>
      recording.inSpan('job', () => withAccount().messages.find('ok')),
    );
    const [http, operation] = [httpSpan(), operationSpan()];
    expect(operation).toMatchObject({
      name: 'nylas messages.find',
      attributes: {
        'nylas.api.version': 'v2',
        'nylas.sdk.version': '6.11.1',
        'nylas.account.id': 'awa6ltos76vz5hvphkp8k17nt',
      },
    });
    expect(http).toMatchObject({
      name: 'GET /messages/{message_id}',
      kind: SpanKind.CLIENT,
      attributes: {
        'nylas.account.id': 'awa6ltos76vz5hvphkp8k17nt',
        'url.full': `${server.origin}/messages/{message_id}`,
      },
    });
    expect(parentOf(http!)).toBe(operation!.spanContext().spanId);
  });

  it('reads its errors', async () => {
    await expect(withAccount().messages.find('rate-limited')).rejects.toBeDefined();
    const [http, operation] = [httpSpan(), operationSpan()];
    expect(http?.attributes['http.response.status_code']).toBe(429);
    expect(operation?.status.code).toBe(SpanStatusCode.ERROR);
  });

  it('tells whoever watches accounts what v2 says of one in words only', async () => {
    const signals: unknown[] = [];
    const stop = onAccountSignal(({ account, signal }) => void signals.push([account, signal]));
    await expect(
      withNylasAccount('awa6ltos76vz5hvphkp8k17nt', () => withAccount().messages.find('stopped')),
    ).rejects.toMatchObject({ statusCode: 403 });
    stop();
    expect(signals).toEqual([['awa6ltos76vz5hvphkp8k17nt', 'stopped']]);
  });

  it('counts its time-out, which looks like an abort, as a timeout', async () => {
    Nylas6.config({ clientId: 'client', clientSecret: 'secret', apiServer: server.origin, timeout: 50 });
    await expect(withAccount().messages.find('hang')).rejects.toThrow();
    await vi.waitFor(() => expect(httpSpan()).toBeDefined());
    expect([httpSpan(), operationSpan()].map((span) => span?.attributes['error.type'])).toEqual([
      'timeout',
      'timeout',
    ]);
    Nylas6.config({ clientId: 'client', clientSecret: 'secret', apiServer: server.origin });
  });

  it('covers the code exchange, which bypasses the connection, without its secrets', async () => {
    await expect(Nylas6.exchangeCodeForToken('the-code')).rejects.toThrow();
    const names = recording.spans().map(({ name }) => name);
    expect(names).toEqual(['GET /oauth/token', 'nylas auth.token']);
    expect(JSON.stringify(recording.spans().map((span) => span.attributes))).not.toMatch(
      /the-code|secret=(?!REDACTED)/,
    );
  });
});

function requireCjs(name: string): NylasClass {
  return (createRequire(import.meta.url)(name) as { default: NylasClass }).default;
}
