import { type NylasTelemetry, startNylasTelemetry } from '@nylas-otel/node';
import { collectNylasMetrics, type NylasMetrics } from '@nylas-otel/prom-client';
import {
  METRICS,
  type MetricDefinition,
  prometheusLabel,
  prometheusName,
} from '@nylas-otel/semantic-conventions';
import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import { type Histogram, MetricReader } from '@opentelemetry/sdk-metrics';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nylasClient } from './nylas-client.ts';
import { type Family, parseExposition } from './parse-exposition.ts';

/** What an OTLP exporter would be handed. */
class OtlpReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

const otlp = new OtlpReader();
const register = new Registry();
let simulator: Simulator;
let telemetry: NylasTelemetry;
let nylasMetrics: NylasMetrics;
let url: string;

// Both providers are bound to the one set of instruments of the process, so they see the very same traffic.
beforeAll(async () => {
  simulator = await startSimulator({ grants: 20, accounts: 0, seed: 11 });
  telemetry = startNylasTelemetry({
    hosts: [{ host: new URL(simulator.url).host }],
    metrics: { port: 0 },
    accounts: { apiKey: simulator.apiKey, baseUrl: simulator.url },
    flushOnExit: false,
    sdk: { spanProcessors: [], metricReaders: [otlp] },
  });
  nylasMetrics = collectNylasMetrics({ register, startInstrumentation: false });
  url = (await telemetry.metricsUrl) ?? '';
  await telemetry.accounts?.ready;
  const nylas = nylasClient(simulator);
  for (const { id } of [...simulator.grants.list()].slice(0, 5)) {
    await nylas.messages.list({ identifier: id });
    simulator.faults.add({ fault: 'rate_limit_provider', times: 1 });
    await nylas.events.list({ identifier: id, queryParams: { calendarId: 'primary' } }).catch(() => {});
  }
});
afterAll(async () => {
  nylasMetrics.stop();
  await telemetry.shutdown();
  await simulator.close();
});

type Series = Map<string, number>;
const labelled = (name: string, labels: object) => `${name}${JSON.stringify(Object.entries(labels).sort())}`;

// Ages and times of day move between two scrapes.
const moving = (name: string) => /_age_|_time_/.test(name);

/** Series of our families that have samples. */
function seriesOf(families: Map<string, Family>): Series {
  const series: Series = new Map();
  for (const family of families.values()) {
    if (!family.name.startsWith('nylas_')) continue;
    for (const { name, labels, value } of family.samples)
      series.set(labelled(name, labels), moving(name) ? 0 : value);
  }
  return series;
}

async function openTelemetryPath(): Promise<Map<string, Family>> {
  return parseExposition(await (await fetch(url)).text());
}
async function promClientPath(): Promise<Map<string, Family>> {
  return parseExposition(await register.metrics());
}

describe('the same traffic', () => {
  it('gives the same series with the same values through /metrics and through a prom-client registry', async () => {
    const [first, second] = [seriesOf(await openTelemetryPath()), seriesOf(await promClientPath())];
    expect(first.size).toBeGreaterThan(60);
    expect(Object.fromEntries(second)).toEqual(Object.fromEntries(first));
  });

  it('has the same types and help', async () => {
    const described = (families: Map<string, Family>) =>
      [...families.values()]
        .filter(({ name, samples }) => name.startsWith('nylas_') && samples.length > 0)
        .map(({ name, type, help }) => `${name} ${type} ${help}`)
        .sort();
    expect(described(await promClientPath())).toEqual(described(await openTelemetryPath()));
  });

  it('is the same again when OTLP names are translated by the specification', async () => {
    const { resourceMetrics } = await otlp.collect();
    const translated: Series = new Map();
    for (const { descriptor, dataPoints } of resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics)) {
      const definition = (METRICS as Record<string, MetricDefinition | undefined>)[descriptor.name];
      if (definition === undefined) continue;
      const name = prometheusName(definition);
      for (const { attributes, value } of dataPoints) {
        const labels = Object.fromEntries(
          Object.entries(attributes).map(([attribute, text]) => [prometheusLabel(attribute), String(text)]),
        );
        if (definition.kind === 'histogram')
          translated.set(labelled(`${name}_count`, labels), (value as Histogram).count);
        else translated.set(labelled(name, labels), moving(name) ? 0 : (value as number));
      }
    }
    const scraped = [...seriesOf(await openTelemetryPath())].filter(([key]) => !/_(bucket|sum)\[/.test(key));
    expect(Object.fromEntries(translated)).toEqual(Object.fromEntries(scraped));
  });
});
