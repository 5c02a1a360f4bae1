import { METRICS, type MetricDefinition, prometheusName } from '@nylas-otel/semantic-conventions';
import type { Attributes, Meter, ObservableResult } from '@opentelemetry/api';
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import fc from 'fast-check';
import client from 'prom-client';
import { describe, expect, it } from 'vitest';
import { createPromMeterProvider } from '../src/index.ts';
import { type ParsedFamily, parseExposition, seriesOf } from './exposition.ts';

class PulledReader extends MetricReader {
  protected async onForceFlush(): Promise<void> {}
  protected async onShutdown(): Promise<void> {}
}

interface Measurement {
  readonly metric: MetricDefinition;
  readonly value: number;
  readonly attributes: Attributes;
}

const attributeValue = fc.oneof(
  fc.constantFrom('GET', '/v3/grants/{grant_id}/messages', 'a "quoted" \\ value', 'two\nlines'),
  fc.constantFrom(200, 429, 0.5, true, false),
  fc.constant(['a', 'b']),
);
const measurement: fc.Arbitrary<Measurement> = fc
  .constantFrom<MetricDefinition>(...Object.values(METRICS))
  .chain((metric) =>
    fc.record({
      metric: fc.constant(metric),
      value: fc.double({ min: 0, max: 1e6, noNaN: true }),
      attributes: fc.dictionary(
        fc.constantFrom(...metric.attributes, 'extra.key'),
        attributeValue,
      ) as fc.Arbitrary<Attributes>,
    }),
  );

/** Records the same on any meter: histograms at once, everything else through callbacks, as the hub of ours does. */
function emit(meter: Meter, measurements: readonly Measurement[], synchronous: boolean): void {
  const observed = new Map<MetricDefinition, Measurement[]>();
  for (const { metric, value, attributes } of measurements) {
    const options = { unit: metric.unit, description: metric.description };
    if (metric.kind === 'histogram') {
      const advice = { explicitBucketBoundaries: [...(metric.buckets ?? [])] };
      meter.createHistogram(metric.name, { ...options, advice }).record(value, attributes);
    } else if (synchronous && metric.kind === 'counter')
      meter.createCounter(metric.name, options).add(value, attributes);
    else if (synchronous && metric.kind === 'updowncounter') {
      meter.createUpDownCounter(metric.name, options).add(-value, attributes);
    } else if (synchronous) meter.createGauge(metric.name, options).record(value, attributes);
    else observed.set(metric, [...(observed.get(metric) ?? []), { metric, value, attributes }]);
  }
  for (const [metric, all] of observed) {
    const options = { unit: metric.unit, description: metric.description };
    const observable =
      metric.kind === 'counter'
        ? meter.createObservableCounter(metric.name, options)
        : metric.kind === 'updowncounter'
          ? meter.createObservableUpDownCounter(metric.name, options)
          : meter.createObservableGauge(metric.name, options);
    observable.addCallback((result: ObservableResult) => {
      for (const { value, attributes } of all) result.observe(value, attributes);
    });
  }
}

/** What a family says, whatever the order of its lines. */
function contents({ name, help, type, samples }: ParsedFamily, named: string): object {
  const series = samples.map((sample) => [
    seriesOf({ ...sample, name: sample.name.replace(name, named) }),
    sample.value,
  ]);
  return { help, type, series: Object.fromEntries(series) };
}

describe('the same measurements, through an OpenTelemetry SDK and through this package', () => {
  it.each([
    ['observed', false],
    ['recorded', true],
  ])('give the same series when %s: names, labels, values, types, help', async (_how, synchronous) => {
    await fc.assert(
      fc.asyncProperty(fc.array(measurement, { maxLength: 40 }), async (measurements) => {
        const reader = new PulledReader();
        const sdk = new MeterProvider({ readers: [reader] });
        emit(sdk.getMeter('m'), measurements, synchronous);
        const { resourceMetrics, errors } = await reader.collect();
        expect(errors).toEqual([]);
        const stock = new PrometheusSerializer('', false, undefined, true, true).serialize(resourceMetrics);
        // The stock exporter prints UNIT lines and, without any series, a comment.
        const text = stock.replace(/^# (UNIT|no registered).*\n?/gm, '');
        const theirs = parseExposition(text);

        const register = new client.Registry();
        emit(createPromMeterProvider({ register }).getMeter('m'), measurements, synchronous);
        const ours = parseExposition(await register.metrics());

        const used = [...new Set(measurements.map(({ metric }) => metric))];
        expect([...ours.keys()].sort()).toEqual(used.map((metric) => prometheusName(metric)).sort());
        for (const metric of used) {
          const name = prometheusName(metric);
          const their = theirs.get(prometheusName(metric, { unitSuffix: false })) as ParsedFamily;
          expect(contents(ours.get(name) as ParsedFamily, name)).toEqual(contents(their, name));
        }
        await sdk.shutdown();
      }),
      { numRuns: 200 },
    );
  });
});
