import { NylasConfigError, NylasInstrumentation } from '@nylas-otel/instrumentation';
import { METRICS, prometheusName } from '@nylas-otel/semantic-conventions';
import { createEmitter, isInstrumented } from '@nylas-otel/telemetry';
import { DiagLogLevel, diag, metrics as otelMetrics } from '@opentelemetry/api';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseExposition, samplesOf } from '../test/exposition.ts';
import { LIBRARIES } from '../test/libraries.ts';
import { type NylasStub, startNylasStub } from '../test/nylas-stub.ts';
import { collectNylasMetrics, type NylasMetrics } from './collect-nylas-metrics.ts';
import { MetricNameClashError, RegistryError } from './registry/errors.ts';

const REQUESTS = prometheusName(METRICS['nylas.client.requests']);
const DURATION = prometheusName(METRICS['nylas.client.request.duration']);
const DELIVERIES = prometheusName(METRICS['nylas.webhook.delivery.duration']);

let nylas: NylasStub;
let handles: NylasMetrics[] = [];

beforeAll(async () => {
  nylas = await startNylasStub();
});
afterAll(() => nylas[Symbol.asyncDispose]());
afterEach(() => {
  for (const handle of handles) handle.stop();
  handles = [];
  diag.disable();
});

function collect(options: Parameters<typeof collectNylasMetrics>[0] = {}): NylasMetrics {
  const handle = collectNylasMetrics({ hosts: [{ host: nylas.host }], ...options });
  handles.push(handle);
  return handle;
}

function warnings(): string[] {
  const seen: string[] = [];
  const silent = () => {};
  const warn = (message: string) => seen.push(message);
  diag.setLogger({ warn, error: silent, info: silent, debug: silent, verbose: silent }, DiagLogLevel.WARN);
  return seen;
}

describe.each(LIBRARIES)('collectNylasMetrics on a registry of %s', (_name, lib) => {
  let register: InstanceType<typeof lib.Registry>;
  const scrape = async (from = register) => parseExposition(await from.metrics());
  const countOf = async (from = register) => {
    const samples = (await scrape(from)).get(REQUESTS)?.samples ?? [];
    return samples.reduce((sum, { value }) => sum + value, 0);
  };

  beforeEach(() => {
    register = new lib.Registry();
  });

  it('shows the requests to Nylas on the registry, with nothing else set up', async () => {
    collect({ register });
    const before = await countOf();
    await nylas.list(200);
    await nylas.list(429);
    const families = await scrape();
    expect(await countOf()).toBe(before + 2);
    const failed = families
      .get(REQUESTS)
      ?.samples.find(({ labels }) => labels.http_response_status_code === '429');
    expect(failed?.labels).toMatchObject({
      http_request_method: 'GET',
      url_template: '/v3/grants/{grant_id}/messages',
      nylas_api_version: 'v3',
      server_address: '127.0.0.1',
    });
    expect(families.get(DURATION)).toMatchObject({
      type: 'histogram',
      help: METRICS['nylas.client.request.duration'].description,
    });
    const count = families.get(DURATION)?.samples.filter(({ name }) => name.endsWith('_count'));
    expect(count?.reduce((sum, { value }) => sum + value, 0)).toBe(2);
  });

  it('prints every family of ours in the order of their names', async () => {
    collect({ register });
    const names = [...(await scrape()).keys()];
    expect(names.length).toBeGreaterThan(5);
    expect(names).toEqual(names.toSorted());
  });

  it('shows an instrument that a package of ours makes later', async () => {
    collect({ register });
    createEmitter({ name: 'test', version: '1' }).histogram('nylas.webhook.delivery.duration').record(0.02, {
      'nylas.webhook.outcome': 'stored',
    });
    expect(samplesOf(await scrape(), DELIVERIES)).toMatchObject({
      [`${DELIVERIES}_count{nylas_webhook_outcome="stored"}`]: 1,
    });
  });

  it('returns the same handle for a second call and shows nothing twice', async () => {
    const first = collect({ register });
    expect(collect({ register })).toBe(first);
    const before = await countOf();
    await nylas.list();
    expect(await countOf()).toBe(before + 1);
  });

  it('puts the metrics back after register.clear() by a second call, with the values they have', async () => {
    const first = collect({ register });
    await nylas.list();
    const before = await scrape();
    register.clear();
    expect(await scrape()).toEqual(new Map());
    expect(collect({ register })).toBe(first);
    expect(await scrape()).toEqual(before);
  });

  it('serves several registries, each with every request', async () => {
    const other = new lib.Registry();
    const first = collect({ register });
    const second = collect({ register: other });
    expect(second).not.toBe(first);
    const before = await countOf();
    await nylas.list();
    expect([await countOf(), await countOf(other)]).toEqual([before + 1, before + 1]);
    first.stop();
    await nylas.list();
    expect(await scrape()).toEqual(new Map());
    expect(await countOf(other)).toBe(before + 2);
  });

  it('ends with stop(), which takes off all that was put on', async () => {
    const own = new lib.Gauge({ name: 'own', help: 'Own.', registers: [register as never] });
    own.set(1);
    const handle = collect({ register });
    expect(isInstrumented()).toBe(true);
    handle.stop();
    handle.stop();
    expect([...(await scrape()).keys()]).toEqual(['own']);
    expect(isInstrumented()).toBe(false);
    expect(collect({ register })).not.toBe(handle);
    expect((await scrape()).size).toBeGreaterThan(1);
  });

  it('throws when a name is taken, names it, and leaves nothing behind', async () => {
    new lib.Gauge({ name: REQUESTS, help: 'Own.', registers: [register as never] });
    const attempt = () => collect({ register });
    expect(attempt).toThrow(MetricNameClashError);
    expect(attempt).toThrow(new RegExp(`${REQUESTS}\\. Rename or remove`));
    expect([...(await scrape()).keys()]).toEqual([REQUESTS]);
    expect(isInstrumented()).toBe(false);
  });
});

