import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseExposition, samplesOf } from '../../test/exposition.ts';
import { LIBRARIES } from '../../test/libraries.ts';
import { createPromMeterProvider, type PromMeterProvider } from '../meters/meter-provider.ts';

describe.each(LIBRARIES)('metrics of ours on a registry of %s', (_name, lib) => {
  let register: InstanceType<typeof lib.Registry>;
  let provider: PromMeterProvider;
  const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const scrape = async () => parseExposition(await register.metrics());

  beforeEach(() => {
    register = new lib.Registry();
    provider = createPromMeterProvider({ register });
    emitWarning.mockClear();
  });
  afterEach(() => provider.shutdown());

  it('stand beside the metrics of others and leave them alone', async () => {
    const own = new lib.Counter({ name: 'own_total', help: 'Own.', registers: [register as never] });
    own.inc(4);
    provider.getMeter('m').createCounter('ours').add(1);
    provider.getMeter('m').createCounter('another').add(1);
    const families = await scrape();
    expect(samplesOf(families, 'own_total')).toEqual({ 'own_total{}': 4 });
    expect([...families.keys()]).toEqual(['own_total', 'another_total', 'ours_total']);
    provider.shutdown();
    expect([...(await scrape()).keys()]).toEqual(['own_total']);
  });

  it('carry the default labels, which do not win over labels of ours', async () => {
    register.setDefaultLabels({ app: 'mail', route: 'default' });
    const meter = provider.getMeter('m');
    meter.createCounter('calls').add(1, { route: '/a' });
    meter.createCounter('calls').add(2, { other: 'x' });
    meter.createHistogram('wait', { advice: { explicitBucketBoundaries: [] } }).record(1, { route: '/a' });
    meter.createObservableGauge('age').addCallback((result) => result.observe(3));
    const expected = {
      'calls_total{app="mail",route="/a"}': 1,
      'calls_total{app="mail",other="x",route="default"}': 2,
    };
    const families = await scrape();
    expect(samplesOf(families, 'calls_total')).toEqual(expected);
    expect(samplesOf(families, 'age')).toEqual({ 'age{app="mail",route="default"}': 3 });
    expect(samplesOf(families, 'wait')).toEqual({
      'wait_bucket{app="mail",le="+Inf",route="/a"}': 1,
      'wait_sum{app="mail",route="/a"}': 1,
      'wait_count{app="mail",route="/a"}': 1,
    });
    await register.getMetricsAsJSON();
    register.setDefaultLabels({});
    expect(samplesOf(await scrape(), 'age')).toEqual({ 'age{}': 3 });
  });

  it('say in getMetricsAsJSON what they say in the text, in objects that may be changed', async () => {
    const meter = provider.getMeter('m');
    meter.createCounter('calls').add(1, { a: 'b' });
    meter.createHistogram('wait', { advice: { explicitBucketBoundaries: [1] } }).record(2, { a: 'b' });
    const read = async () => structuredClone(await register.getMetricsAsJSON());
    const json = await register.getMetricsAsJSON();
    expect(json).toMatchObject([
      {
        name: 'calls_total',
        type: 'counter',
        aggregator: 'sum',
        values: [{ value: 1, labels: { a: 'b' } }],
      },
      {
        name: 'wait',
        type: 'histogram',
        values: [
          { metricName: 'wait_bucket', value: 0, labels: { a: 'b', le: 1 } },
          { metricName: 'wait_bucket', value: 1, labels: { a: 'b', le: '+Inf' } },
          { metricName: 'wait_sum', value: 2, labels: { a: 'b' } },
          { metricName: 'wait_count', value: 1, labels: { a: 'b' } },
        ],
      },
    ]);
    const before = await read();
    for (const metric of json as { values: { value: number; labels: Record<string, unknown> }[] }[]) {
      for (const value of metric.values) {
        value.value = -1;
        value.labels.a = 'changed';
      }
    }
    expect(await read()).toEqual(before);
  });

  it('are gone after register.clear(), and come back with their values by restore()', async () => {
    const meter = provider.getMeter('m');
    const counter = meter.createCounter('calls');
    counter.add(2);
    meter.createGauge('age').record(1);
    register.clear();
    expect(await scrape()).toEqual(new Map());
    counter.add(3);
    meter.createCounter('later').add(1);
    expect(await scrape()).toEqual(new Map());
    provider.restore();
    const families = await scrape();
    expect([...families.keys()]).toEqual(['age', 'calls_total', 'later_total']);
    expect(samplesOf(families, 'calls_total')).toEqual({ 'calls_total{}': 5 });
  });

  it('are begun anew by register.resetMetrics(), but for those that callbacks report', async () => {
    const meter = provider.getMeter('m');
    meter.createCounter('calls').add(2);
    meter.createHistogram('wait').record(2);
    meter.createObservableCounter('seen').addCallback((result) => result.observe(7));
    await scrape();
    register.resetMetrics();
    meter.createCounter('calls').add(1);
    const families = await scrape();
    expect(samplesOf(families, 'calls_total')).toEqual({ 'calls_total{}': 1 });
    expect(samplesOf(families, 'wait')).toEqual({});
    expect(samplesOf(families, 'seen_total')).toEqual({ 'seen_total{}': 7 });
  });

  it('can be merged with another registry', async () => {
    const other = new lib.Registry();
    createPromMeterProvider({ register: other }).getMeter('m').createCounter('theirs').add(1);
    provider.getMeter('m').createCounter('ours').add(1);
    const merged = lib.Registry.merge([register, other] as never);
    expect([...parseExposition(await merged.metrics()).keys()]).toEqual(['ours_total', 'theirs_total']);
  });

  it('do not take the place of a metric of the same name: a warning names it and the fix', async () => {
    const own = new lib.Gauge({ name: 'calls_total', help: 'Own.', registers: [register as never] });
    own.set(4);
    const counter = provider.getMeter('m').createCounter('calls');
    counter.add(1);
    expect(samplesOf(await scrape(), 'calls_total')).toEqual({ 'calls_total{}': 4 });
    expect(provider.clashes).toEqual(['calls_total']);
    expect(emitWarning).toHaveBeenCalledTimes(1);
    expect(emitWarning.mock.calls[0]?.[0]).toMatch(/calls_total.*Rename or remove.*registry of its own/s);

    register.removeSingleMetric('calls_total');
    provider.restore();
    expect(provider.clashes).toEqual([]);
    expect(samplesOf(await scrape(), 'calls_total')).toEqual({ 'calls_total{}': 1 });
  });
});
