import { METRICS, type MetricName, SPANS } from '@nylas-otel/semantic-conventions';
import { addLogger, bindTracerProvider, instrumentHub, unbindTracerProvider } from '@nylas-otel/telemetry';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  createWebhookReceiver,
  type Inbox,
  memoryInbox,
  mockDelta,
  mockNotification,
  signWebhook,
  type WebhookRequest,
} from '../src/index.ts';

const SECRET = 'a-secret-of-this-test';
const owner = {};
const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
const meters = new MeterProvider({ readers: [reader] });
const spanExporter = new InMemorySpanExporter();
const tracers = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spanExporter })] });
const lines: { severity: string; message: string; fields: Record<string, unknown> }[] = [];

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  instrumentHub.bind(owner, meters);
  bindTracerProvider(owner, tracers);
  const write = (severity: string) => (message: string, fields: Record<string, unknown>) =>
    void lines.push({ severity, message, fields });
  addLogger({ info: write('info'), warn: write('warn'), error: write('error') });
});
afterEach(() => {
  spanExporter.reset();
  lines.length = 0;
});
afterAll(async () => {
  instrumentHub.unbind(owner);
  unbindTracerProvider(owner);
  await meters.shutdown();
});

interface Point {
  readonly attributes: Record<string, unknown>;
  readonly value: number | { readonly count: number; readonly sum?: number };
}

async function points(name: MetricName): Promise<Point[]> {
  exporter.reset();
  await reader.forceFlush();
  const metrics = exporter
    .getMetrics()
    .flatMap((each) => each.scopeMetrics.flatMap(({ metrics }) => metrics));
  const metric = metrics.find(({ descriptor }) => descriptor.name === name);
  for (const point of metric?.dataPoints ?? [])
    for (const key of Object.keys(point.attributes)) expect(METRICS[name].attributes).toContain(key);
  return (metric?.dataPoints ?? []) as unknown as Point[];
}

async function value(name: MetricName, attributes: Record<string, unknown>): Promise<number> {
  const found = (await points(name)).filter((point) =>
    Object.entries(attributes).every(([key, wanted]) => point.attributes[key] === wanted),
  );
  return found.reduce(
    (sum, point) => sum + (typeof point.value === 'number' ? point.value : point.value.count),
    0,
  );
}

function request(body: string | object, signature?: string): WebhookRequest {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return {
    method: 'POST',
    query: '',
    header: (name) => (name === 'x-nylas-signature' ? (signature ?? signWebhook(bytes, SECRET)) : undefined),
    readBody: (_limits, done) => done(bytes),
  };
}

function received(inbox: Inbox) {
  return createWebhookReceiver({
    secret: [
      { name: 'old', secret: 'other' },
      { name: 'new', secret: SECRET },
    ],
    inbox,
  });
}

