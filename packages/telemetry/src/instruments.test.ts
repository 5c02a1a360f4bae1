import { METRICS, RATE_LIMIT_SOURCES } from '@nylas-otel/semantic-conventions';
import { metrics } from '@opentelemetry/api';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InstrumentHub } from './instruments.ts';

const SCOPE = { name: 'test-scope', version: '1.2.3' };

class OnDemandReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

/** A provider and what it holds of a metric. */
function provider() {
  const reader = new OnDemandReader();
  const meterProvider = new MeterProvider({ readers: [reader] });
  const read = async (name: string) => {
    const { resourceMetrics } = await reader.collect();
    return resourceMetrics.scopeMetrics
      .flatMap(({ scope, metrics: list }) => list.map((metric) => ({ scope: scope.name, ...metric })))
      .filter(({ descriptor }) => descriptor.name === name);
  };
  return { meterProvider, read };
}

describe('InstrumentHub', () => {
  let hub: InstrumentHub;
  beforeEach(() => {
    hub = new InstrumentHub();
  });
  afterEach(() => {
    metrics.disable();
    vi.useRealTimers();
  });

  it('emits under the package’s scope, with unit, description and kind of the contract', async () => {
    const { meterProvider, read } = provider();
    hub.bind({}, meterProvider);
    hub.count('nylas.client.provider.requests', SCOPE).add({ 'url.template': '/v3/grants' }, 3);
    const [metric] = await read('nylas.client.provider.requests');
    expect(metric).toMatchObject({
      scope: 'test-scope',
      descriptor: {
        unit: METRICS['nylas.client.provider.requests'].unit,
        description: METRICS['nylas.client.provider.requests'].description,
      },
    });
    expect(metric?.dataPoints.map(({ value }) => value)).toContain(3);
  });

  it('shows counts that were made before any provider was there', async () => {
    hub.count('nylas.client.provider.requests', SCOPE).add({ 'url.template': '/v3/grants' }, 3);
    const { meterProvider, read } = provider();
    hub.bind({}, meterProvider);
    expect((await read('nylas.client.provider.requests'))[0]?.dataPoints[0]?.value).toBe(3);
  });

  it('finds a global provider that is registered later, without traffic', async () => {
    vi.useFakeTimers();
    hub.count('nylas.client.provider.requests', SCOPE).add({ 'url.template': '/v3/grants' });
    const { meterProvider, read } = provider();
    metrics.setGlobalMeterProvider(meterProvider);
    vi.advanceTimersByTime(1_000);
    vi.useRealTimers();
    expect(await read('nylas.client.provider.requests')).toHaveLength(1);
  });

  it('moves to another provider and leaves the first', async () => {
    const [first, second] = [provider(), provider()];
    const owner = {};
    hub.count('nylas.client.provider.requests', SCOPE).add({ 'url.template': '/v3/grants' });
    hub.bind(owner, first.meterProvider);
    hub.bind(owner, second.meterProvider);
    expect((await second.read('nylas.client.provider.requests'))[0]?.dataPoints).toHaveLength(1);
    expect((await first.read('nylas.client.provider.requests'))[0]?.dataPoints ?? []).toEqual([]);
  });

  it('reports to two bound providers, each once', async () => {
    const [first, second] = [provider(), provider()];
    hub.bind({}, first.meterProvider);
    hub.bind({}, second.meterProvider);
    hub.bind({}, second.meterProvider);
    hub.count('nylas.client.provider.requests', SCOPE).add({ 'url.template': '/v3/grants' });
    hub.histogram('nylas.client.retry.delay', SCOPE).record(1, { 'nylas.retry.reason': 'timeout' });
    for (const { read } of [first, second]) {
      expect((await read('nylas.client.provider.requests'))[0]?.dataPoints[0]?.value).toBe(1);
      expect((await read('nylas.client.retry.delay'))[0]?.dataPoints[0]?.value).toMatchObject({ count: 1 });
    }
  });

  it('gives histograms the buckets of the contract', async () => {
    const { meterProvider, read } = provider();
    hub.bind({}, meterProvider);
    hub.histogram('nylas.client.request.duration', SCOPE).record(1, {});
    const [metric] = await read('nylas.client.request.duration');
    expect(metric?.dataPoints[0]?.value).toMatchObject({
      buckets: { boundaries: METRICS['nylas.client.request.duration'].buckets },
    });
  });

  it('lets counters be born at 0, so that an alert sees their first failure', async () => {
    const { meterProvider, read } = provider();
    hub.bind({}, meterProvider);
    hub.count('nylas.client.rate_limits', SCOPE);
    const [metric] = await read('nylas.client.rate_limits');
    const sources = metric?.dataPoints.map(({ attributes }) => attributes['nylas.rate_limit.source']);
    expect(new Set(sources)).toEqual(new Set(RATE_LIMIT_SOURCES));
    expect(metric?.dataPoints.every(({ value }) => value === 0)).toBe(true);
  });

  it('drops an observer that throws; others still report', async () => {
    const { meterProvider, read } = provider();
    hub.bind({}, meterProvider);
    hub.observe('nylas.client.retry.budget', SCOPE, () => {
      throw new Error('observer');
    });
    const stop = hub.observe('nylas.client.retry.budget', SCOPE, (report) => report(0.5, {}));
    expect((await read('nylas.client.retry.budget'))[0]?.dataPoints.map(({ value }) => value)).toEqual([0.5]);
    stop();
  });
});