describe('collectNylasMetrics', () => {
  const [, lib] = LIBRARIES[0] as (typeof LIBRARIES)[0];

  it('warns where a name is taken by the time an instrument comes', () => {
    const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const register = new lib.Registry();
    const name = prometheusName(METRICS['nylas.platform.incidents']);
    new lib.Gauge({ name, help: 'Own.', registers: [register as never] });
    const handle = collect({ register });
    createEmitter({ name: 'test', version: '1' }).observe('nylas.platform.incidents', () => {});
    expect(handle.meterProvider.clashes).toEqual([name]);
    expect(emitWarning.mock.calls.map(([message]) => message)).toEqual([expect.stringContaining(name)]);
    emitWarning.mockRestore();
  });

  it('is forgotten by the instruments after stop()', () => {
    const handle = collect({ register: new lib.Registry() });
    const getMeter = vi.spyOn(handle.meterProvider, 'getMeter');
    createEmitter({ name: 'test', version: '1' }).observe('nylas.webhook.backlog', () => {});
    expect(getMeter).toHaveBeenCalledTimes(1);
    handle.stop();
    createEmitter({ name: 'test', version: '1' }).observe('nylas.repair.pending', () => {});
    expect(getMeter).toHaveBeenCalledTimes(1);
  });

  it('refuses what is no registry, and says which to give', () => {
    expect(() => collect({ register: {} as never })).toThrow(RegistryError);
    expect(() => collect({ register: 'metrics' as never })).toThrow(/collectNylasMetrics\(\{ register:/);
  });

  it('asks for the registry when several clients are loaded', () => {
    expect(() => collect()).toThrow(/2 copies of prom-client.*register: client\.register/);
  });

  it('throws for options that cannot be used, and leaves nothing behind', async () => {
    const register = new lib.Registry();
    expect(() => collect({ register, mode: 'loud' as never })).toThrow(NylasConfigError);
    expect(await register.metrics()).toBe('\n');
    expect(isInstrumented()).toBe(false);
  });

  it('leaves the requests to an instrumentation of the service on request, and says which options it does not use', async () => {
    const seen = warnings();
    const register = new lib.Registry();
    collect({ register, startInstrumentation: false });
    expect(isInstrumented()).toBe(false);
    expect(seen).toEqual([expect.stringMatching(/does not use hosts; give these options/)]);
  });

  it('does not undo the options of an instrumentation that runs', async () => {
    const own = new NylasInstrumentation({ hosts: [{ host: nylas.host }] });
    try {
      const register = new lib.Registry();
      const handle = collectNylasMetrics({ register });
      handles.push(handle);
      const before = await register.metrics();
      await nylas.list(404);
      expect(await register.metrics()).not.toBe(before);
      handle.stop();
      expect(isInstrumented()).toBe(true);
    } finally {
      own.disable();
    }
  });

  it('is heard instead of a global OpenTelemetry provider, and beside one that an instrumentation was given', async () => {
    class Reader extends MetricReader {
      protected async onForceFlush(): Promise<void> {}
      protected async onShutdown(): Promise<void> {}
    }
    const [globalReader, givenReader] = [new Reader(), new Reader()];
    const names = async (reader: Reader) => {
      const { resourceMetrics } = await reader.collect();
      return resourceMetrics.scopeMetrics.flatMap(({ metrics }) =>
        metrics.map(({ descriptor }) => descriptor.name),
      );
    };
    otelMetrics.setGlobalMeterProvider(new MeterProvider({ readers: [globalReader] }));
    const own = new NylasInstrumentation({ hosts: [{ host: nylas.host }] });
    try {
      const register = new lib.Registry();
      handles.push(collectNylasMetrics({ register }));
      await nylas.list();
      expect(await names(globalReader)).not.toContain('nylas.client.requests');
      own.setMeterProvider(new MeterProvider({ readers: [givenReader] }));
      await nylas.list();
      expect(await names(givenReader)).toContain('nylas.client.requests');
      expect(await register.metrics()).toContain(REQUESTS);
    } finally {
      own.disable();
      otelMetrics.disable();
    }
  });

  it('is the only one heard when the instrumentation was given its provider', async () => {
    const sdk = new MeterProvider();
    const getMeter = vi.spyOn(sdk, 'getMeter');
    const own = new NylasInstrumentation({ hosts: [{ host: nylas.host }] });
    try {
      own.setMeterProvider(sdk);
      const { meterProvider } = collect({ register: new lib.Registry() });
      own.setMeterProvider(meterProvider);
      getMeter.mockClear();
      createEmitter({ name: 'test', version: '1' }).observe('nylas.webhook.redeliveries', () => {});
      expect(getMeter.mock.calls.map(([name]) => name)).not.toContain('test');
      expect(meterProvider.register.getSingleMetric('nylas_webhook_redeliveries_total')).toBeDefined();
    } finally {
      own.disable();
    }
  });

  it('knows a registry that a second copy of the package collects on', async () => {
    const register = new lib.Registry();
    const first = collect({ register });
    vi.resetModules();
    const copy = await import('./collect-nylas-metrics.ts');
    expect(copy.collectNylasMetrics).not.toBe(collectNylasMetrics);
    expect(copy.collectNylasMetrics({ register })).toBe(first);
  });
});
