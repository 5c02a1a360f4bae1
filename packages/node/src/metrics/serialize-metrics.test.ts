import { type DiagLogger, DiagLogLevel, diag } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AggregationType, MeterProvider, type MetricProducer } from '@opentelemetry/sdk-metrics';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseScrape, samplesOf } from '../../test/prometheus-text.ts';
import { nylasMetricReader } from './metric-reader.ts';
import { serializeMetrics } from './serialize-metrics.ts';

const warnings: string[] = [];
const logger = { warn: (message: string) => warnings.push(message) } as unknown as DiagLogger;

beforeEach(() => {
  warnings.length = 0;
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
});
afterEach(() => diag.disable());

/** An SDK with our reader, and what a scrape of it reads. */
function sdk(options: { metricProducers?: MetricProducer[]; exponential?: string } = {}) {
  const reader = nylasMetricReader({ metricProducers: options.metricProducers ?? [] });
  const views =
    options.exponential === undefined
      ? []
      : [
          {
            instrumentName: options.exponential,
            aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM as const },
          },
        ];
  const provider = new MeterProvider({ readers: [reader], views });
  return {
    provider,
    scrape: async () => serializeMetrics((await reader.collect()).resourceMetrics),
  };
}

describe('names and units', () => {
  it('carry the unit as the specification wants it, for the metrics of every library', async () => {
    const { provider, scrape } = sdk();
    const meter = provider.getMeter('some-library', '2.0.0');
    meter
      .createHistogram('http.client.request.duration', {
        unit: 's',
        advice: { explicitBucketBoundaries: [1] },
      })
      .record(0.5);
    meter.createCounter('http.bytes', { unit: 'By' }).add(3);
    meter.createUpDownCounter('queue.size', { unit: '{item}' }).add(2);
    meter.createGauge('cpu.utilization', { unit: '1' }).record(0.25);
    meter.createUpDownCounter('share', { unit: '1' }).add(1);
    meter.createCounter('jobs.total', { unit: '{job}' }).add(1);
    const families = parseScrape(await scrape());
    expect([...families.keys()]).toEqual([
      'target_info',
      'http_client_request_duration_seconds',
      'http_bytes_total',
      'queue_size',
      'cpu_utilization_ratio',
      'share',
      'jobs_total',
    ]);
  });

  it('stay out of UNIT lines, curly or not', async () => {
    const { provider, scrape } = sdk();
    provider.getMeter('m').createCounter('a', { unit: '{request}' }).add(1);
    expect(await scrape()).not.toMatch(/# UNIT|\{request\}/);
  });

  it('print whole counts, not a number less where a value is not finite', async () => {
    const { provider, scrape } = sdk();
    const gauge = provider.getMeter('m').createGauge('g');
    gauge.record(Number.POSITIVE_INFINITY, { k: 'inf' });
    gauge.record(-1.5e-7, { k: 'small' });
    gauge.record(2 ** 53, { k: 'big' });
    const values = samplesOf(await scrape(), 'g').map(({ value }) => value);
    expect(values).toEqual([Number.POSITIVE_INFINITY, -1.5e-7, 2 ** 53]);
  });
});

describe('families', () => {
  it('have one HELP and TYPE when two scopes share a name', async () => {
    const { provider, scrape } = sdk();
    for (const scope of ['a', 'b'])
      provider
        .getMeter(scope)
        .createCounter('x', { description: `of ${scope}` })
        .add(1);
    const text = await scrape();
    expect(text.match(/# (HELP|TYPE) x_total/g)).toHaveLength(2);
    expect(samplesOf(text, 'x_total').map(({ labels }) => labels.otel_scope_name)).toEqual(['a', 'b']);
    expect(parseScrape(text).get('x_total')?.help).toBe('of a');
  });

  it('keep the first of two types that meet in one name, and say so', async () => {
    const { provider, scrape } = sdk();
    provider.getMeter('a').createCounter('meets').add(1);
    provider.getMeter('b').createGauge('meets.total').record(7);
    const family = parseScrape(await scrape()).get('meets_total');
    expect(family?.type).toBe('counter');
    expect(family?.samples).toHaveLength(1);
    expect(warnings.join()).toMatch(/"meets\.total" is left out.*Rename/);
  });

  it('keep a histogram apart from a metric that has the name of one of its samples', async () => {
    for (const histogramFirst of [true, false]) {
      const { provider, scrape } = sdk();
      const meter = provider.getMeter('a');
      const histogram = () =>
        meter.createHistogram('h', { advice: { explicitBucketBoundaries: [1] } }).record(1);
      const gauge = () => meter.createGauge('h.count').record(5);
      for (const make of histogramFirst ? [histogram, gauge] : [gauge, histogram]) make();
      const families = parseScrape(await scrape());
      expect(families.has('h')).toBe(histogramFirst);
      expect(families.has('h_count')).toBe(!histogramFirst);
    }
  });

  it('are absent without a sample', async () => {
    const { provider, scrape } = sdk();
    provider
      .getMeter('a')
      .createObservableGauge('nothing')
      .addCallback(() => {});
    expect(parseScrape(await scrape()).has('nothing')).toBe(false);
  });
});

describe('histograms', () => {
  it('are cumulative, with +Inf, sum and count', async () => {
    const { provider, scrape } = sdk();
    const histogram = provider
      .getMeter('a')
      .createHistogram('h', { unit: 's', advice: { explicitBucketBoundaries: [0.5, 1] } });
    for (const value of [0.1, 0.2, 0.7, 9]) histogram.record(value, { k: 'v' });
    const samples = samplesOf(await scrape(), 'h_seconds');
    expect(
      samples.filter(({ name }) => name.endsWith('_bucket')).map(({ labels, value }) => [labels.le, value]),
    ).toEqual([
      ['0.5', 2],
      ['1', 3],
      ['+Inf', 4],
    ]);
    expect(samples.find(({ name }) => name.endsWith('_sum'))?.value).toBeCloseTo(10);
  });

  it('that are exponential keep their count and sum', async () => {
    const { provider, scrape } = sdk({ exponential: 'e' });
    const histogram = provider.getMeter('a').createHistogram('e');
    histogram.record(3);
    histogram.record(4);
    const samples = samplesOf(await scrape(), 'e');
    expect(samples.map(({ name, value }) => [name, value])).toEqual([
      ['e_bucket', 2],
      ['e_sum', 7],
      ['e_count', 2],
    ]);
  });
});

describe('labels', () => {
  it('of the scope are left out for our own scopes and kept for others', async () => {
    const { provider, scrape } = sdk();
    provider.getMeter('@nylas-otel/instrumentation', '0.1.0').createCounter('ours').add(1);
    provider
      .getMeter('theirs', '1.2.3', { schemaUrl: 'https://example.com/s' })
      .createCounter('theirs')
      .add(1);
    const text = await scrape();
    expect(samplesOf(text, 'ours_total')[0]?.labels).toEqual({});
    expect(samplesOf(text, 'theirs_total')[0]?.labels).toEqual({
      otel_scope_name: 'theirs',
      otel_scope_version: '1.2.3',
      otel_scope_schema_url: 'https://example.com/s',
    });
  });

  it('survive every character', async () => {
    const { provider, scrape } = sdk();
    const value = 'a"b\\c\nd\re\u0000f,g}h=é😀\ud800';
    provider
      .getMeter('@nylas-otel/x')
      .createCounter('x', { description: 'back\\slash\nnew "line"' })
      .add(1, { 'k.1': value, '2k': 'digit' });
    const text = Buffer.from(await scrape(), 'utf8').toString('utf8');
    expect(samplesOf(text, 'x_total')[0]?.labels).toEqual({
      k_1: value.replace('\ud800', '\ufffd'),
      key_2k: 'digit',
    });
  });

  it('that meet in one name have their values joined', async () => {
    const { provider, scrape } = sdk();
    provider.getMeter('@nylas-otel/x').createCounter('x').add(1, { k_a: 'second', 'k.a': 'first' });
    expect(samplesOf(await scrape(), 'x_total')[0]?.labels).toEqual({ k_a: 'first;second' });
  });

  it('that would make two series one leave the second out, and say so', async () => {
    const { provider, scrape } = sdk();
    const counter = provider.getMeter('@nylas-otel/x').createCounter('twice');
    counter.add(1, { status: 200 });
    counter.add(5, { status: '200' });
    expect(samplesOf(await scrape(), 'twice_total')).toEqual([
      { name: 'twice_total', labels: { status: '200' }, value: 1 },
    ]);
    expect(warnings.join()).toMatch(/twice_total is left out/);
  });

  it('named as the format itself needs them are moved aside', async () => {
    const { provider, scrape } = sdk();
    provider
      .getMeter('lib')
      .createHistogram('h', { advice: { explicitBucketBoundaries: [1] } })
      .record(1, { le: 'x', otel_scope_name: 'y' });
    const labels = samplesOf(await scrape(), 'h')[0]?.labels;
    expect(labels).toMatchObject({
      exported_le: 'x',
      exported_otel_scope_name: 'y',
      le: '1',
      otel_scope_name: 'lib',
    });
  });

  it('of other types are written as JSON', async () => {
    const { provider, scrape } = sdk();
    provider
      .getMeter('@nylas-otel/x')
      .createGauge('g')
      .record(1, { b: true, n: 1.5, l: ['a', 'b'] });
    expect(samplesOf(await scrape(), 'g')[0]?.labels).toEqual({ b: 'true', n: '1.5', l: '["a","b"]' });
  });
});

it('shows the resource as target_info, but for the arguments of the process', async () => {
  const reader = nylasMetricReader();
  const resource = resourceFromAttributes({
    'service.name': 'mail',
    'process.command_args': ['node', 'app.js', '--password=hunter2'],
    'process.command_line': 'node app.js --password=hunter2',
  });
  new MeterProvider({ readers: [reader], resource });
  const text = serializeMetrics((await reader.collect()).resourceMetrics);
  expect(samplesOf(text, 'target_info')).toEqual([
    { name: 'target_info', labels: { service_name: 'mail' }, value: 1 },
  ]);
});

it('shows the series of a producer, and drops those that are gone at the next scrape', async () => {
  const ids = new Set(['a', 'b', 'c']);
  const { scrape } = sdk({ metricProducers: [statusProducer(ids)] });
  expect(samplesOf(await scrape(), 'per_account')).toHaveLength(3);
  ids.delete('b');
  expect(samplesOf(await scrape(), 'per_account').map(({ labels }) => labels.id)).toEqual(['a', 'c']);
});

function statusProducer(ids: ReadonlySet<string>): MetricProducer {
  return {
    collect: () =>
      Promise.resolve({
        errors: [],
        resourceMetrics: {
          resource: { attributes: {} } as never,
          scopeMetrics: [
            {
              scope: { name: '@nylas-otel/test' },
              metrics: [
                {
                  descriptor: { name: 'per.account', description: '', unit: '', valueType: 0 },
                  aggregationTemporality: 1,
                  dataPointType: 2,
                  dataPoints: [...ids].map((id) => ({
                    startTime: [0, 0],
                    endTime: [0, 0],
                    attributes: { id },
                    value: 1,
                  })),
                },
              ],
            },
          ],
        },
      }),
  };
}
