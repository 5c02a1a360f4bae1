import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import {
  bindLoggerProvider,
  bindTracerProvider,
  currentScope,
  type RequestScope,
  withNylasAccount,
} from '@nylas-otel/telemetry';
import { context, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { watchGrants, watchV2 } from './watching.ts';

const spans = new InMemorySpanExporter();
const tracerProvider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] });
bindTracerProvider({}, tracerProvider);
const logs = new InMemoryLogRecordExporter();
bindLoggerProvider(
  {},
  new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter: logs })] }),
);
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

let simulator: Simulator;
beforeEach(() => {
  spans.reset();
  logs.reset();
});
afterEach(() => simulator.close());

function transitions() {
  return logs.getFinishedLogRecords().filter(({ eventName }) => eventName === 'nylas.account.transition');
}

describe('a transition as a log event', () => {
  it('names the account, what it was and is, in our words and in those of Nylas', async () => {
    simulator = await startSimulator({ grants: [{ provider: 'google', email: 'nyla@example.com' }] });
    const { watch, runtime } = watchGrants(simulator, { application: 'shop' });
    await watch.ready;
    const id = simulator.grants.list()[0]?.id ?? '';
    simulator.grants.setStatus(id, 'invalid');
    await runtime.advance(70);
    const [record] = transitions();
    expect(transitions()).toHaveLength(1);
    expect(record?.severityText).toBe('WARN');
    expect(record?.attributes).toEqual({
      'nylas.application': 'shop',
      'nylas.grant.id': id,
      'nylas.account.state.from': 'running',
      'nylas.account.state': 'invalid',
      'nylas.account.raw_state': 'invalid',
      'nylas.account.signal': 'poll',
      'nylas.provider': 'google',
      'nylas.api.version': 'v3',
    });
    expect(record?.body).toBe(
      `Nylas grant ${id} (google) of application shop: running -> invalid, Nylas says "invalid", seen by poll`,
    );
    simulator.grants.setStatus(id, 'valid');
    await runtime.advance(70);
    expect(transitions().at(-1)?.severityText).toBe('INFO');
    expect(
      JSON.stringify(logs.getFinishedLogRecords().map(({ attributes, body }) => [attributes, body])),
    ).not.toContain('nyla@');
  });

  it('never shows an address that serves as an id', async () => {
    simulator = await startSimulator({ grants: 1 });
    const { watch, runtime } = watchGrants(simulator);
    await watch.ready;
    await runtime.advance(1);
    for (const state of ['valid', 'invalid']) {
      watch.applySignal({ id: 'nyla@example.com', state, time: new Date(runtime.now()) });
      await runtime.advance(1);
    }
    const attributes = transitions()[0]?.attributes ?? {};
    expect(attributes['nylas.grant.id']).toMatch(/^[0-9a-f]{32}$/);
  });

  it('shows ids hashed or not at all, as asked', async () => {
    simulator = await startSimulator({ accounts: 1 });
    for (const captureAccountId of ['hash', 'none']) {
      const { watch, runtime } = watchV2(simulator, { captureAccountId });
      await watch.ready;
      await runtime.advance(1);
      const id = simulator.accounts.list()[0]?.id ?? '';
      logs.reset();
      watch.applySignal({ id, state: 'stopped', time: new Date(runtime.now()) });
      const [record] = transitions();
      if (captureAccountId === 'none') expect(record?.attributes).not.toHaveProperty('nylas.account.id');
      else expect(record?.attributes['nylas.account.id']).toMatch(/^[0-9a-f]{32}$/);
      expect(String(record?.body)).not.toContain(id);
      await watch.close();
    }
  });

  it('is a line of a plain logger too, until the watch is closed', async () => {
    simulator = await startSimulator({ grants: 1 });
    const lines: unknown[] = [];
    const note = (...line: unknown[]): void => {
      lines.push(line);
    };
    const { watch, runtime } = watchGrants(simulator, { logger: { info: note, warn: note, error: note } });
    await watch.ready;
    await runtime.advance(1);
    const id = simulator.grants.list()[0]?.id ?? '';
    watch.applySignal({ id, state: 'invalid', time: new Date(runtime.now()) });
    expect(lines).toMatchObject([
      [expect.stringContaining('running -> invalid'), { 'event.name': 'nylas.account.transition' }],
    ]);
    await watch.close();
    watch.applySignal({ id, state: 'valid', time: new Date(runtime.now() + 1_000) });
    expect(lines).toHaveLength(1);
  });
});

describe('our own requests', () => {
  it('are inside one span a poll, with no parent even when the watch was started inside of one', async () => {
    simulator = await startSimulator({ grants: 450, limits: false });
    const tracer = tracerProvider.getTracer('test');
    const seen: (Span | undefined)[] = [];
    const scopes: (RequestScope | undefined)[] = [];
    await tracer.startActiveSpan('a request of the host', async (outer) => {
      const { watch } = withNylasAccount('somebody', () =>
        watchGrants(simulator, {
          fetch: (url: string, init: RequestInit) => {
            seen.push(trace.getActiveSpan());
            scopes.push(currentScope());
            return fetch(url, init);
          },
        }),
      );
      await watch.ready;
      outer.end();
    });
    const poll = spans.getFinishedSpans().find(({ name }) => name === 'nylas accounts.poll');
    expect(poll?.parentSpanContext).toBeUndefined();
    expect(poll?.attributes).toEqual({ 'nylas.api.version': 'v3', 'nylas.request.count': 4 });
    expect(seen.map((span) => span?.spanContext().spanId)).toEqual(Array(4).fill(poll?.spanContext().spanId));
    for (const scope of scopes)
      expect(scope).toMatchObject({ account: undefined, caller: 'nylas accounts.poll' });
    expect(trace.getSpan(ROOT_CONTEXT)).toBeUndefined();
  });

  it('that fail make the span an error, with a type of the catalogue', async () => {
    simulator = await startSimulator({ grants: 3 });
    simulator.faults.add({ fault: 'unauthorized', times: 1 });
    await watchGrants(simulator).watch.ready;
    const poll = spans.getFinishedSpans().find(({ name }) => name === 'nylas accounts.poll');
    expect(poll?.status.code).toBe(2);
    expect(poll?.attributes['error.type']).toMatch(/^[a-z_.]+$/);
  });

  it('carry no header of ours', async () => {
    simulator = await startSimulator({ grants: 3, accounts: 3 });
    await watchGrants(simulator).watch.ready;
    await watchV2(simulator).watch.ready;
    const { apiKey, clientSecret } = simulator;
    const given = simulator.requests.list().map(({ headers }) => Object.keys(headers).sort());
    for (const names of given) {
      expect(names).toEqual([
        'accept',
        'accept-encoding',
        'accept-language',
        'authorization',
        'connection',
        'host',
        'sec-fetch-mode',
        'user-agent',
      ]);
    }
    expect(simulator.requests.list().map(({ headers }) => headers.authorization)).toEqual([
      `Bearer ${apiKey}`,
      `Bearer ${apiKey}`,
      `Basic ${Buffer.from(`${clientSecret}:`).toString('base64')}`,
      `Basic ${Buffer.from(`${clientSecret}:`).toString('base64')}`,
    ]);
  });
});
