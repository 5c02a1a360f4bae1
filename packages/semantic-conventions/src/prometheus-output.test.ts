import { spawnSync } from 'node:child_process';
import type { Attributes } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { describe, expect, it } from 'vitest';
import type { AttributeDefinition } from './attribute-definition.ts';
import { ATTRIBUTES } from './attributes.ts';
import type { MetricDefinition } from './metric-definition.ts';
import { METRICS } from './metrics.ts';
import { prometheusName } from './prometheus-name.ts';

const metrics: readonly MetricDefinition[] = Object.values(METRICS);

describe('the stock Prometheus exporter', () => {
  it('prints every metric under the name without unit', async () => {
    const text = await expose((metric) => metric.name);
    const printed = [...text.matchAll(/^# TYPE (nylas\S+)/gm)].map((match) => match[1]);
    expect(printed).toEqual(metrics.map((metric) => prometheusName(metric, { unitSuffix: false })));
  });
});

const promtoolInstalled = spawnSync('promtool', ['--version']).status === 0;

// Debian: apt install prometheus
describe.skipIf(!promtoolInstalled)('promtool check metrics', () => {
  it.each([true, false])(
    'has nothing to say of our names and descriptions (unit suffix: %s)',
    async (unitSuffix) => {
      const text = await expose((metric) => prometheusName(metric, { unitSuffix }));
      const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
        input: text,
        encoding: 'utf8',
      });
      expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
    },
  );

  it('would object to a counter that does not say so', async () => {
    const text = (await expose((metric) => metric.name)).replaceAll(
      'nylas_client_retries_total',
      'nylas_client_retries',
    );
    const { status, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    expect(status).not.toBe(0);
    expect(stderr).toContain('counter metrics should have "_total" suffix');
  });
});

/** The text of a scrape after every instrument has recorded once, with the real SDK and the stock exporter. */
async function expose(nameOf: (metric: MetricDefinition) => string): Promise<string> {
  const reader = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({ readers: [reader] });
  for (const metric of metrics) record(provider, metric, nameOf(metric));
  const { resourceMetrics, errors } = await reader.collect();
  expect(errors).toEqual([]);
  await provider.shutdown();
  return new PrometheusSerializer().serialize(resourceMetrics);
}

function record(provider: MeterProvider, metric: MetricDefinition, name: string): void {
  const meter = provider.getMeter('@nylas-otel/semantic-conventions');
  const { description, unit, buckets = [] } = metric;
  const options = { description, unit };
  const attributes = sampleAttributes(metric);
  const advice = { explicitBucketBoundaries: [...buckets] };
  if (metric.kind === 'counter') meter.createCounter(name, options).add(1, attributes);
  else if (metric.kind === 'updowncounter') meter.createUpDownCounter(name, options).add(1, attributes);
  else if (metric.kind === 'gauge') meter.createGauge(name, options).record(1, attributes);
  else meter.createHistogram(name, { ...options, advice }).record(1, attributes);
}

function sampleAttributes(metric: MetricDefinition): Attributes {
  const table: { readonly [name: string]: AttributeDefinition } = ATTRIBUTES;
  return Object.fromEntries(metric.attributes.map((name) => [name, table[name]?.values?.[0] ?? 'other']));
}
