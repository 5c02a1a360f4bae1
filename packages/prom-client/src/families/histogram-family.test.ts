import { type Context, ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { parseExposition, samplesOf } from '../../test/exposition.ts';
import { LIBRARIES, openMetricsRegistry } from '../../test/libraries.ts';
import { createPromMeterProvider } from '../meters/meter-provider.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';

const inSpan = (spanId: string, traceFlags: TraceFlags = TraceFlags.SAMPLED): Context =>
  trace.setSpanContext(ROOT_CONTEXT, { traceId: TRACE_ID, spanId, traceFlags });

describe.each(LIBRARIES)('exemplars of a histogram on %s', (_name, lib) => {
  let register: ReturnType<typeof openMetricsRegistry>;
  const histogram = () =>
    createPromMeterProvider({ register })
      .getMeter('m')
      .createHistogram('wait', { unit: 's', advice: { explicitBucketBoundaries: [0.1, 1] } });
  const exemplars = async () =>
    parseExposition(await register.metrics(), true)
      .get('wait_seconds')
      ?.samples.flatMap(({ labels, exemplar }) =>
        exemplar === undefined ? [] : [[labels.le, exemplar.labels, exemplar.value] as const],
      );

  beforeEach(() => {
    register = openMetricsRegistry(lib);
  });

  it('name the sampled span that was passed, at the bucket of its value', async () => {
    const before = Date.now() / 1_000;
    const wait = histogram();
    wait.record(0.05, { route: '/a' }, inSpan('00f067aa0ba902b7'));
    wait.record(30, { route: '/a' }, inSpan('00f067aa0ba902b8'));
    expect(await exemplars()).toEqual([
      ['0.1', { trace_id: TRACE_ID, span_id: '00f067aa0ba902b7' }, 0.05],
      ['+Inf', { trace_id: TRACE_ID, span_id: '00f067aa0ba902b8' }, 30],
    ]);
    const text = await register.metrics();
    const time = parseExposition(text, true).get('wait_seconds')?.samples[0]?.exemplar?.time as number;
    expect(time).toBeGreaterThanOrEqual(before);
    expect(time).toBeLessThanOrEqual(Date.now() / 1_000);
  });

  it('are one a bucket and series, the newest', async () => {
    const wait = histogram();
    wait.record(0.2, { route: '/a' }, inSpan('0000000000000001'));
    wait.record(0.3, { route: '/a' }, inSpan('0000000000000002'));
    wait.record(0.4, { route: '/b' }, inSpan('0000000000000003'));
    wait.record(0.5, { route: '/a' });
    expect((await exemplars())?.map(([le, labels, value]) => [le, labels.span_id, value])).toEqual([
      ['1', '0000000000000002', 0.3],
      ['1', '0000000000000003', 0.4],
    ]);
  });

  it('are not made for a span that is not sampled, or when no context was passed', async () => {
    const wait = histogram();
    wait.record(0.2, {}, inSpan('0000000000000001', TraceFlags.NONE));
    wait.record(0.2, {}, ROOT_CONTEXT);
    wait.record(0.2);
    expect(await exemplars()).toEqual([]);
  });

  it('are not printed by a registry that does not speak OpenMetrics', async () => {
    register.setContentType(lib.Registry.PROMETHEUS_CONTENT_TYPE);
    histogram().record(0.2, {}, inSpan('0000000000000001'));
    expect(await register.metrics()).not.toContain('trace_id');
    register.setContentType(lib.Registry.OPENMETRICS_CONTENT_TYPE);
    expect(await exemplars()).toEqual([]);
  });
});

describe.each(LIBRARIES)('OpenMetrics on %s', (_name, lib) => {
  it('names counters as it should at every scrape, and the text format again after it', async () => {
    const register = openMetricsRegistry(lib);
    const provider = createPromMeterProvider({ register });
    const meter = provider.getMeter('m');
    meter.createCounter('calls', { unit: '{call}' }).add(1);
    meter.createObservableCounter('time', { unit: 's' }).addCallback((result) => result.observe(2));
    for (let scrape = 0; scrape < 2; scrape++) {
      const families = parseExposition(await register.metrics(), true);
      expect([...families.keys()]).toEqual(['calls', 'time_seconds']);
      expect(samplesOf(families, 'calls')).toEqual({ 'calls_total{}': 1 });
    }
    expect(await register.getSingleMetricAsString('calls_total')).toContain(
      '# TYPE calls counter\ncalls_total 1',
    );
    register.setContentType(lib.Registry.PROMETHEUS_CONTENT_TYPE);
    expect([...parseExposition(await register.metrics()).keys()]).toEqual([
      'calls_total',
      'time_seconds_total',
    ]);
  });

  it('keeps the names when the registry is cleared between scrapes', async () => {
    const register = openMetricsRegistry(lib);
    const provider = createPromMeterProvider({ register });
    provider.getMeter('m').createCounter('calls').add(1);
    await register.metrics();
    register.clear();
    provider.restore();
    expect(register.getSingleMetric('calls_total')).toBeDefined();
    expect([...parseExposition(await register.metrics(), true).keys()]).toEqual(['calls']);
  });
});

describe('a histogram', () => {
  it('asks for the span only where an exemplar can be printed', () => {
    const [, lib] = LIBRARIES[0] as (typeof LIBRARIES)[0];
    const read = vi.spyOn(trace, 'getSpanContext');
    const register = new lib.Registry();
    createPromMeterProvider({ register })
      .getMeter('m')
      .createHistogram('h')
      .record(1, {}, inSpan('0000000000000001'));
    expect(read).not.toHaveBeenCalled();
    read.mockRestore();
  });
});
