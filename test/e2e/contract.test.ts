import { execFileSync, spawnSync } from 'node:child_process';
import { withNylasCaller } from '@nylas-otel/instrumentation';
import { type NylasTelemetry, startNylasTelemetry } from '@nylas-otel/node';
import {
  METRICS,
  type MetricDefinition,
  prometheusLabel,
  prometheusName,
} from '@nylas-otel/semantic-conventions';
import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type NylasClient, nylasClient } from './nylas-client.ts';
import { type Family, parseExposition } from './parse-exposition.ts';

const DEFINITIONS: readonly MetricDefinition[] = Object.values(METRICS);
const TYPES = { counter: 'counter', updowncounter: 'gauge', gauge: 'gauge', histogram: 'histogram' } as const;
// Labels that Prometheus or the exporter add by themselves.
const OWN_LABELS = new Set(['le', 'otel_scope_name', 'otel_scope_version']);

let simulator: Simulator;
let telemetry: NylasTelemetry;
let url: string;
let nylas: NylasClient;

beforeAll(async () => {
  simulator = await startSimulator({ grants: 12, accounts: 6, seed: 7 });
  const { host } = new URL(simulator.url);
  telemetry = startNylasTelemetry({
    serviceName: 'contract',
    hosts: [{ host }],
    callers: true,
    metrics: { port: 0 },
    accounts: { apiKey: simulator.apiKey, baseUrl: simulator.url },
    flushOnExit: false,
    sdk: { spanProcessors: [] },
  });
  url = (await telemetry.metricsUrl) ?? '';
  await telemetry.accounts?.ready;
  nylas = nylasClient(simulator);
  await traffic();
});
afterAll(async () => {
  await telemetry.shutdown();
  await simulator.close();
});

/** Requests that fill every request instrument: successes, faults of both rate limits, a retry, a time-out. */
async function traffic(): Promise<void> {
  const grants = [...simulator.grants.list()].slice(0, 4);
  const quietly = (work: Promise<unknown>) => work.catch(() => {});
  for (const { id } of grants) {
    await withNylasCaller('inbox', () => nylas.messages.list({ identifier: id }));
    await quietly(nylas.messages.find({ identifier: id, messageId: 'no-such-message' }));
  }
  for (const fault of [
    'rate_limit_nylas',
    'rate_limit_provider',
    'bad_gateway_html',
    'provider_timeout',
  ] as const) {
    simulator.faults.add({ fault, times: 1 });
    await quietly(nylas.threads.list({ identifier: grants[0]!.id }));
  }
  simulator.faults.add({ fault: 'stalled_headers', times: 1 });
  await quietly(nylas.messages.list({ identifier: grants[0]!.id, overrides: { timeout: 0.05 } }));
}

const scrape = async () => {
  const response = await fetch(url);
  expect(response.status).toBe(200);
  return response.text();
};
const ours = (families: Map<string, Family>) =>
  [...families.values()].filter(({ name }) => name.startsWith('nylas_'));

describe('the live output of /metrics', () => {
  it('holds the request and account instruments of the contract', async () => {
    const families = parseExposition(await scrape());
    const expected = DEFINITIONS.filter(({ name }) =>
      /^nylas\.(client\.(requests|request|rate|provider)|account)/.test(name),
    )
      // No account has recovered yet, and a histogram has no series before its first record.
      .filter(({ optIn, name }) => optIn !== true && name !== 'nylas.account.recovery.duration')
      .map((definition) => prometheusName(definition));
    expect(expected.filter((name) => !families.has(name))).toEqual([]);
  });

  it('has names, types, help and labels exactly as the contract says', async () => {
    const families = parseExposition(await scrape());
    const byName = new Map(DEFINITIONS.map((definition) => [prometheusName(definition), definition]));
    expect(ours(families).length).toBeGreaterThan(10);
    for (const family of ours(families)) {
      const definition = byName.get(family.name);
      expect(definition, `${family.name} is in the contract`).toBeDefined();
      expect(family.type, family.name).toBe(TYPES[definition!.kind]);
      expect(family.help, family.name).toBe(definition!.description);
      const allowed = new Set([
        ...definition!.attributes.map((name) => prometheusLabel(name)),
        ...OWN_LABELS,
      ]);
      const strangers = family.samples
        .flatMap(({ labels }) => Object.keys(labels))
        .filter((label) => !allowed.has(label));
      expect(strangers, family.name).toEqual([]);
    }
  });

  it('has closed label values only where the contract closes the list', async () => {
    const { ATTRIBUTES } = await import('@nylas-otel/semantic-conventions');
    const closed = new Map(
      Object.entries(ATTRIBUTES as Record<string, { values?: readonly string[] }>)
        .filter(([, { values }]) => values !== undefined)
        .map(([name, { values }]) => [prometheusLabel(name), new Set(values)]),
    );
    for (const { name, samples } of ours(parseExposition(await scrape()))) {
      for (const { labels } of samples) {
        for (const [label, value] of Object.entries(labels)) {
          if (closed.has(label))
            expect(closed.get(label)?.has(value), `${name}{${label}="${value}"}`).toBe(true);
        }
      }
    }
  });

  it('holds no id and no address', async () => {
    const text = await scrape();
    for (const { id, email } of simulator.grants.list()) {
      expect(text).not.toContain(id);
      expect(text).not.toContain(email);
    }
    expect(text).not.toContain(simulator.apiKey);
  });

  it.skipIf(spawnSync('promtool', ['--version']).error !== undefined)(
    'pleases promtool check metrics',
    async () => {
      // promtool exits with 3 and prints a line for each thing it would have otherwise.
      const said = execFileSync('promtool', ['check', 'metrics'], {
        input: await scrape(),
        encoding: 'utf8',
      });
      expect(said.trim()).toBe('');
    },
  );
});
