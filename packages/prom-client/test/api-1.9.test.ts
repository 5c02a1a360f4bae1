import * as api from '@opentelemetry/api-1.9';
import client from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { createPromMeterProvider } from '../src/index.ts';
import { parseExposition, samplesOf } from './exposition.ts';

afterEach(() => api.metrics.disable());

describe('with @opentelemetry/api 1.9', () => {
  it('is a MeterProvider that can be the global one', async () => {
    const register = new client.Registry();
    const provider: api.MeterProvider = createPromMeterProvider({ register });
    expect(api.metrics.setGlobalMeterProvider(provider)).toBe(true);
    const meter = api.metrics.getMeter('m', '1', { schemaUrl: 'https://opentelemetry.io/schemas/1.40.0' });
    meter.createCounter('calls').add(1, { a: 'b' });
    meter.createGauge('left').record(2);
    meter.createHistogram('wait').record(3, {}, api.context.active());
    meter.createUpDownCounter('open').add(-1);
    const seen = meter.createObservableCounter('seen');
    meter.addBatchObservableCallback((result) => result.observe(seen, 5), [seen]);
    const families = parseExposition(await register.metrics());
    expect(samplesOf(families, 'calls_total')).toEqual({ 'calls_total{a="b"}': 1 });
    expect([...families.keys()]).toEqual(['calls_total', 'left', 'open', 'seen_total', 'wait']);
    expect(samplesOf(families, 'seen_total')).toEqual({ 'seen_total{}': 5 });
  });
});
