import client from 'prom-client-14';
import { describe, expect, it } from 'vitest';
import { createPromMeterProvider } from '../src/index.ts';
import { parseExposition, samplesOf } from './exposition.ts';

describe('on prom-client 14, which knows neither OpenMetrics nor shared labels', () => {
  it('prints the same text', async () => {
    const register = new client.Registry();
    register.setDefaultLabels({ app: 'mail' });
    const meter = createPromMeterProvider({ register }).getMeter('m');
    meter.createCounter('calls').add(2, { route: '/a' });
    meter
      .createHistogram('wait', { unit: 's', advice: { explicitBucketBoundaries: [1] } })
      .record(0.5, { route: '/a' });
    const families = parseExposition(await register.metrics());
    expect(samplesOf(families, 'calls_total')).toEqual({ 'calls_total{app="mail",route="/a"}': 2 });
    expect(samplesOf(families, 'wait_seconds')).toEqual({
      'wait_seconds_bucket{app="mail",le="1",route="/a"}': 1,
      'wait_seconds_bucket{app="mail",le="+Inf",route="/a"}': 1,
      'wait_seconds_sum{app="mail",route="/a"}': 0.5,
      'wait_seconds_count{app="mail",route="/a"}': 1,
    });
  });
});