describe('what a receiver tells', () => {
  it('has every outcome at 0 before the first delivery', async () => {
    received(memoryInbox());
    const outcomes = (await points('nylas.webhook.deliveries')).map(
      ({ attributes }) => attributes['nylas.webhook.outcome'],
    );
    expect(new Set(outcomes).size).toBe(8);
    expect((await points('nylas.webhook.downtime')).map(({ attributes }) => attributes)).toEqual([{}]);
  });

  it('counts deliveries by outcome and answer, events by trigger, redeliveries, lag and the last delivery', async () => {
    const inbox = memoryInbox({ onEvent: () => undefined });
    const receiver = received(inbox);
    const stored = { 'nylas.webhook.outcome': 'stored', 'http.response.status_code': 200 };
    const before = await value('nylas.webhook.deliveries', stored);
    const late = {
      ...mockNotification('grant.expired', { time: new Date(Date.now() - 90_000) }),
      webhook_delivery_attempt: 2,
    };
    await receiver.receive(request(late));
    await receiver.receive(request(late));
    await receiver.receive(request({ deltas: [mockDelta('account.stopped'), mockDelta('a.new.trigger')] }));
    await receiver.receive(request(late, 'f'.repeat(64)));
    await receiver.receive(request('hello'));
    await receiver.receive({ ...request(''), method: 'GET', query: 'challenge=x' });
    await inbox.drained();

    expect(await value('nylas.webhook.deliveries', stored)).toBe(before + 2);
    for (const [outcome, status] of [
      ['duplicate', 200],
      ['invalid_signature', 401],
      ['unreadable', 200],
      ['challenge', 200],
    ] as const) {
      const attributes = { 'nylas.webhook.outcome': outcome, 'http.response.status_code': status };
      expect([outcome, await value('nylas.webhook.deliveries', attributes)]).toEqual([outcome, 1]);
      expect(await value('nylas.webhook.delivery.duration', { 'nylas.webhook.outcome': outcome })).toBe(1);
    }
    const expired = { 'nylas.webhook.trigger': 'grant.expired' };
    const events = (trigger: string, outcome: string) =>
      value('nylas.webhook.events', {
        'nylas.webhook.trigger': trigger,
        'nylas.webhook.event.outcome': outcome,
      });
    expect(await events('grant.expired', 'accepted')).toBe(1);
    expect(await events('grant.expired', 'duplicate')).toBe(1);
    expect(await events('grant.expired', 'processed')).toBe(1);
    expect(await events('account.stopped', 'accepted')).toBe(1);
    expect(await events('other', 'accepted')).toBe(1);
    expect(await value('nylas.webhook.redeliveries', expired)).toBe(1);
    const [lag] = (await points('nylas.webhook.event.lag')).filter(
      ({ attributes }) => attributes['nylas.webhook.trigger'] === 'grant.expired',
    );
    const seconds = (lag as { value: { sum: number } }).value.sum;
    expect(seconds).toBeGreaterThan(89);
    expect(seconds).toBeLessThan(100);
    const [last] = await points('nylas.webhook.last_delivery.time');
    expect(Math.abs((last?.value as number) - Date.now() / 1_000)).toBeLessThan(10);
    expect(receiver.stats().secrets).toEqual([
      { name: 'old', verified: 0 },
      { name: 'new', verified: 4 },
    ]);
    await receiver.close();
    await inbox.close();
  });

  it('writes a log event for what it rejects, bounded, without signature or payload', async () => {
    const receiver = received(memoryInbox());
    for (let index = 0; index < 50; index++)
      await receiver.receive(request('{"subject":"private"}', 'f'.repeat(64)));
    expect(lines.length).toBeGreaterThanOrEqual(10);
    expect(lines.length).toBeLessThanOrEqual(20);
    expect(lines[0]).toMatchObject({
      severity: 'warn',
      fields: {
        'event.name': 'nylas.webhook.rejected',
        'nylas.webhook.outcome': 'invalid_signature',
        'http.response.status_code': 401,
        'error.type': 'signature_mismatch',
      },
    });
    expect(JSON.stringify(lines)).not.toMatch(/private|ffff/);
  });

  it('counts the time in which it cannot accept, and ends it with the next delivery that is stored', async () => {
    const good = memoryInbox();
    let down = true;
    const inbox: Inbox = {
      accept: (events, call) => (down ? Promise.reject(new Error('down')) : good.accept(events, call)),
      quarantine: (delivery, call) => good.quarantine(delivery, call),
    };
    const receiver = received(inbox);
    const before = await value('nylas.webhook.downtime', {});
    await receiver.receive(request(mockNotification('event.created')));
    expect(lines[0]).toMatchObject({ severity: 'error', fields: { 'error.type': 'inbox_failed' } });
    await expect.poll(() => receiver.stats().downtime).toBeGreaterThan(0.02);
    down = false;
    await receiver.receive(request(mockNotification('event.created')));
    const after = receiver.stats().downtime;
    expect(await value('nylas.webhook.downtime', {})).toBeCloseTo(before + after, 5);
    expect(receiver.stats().downtime).toBe(after);
    await receiver.close();
    expect(await value('nylas.webhook.downtime', {})).toBeCloseTo(before + after, 5);
    await good.close();
  });

  it('marks the span of the delivery, and handles each event in a CONSUMER span linked to it', async () => {
    let inside: string | undefined;
    const inbox = memoryInbox({
      onEvent: () => {
        inside = trace.getActiveSpan()?.spanContext().spanId;
      },
    });
    const receiver = received(inbox);
    const notification = mockNotification('message.created', { accountId: 'someone@example.com' });
    const server = tracers.getTracer('server').startSpan('POST /webhooks/nylas', { kind: SpanKind.SERVER });
    await context.with(trace.setSpan(context.active(), server), () =>
      receiver.receive(request(notification)),
    );
    await inbox.drained();
    server.end();
    const spans = spanExporter.getFinishedSpans();
    const delivery = spans.find(({ kind }) => kind === SpanKind.SERVER);
    const event = spans.find(({ kind }) => kind === SpanKind.CONSUMER);
    expect(delivery?.attributes).toEqual({
      'nylas.webhook.outcome': 'stored',
      'nylas.webhook.event.count': 1,
    });
    expect(event?.name).toBe('process message.created');
    expect(event?.parentSpanContext).toBeUndefined();
    expect(event?.links.map((link) => link.context.spanId)).toEqual([server.spanContext().spanId]);
    expect(event?.links.map((link) => link.context.traceId)).toEqual([server.spanContext().traceId]);
    expect(event?.spanContext().traceId).not.toBe(server.spanContext().traceId);
    expect(event?.spanContext().spanId).toBe(inside);
    expect(event?.attributes).toMatchObject({
      'cloudevents.event_id': notification.id,
      'cloudevents.event_type': 'message.created',
      'cloudevents.event_source': '/google/emails/realtime',
      'cloudevents.event_spec_version': '1.0',
      'nylas.webhook.trigger': 'message.created',
      'nylas.provider': 'google',
      'nylas.api.version': 'v3',
    });
    for (const key of Object.keys(event?.attributes ?? {}))
      expect(SPANS.webhookEvent.attributes).toContain(key);
    expect(JSON.stringify(event?.attributes)).not.toContain('example.com');
    await inbox.close();
  });

  it('keeps words from outside off spans and labels', async () => {
    const inbox = memoryInbox({ onEvent: () => undefined });
    const receiver = received(inbox);
    const hostile = 'Jane <jane@example.com>';
    await receiver.receive(
      request({ ...mockNotification(hostile), id: hostile, source: `/${hostile}`, specversion: hostile }),
    );
    await inbox.drained();
    const [event] = spanExporter.getFinishedSpans();
    expect(event?.name).toBe('process other');
    expect(JSON.stringify(event?.attributes)).not.toMatch(/jane/i);
    expect(JSON.stringify(await points('nylas.webhook.events'))).not.toMatch(/jane/i);
    await inbox.close();
  });

  it('tells failures, retries and the dead letter, without what the handler said', async () => {
    const inbox = memoryInbox({
      maxRuns: 2,
      retryDelayMs: 1,
      application: 'shop',
      onEvent: () => {
        throw new Error('cannot find jane@example.com');
      },
    });
    const receiver = received(inbox);
    await receiver.receive(request(mockNotification('booking.created')));
    await inbox.drained();
    const spans = spanExporter.getFinishedSpans();
    expect(spans.map(({ status }) => status.code)).toEqual([SpanStatusCode.ERROR, SpanStatusCode.ERROR]);
    const events = (outcome: string) =>
      value('nylas.webhook.events', {
        'nylas.webhook.trigger': 'booking.created',
        'nylas.webhook.event.outcome': outcome,
      });
    expect([await events('failed'), await events('dead'), await events('processed')]).toEqual([2, 1, 0]);
    expect(
      await value('nylas.webhook.event.processing.duration', {
        'nylas.webhook.trigger': 'booking.created',
        'nylas.outcome': 'server_error',
      }),
    ).toBe(2);
    const backlog = { 'nylas.application': 'shop', 'nylas.webhook.backlog.state': 'dead' };
    expect(await value('nylas.webhook.backlog', backlog)).toBe(1);
    expect(lines.map(({ fields }) => fields['event.name'])).toEqual(['nylas.webhook.dead']);
    expect(
      JSON.stringify([lines, spans.map(({ status, events, attributes }) => [status, events, attributes])]),
    ).not.toContain('jane');
    await inbox.close();
  });
});
