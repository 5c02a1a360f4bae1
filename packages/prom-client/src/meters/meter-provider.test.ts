import { DiagLogLevel, diag, ValueType } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseExposition, samplesOf } from '../../test/exposition.ts';
import { LIBRARIES } from '../../test/libraries.ts';
import { RegistryError } from '../registry/errors.ts';
import { createPromMeterProvider } from './meter-provider.ts';

const warn = vi.fn();

beforeEach(() => {
  warn.mockClear();
  const silent = () => {};
  diag.setLogger({ warn, error: silent, info: silent, debug: silent, verbose: silent }, DiagLogLevel.WARN);
});
afterEach(() => diag.disable());

describe.each(LIBRARIES)('a meter provider on %s', (_name, lib) => {
  let register: InstanceType<typeof lib.Registry>;
  const provider = (limit?: number) =>
    createPromMeterProvider({ register, ...(limit === undefined ? {} : { cardinalityLimit: limit }) });
  const scrape = async () => parseExposition(await register.metrics());

  beforeEach(() => {
    register = new lib.Registry();
  });

  it('prints counters with unit and _total, and adds up', async () => {
    const counter = provider()
      .getMeter('m')
      .createCounter('nylas.webhook.downtime', { unit: 's', description: 'Time.' });
    counter.add(1, { 'nylas.outcome': 'success', 'http.response.status_code': 200 });
    counter.add(2.5, { 'http.response.status_code': 200, 'nylas.outcome': 'success' });
    const family = (await scrape()).get('nylas_webhook_downtime_seconds_total');
    expect(family).toMatchObject({ type: 'counter', help: 'Time.' });
    expect(family?.samples).toEqual([
      {
        name: 'nylas_webhook_downtime_seconds_total',
        labels: { nylas_outcome: 'success', http_response_status_code: '200' },
        value: 3.5,
      },
    ]);
  });

  it('prints up-down counters as gauges', async () => {
    const active = provider().getMeter('m').createUpDownCounter('requests.active', { unit: '{request}' });
    active.add(3);
    active.add(-1);
    const families = await scrape();
    expect(families.get('requests_active')).toMatchObject({ type: 'gauge', help: 'description missing' });
    expect(samplesOf(families, 'requests_active')).toEqual({ 'requests_active{}': 2 });
  });

  it('keeps the last value of a gauge', async () => {
    const gauge = provider().getMeter('m').createGauge('budget', { unit: '1', description: 'Left.' });
    gauge.record(0.5);
    gauge.record(0.25);
    expect(samplesOf(await scrape(), 'budget_ratio')).toEqual({ 'budget_ratio{}': 0.25 });
  });

  it('counts a histogram value in the bucket whose bound it does not exceed', async () => {
    const histogram = provider()
      .getMeter('m')
      .createHistogram('wait', { unit: 's', advice: { explicitBucketBoundaries: [0.1, 1, 10] } });
    for (const value of [0.1, 0.2, 1, 5, 100]) histogram.record(value, { route: '/a' });
    expect(samplesOf(await scrape(), 'wait_seconds')).toEqual({
      'wait_seconds_bucket{le="0.1",route="/a"}': 1,
      'wait_seconds_bucket{le="1",route="/a"}': 3,
      'wait_seconds_bucket{le="10",route="/a"}': 4,
      'wait_seconds_bucket{le="+Inf",route="/a"}': 5,
      'wait_seconds_sum{route="/a"}': 106.3,
      'wait_seconds_count{route="/a"}': 5,
    });
  });

  it("uses OpenTelemetry's default bounds where no advice is given, and sorts advice that is not", async () => {
    const meter = provider().getMeter('m');
    meter.createHistogram('plain').record(3);
    meter.createHistogram('mixed', { advice: { explicitBucketBoundaries: [5, 1, 5, Number.NaN] } }).record(3);
    const families = await scrape();
    expect(families.get('plain')?.samples).toHaveLength(18);
    expect(samplesOf(families, 'mixed')).toMatchObject({
      'mixed_bucket{le="1"}': 0,
      'mixed_bucket{le="5"}': 1,
      'mixed_bucket{le="+Inf"}': 1,
    });
  });

  it('prints observable instruments of every kind', async () => {
    const meter = provider().getMeter('m');
    meter
      .createObservableCounter('bytes', { unit: 'By' })
      .addCallback((result) => result.observe(10, { a: 'b' }));
    meter.createObservableUpDownCounter('queue').addCallback((result) => result.observe(-2));
    meter.createObservableGauge('age', { unit: 's' }).addCallback((result) => result.observe(1.5));
    const families = await scrape();
    expect([...families.values()].map(({ name, type }) => [name, type])).toEqual([
      ['age_seconds', 'gauge'],
      ['bytes_total', 'counter'],
      ['queue', 'gauge'],
    ]);
    expect(samplesOf(families, 'bytes_total')).toEqual({ 'bytes_total{a="b"}': 10 });
    expect(samplesOf(families, 'queue')).toEqual({ 'queue{}': -2 });
    expect(samplesOf(families, 'age_seconds')).toEqual({ 'age_seconds{}': 1.5 });
  });

  it('sorts its families by name, whenever they are created', async () => {
    const meter = provider().getMeter('m');
    for (const name of ['m', 'z', 'a', 'k', 'zz', 'b']) meter.createGauge(name).record(1);
    expect([...(await scrape()).keys()]).toEqual(['a', 'b', 'k', 'm', 'z', 'zz']);
  });

  it('gives different meters for different names, one for the same', () => {
    const meters = provider();
    expect(meters.getMeter('a')).not.toBe(meters.getMeter('b'));
    expect(meters.getMeter('a', '1')).not.toBe(meters.getMeter('a', '2'));
    expect(meters.getMeter('a', '1')).toBe(meters.getMeter('a', '1'));
  });

  it('puts instruments of one name and kind from several scopes together', async () => {
    const meters = provider();
    meters.getMeter('a').createCounter('calls').add(1);
    meters.getMeter('b').createCounter('calls').add(2);
    expect(samplesOf(await scrape(), 'calls_total')).toEqual({ 'calls_total{}': 3 });
    expect(warn).not.toHaveBeenCalled();
  });

  it('records nothing for a name that belongs to another kind of instrument, and says so', async () => {
    const meter = provider().getMeter('m');
    meter.createGauge('calls').record(1);
    meter.createUpDownCounter('calls').add(5);
    meter.createObservableGauge('calls').addCallback((result) => result.observe(7));
    expect(samplesOf(await scrape(), 'calls')).toEqual({ 'calls{}': 1 });
    expect(warn).toHaveBeenCalledTimes(2);
    expect(warn.mock.calls[0]?.[0]).toMatch(/"calls" already exists as another kind.*another name/s);
  });

  it.each(['', '1st', 'ä', 'a b', 'x'.repeat(256), undefined, 7])(
    'records nothing for the name %j',
    async (name) => {
      const meter = provider().getMeter('m');
      meter.createCounter(name as string).add(1);
      meter.createHistogram(name as string).record(1);
      meter.createGauge(name as string).record(1);
      meter.createUpDownCounter(name as string).add(1);
      const observable = meter.createObservableCounter(name as string);
      observable.addCallback(() => {});
      meter.addBatchObservableCallback(() => {}, [observable]);
      expect(await scrape()).toEqual(new Map());
      expect(warn).toHaveBeenCalledTimes(5);
      expect(warn.mock.calls[0]?.[0]).toContain('is no metric name');
    },
  );

  it('drops values that would spoil a sum, and says so once an instrument', async () => {
    const meter = provider().getMeter('m');
    const counter = meter.createCounter('c');
    const histogram = meter.createHistogram('h', { advice: { explicitBucketBoundaries: [1] } });
    for (const value of [-1, Number.NaN, Number.POSITIVE_INFINITY, '1', null, undefined, {}]) {
      counter.add(value as number);
      histogram.record(value as number);
    }
    counter.add(0);
    histogram.record(0);
    const families = await scrape();
    expect(samplesOf(families, 'c_total')).toEqual({ 'c_total{}': 0 });
    expect(samplesOf(families, 'h')).toMatchObject({ 'h_sum{}': 0, 'h_count{}': 1 });
    expect(warn.mock.calls.map(([message]) => message)).toEqual([
      'nylas-otel: metric "c" (counter) was given -1; such values are dropped.',
      'nylas-otel: metric "h" (histogram) was given -1; such values are dropped.',
    ]);
  });

  it('cuts fractions off where the instrument is said to be of integers', async () => {
    provider().getMeter('m').createCounter('c', { valueType: ValueType.INT }).add(2.9);
    expect(samplesOf(await scrape(), 'c_total')).toEqual({ 'c_total{}': 2 });
  });

  it.each(['counter', 'observable counter', 'histogram'])(
    'folds the attribute sets of a %s beyond the limit into one series and says so once',
    async (kind) => {
      const meter = provider(10).getMeter('m');
      const values = Array.from({ length: 50 }, (_, i) => ({ i }));
      const total = { counter: 'x_total', 'observable counter': 'x_total', histogram: 'x_count' }[
        kind
      ] as string;
      if (kind === 'counter') for (const set of values) meter.createCounter('x').add(1, set);
      if (kind === 'histogram') for (const set of values) meter.createHistogram('x').record(1, set);
      if (kind === 'observable counter') {
        meter.createObservableCounter('x').addCallback((result) => {
          for (const set of values) result.observe(1, set);
        });
      }
      const samples = [...(await scrape()).values()][0]?.samples.filter(({ name }) => name === total) ?? [];
      expect(samples).toHaveLength(10);
      expect(samples.at(-1)).toEqual({ name: total, labels: { otel_metric_overflow: 'true' }, value: 41 });
      expect(samples.reduce((sum, { value }) => sum + value, 0)).toBe(50);
      await scrape();
      expect(warn).toHaveBeenCalledTimes(1);
      expect(warn.mock.calls[0]?.[0]).toMatch(/"x" has 10 attribute sets/);
    },
  );

  it('lets series of 2,000 attribute sets through, and no more', async () => {
    const counter = provider().getMeter('m').createCounter('x');
    for (let i = 0; i < 10_000; i++) counter.add(1, { i });
    const samples = (await scrape()).get('x_total')?.samples ?? [];
    expect(samples).toHaveLength(2_000);
    expect(samples.at(-1)).toMatchObject({ labels: { otel_metric_overflow: 'true' }, value: 8_001 });
  });

  it('says how a cluster puts each metric together: as the contract says, else by sums, else as asked', async () => {
    const meter = createPromMeterProvider({
      register,
      aggregator: (name, kind) => (name === 'own.last' && kind === 'gauge' ? 'max' : undefined),
    }).getMeter('m');
    for (const name of ['nylas.accounts', 'nylas.client.retry.budget', 'own.last', 'own.size']) {
      meter.createObservableGauge(name).addCallback((result) => result.observe(1));
    }
    meter.createCounter('nylas.client.requests').add(1);
    const json = (await register.getMetricsAsJSON()) as { name: string; aggregator: string }[];
    expect(Object.fromEntries(json.map(({ name, aggregator }) => [name, aggregator]))).toEqual({
      nylas_accounts: 'max',
      nylas_client_requests_total: 'sum',
      nylas_client_retry_budget: 'min',
      own_last: 'max',
      own_size: 'sum',
    });
  });

  it('goes on recording after shutdown without showing anything', async () => {
    const meters = provider();
    const counter = meters.getMeter('m').createCounter('x');
    meters.shutdown();
    counter.add(1);
    meters.getMeter('m').createCounter('y').add(1);
    meters.restore();
    expect(await scrape()).toEqual(new Map());
  });

  it.each([0, 1, -5, 2.5, Number.NaN, '10'])('refuses %j as a limit', (limit) => {
    expect(() => provider(limit as number)).toThrow(/"cardinalityLimit" is .* whole number from 2 up/);
  });

  it('refuses what is no registry and says what to give', () => {
    expect(() => createPromMeterProvider({ register: {} as never })).toThrow(RegistryError);
    expect(() => createPromMeterProvider(undefined as never)).toThrow(
      /createPromMeterProvider\(\{ register:/,
    );
  });
});
