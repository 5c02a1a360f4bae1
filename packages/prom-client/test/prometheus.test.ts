import { execFile, spawn, spawnSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { METRICS, type MetricDefinition, prometheusName } from '@nylas-otel/semantic-conventions';
import { createEmitter } from '@nylas-otel/telemetry';
import { ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api';
import getPort from 'get-port';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { collectNylasMetrics, type NylasMetrics } from '../src/index.ts';
import { LIBRARIES } from './libraries.ts';
import { type NylasStub, startNylasStub } from './nylas-stub.ts';

// Debian package `prometheus`; without it these tests are skipped and say so.
const onPath = (command: string): boolean => spawnSync(command, ['--version']).error === undefined;

const emitter = createEmitter({ name: 'test', version: '1' });
const definitions: MetricDefinition[] = Object.values(METRICS);

let nylas: NylasStub;
let handle: NylasMetrics | undefined;
beforeAll(async () => {
  nylas = await startNylasStub();
});
afterEach(() => handle?.stop());
afterAll(() => nylas[Symbol.asyncDispose]());

describe.runIf(onPath('promtool')).each(LIBRARIES)('promtool, on a registry of %s', (_name, lib) => {
  it('finds nothing wrong with the live output of every instrument of the contract', async () => {
    const register = new lib.Registry();
    handle = collectNylasMetrics({ register, hosts: [{ host: nylas.host }] });
    await nylas.list(200);
    await nylas.list(503);
    const removals = definitions.map((definition) => {
      const attributes = Object.fromEntries(definition.attributes.map((name) => [name, 'x']));
      if (definition.kind !== 'histogram') {
        return emitter.observe(definition.name, (tell) => tell(1, attributes));
      }
      emitter.histogram(definition.name).record(1, attributes);
      return () => {};
    });
    const exposition = await register.metrics();
    for (const remove of removals) remove();
    for (const definition of definitions)
      expect(exposition).toContain(`# TYPE ${prometheusName(definition)} `);
    const { stdout, stderr, code } = await new Promise<{ stdout: string; stderr: string; code: unknown }>(
      (resolve) => {
        const child = execFile('promtool', ['check', 'metrics'], (error, stdout, stderr) =>
          resolve({ stdout, stderr, code: error?.code ?? 0 }),
        );
        child.stdin?.end(exposition);
      },
    );
    expect({ stdout, stderr, code }).toEqual({ stdout: '', stderr: '', code: 0 });
  });
});

/** A Prometheus that scrapes one target; ends with the test. */
async function startPrometheus(target: string): Promise<{ url: string } & AsyncDisposable> {
  const port = await getPort();
  const directory = await mkdtemp(join(tmpdir(), 'nylas-otel-prometheus-'));
  const config = join(directory, 'prometheus.yml');
  await writeFile(
    config,
    `{"scrape_configs":[{"job_name":"service","scrape_interval":"250ms","scrape_timeout":"250ms","static_configs":[{"targets":["${target}"]}]}]}`,
  );
  const child = spawn(
    'prometheus',
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--enable-feature=exemplar-storage',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  for await (const line of createInterface(child.stderr)) if (line.includes('Server is ready')) break;
  child.stderr.resume();
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      child.kill();
      await once(child, 'exit');
      await rm(directory, { recursive: true });
    },
  };
}

describe.runIf(onPath('prometheus')).each(LIBRARIES)(
  'Prometheus, scraping a registry of %s',
  (_name, lib) => {
    it('stores our series and returns our exemplars', async () => {
      const register = new lib.Registry();
      register.setContentType(lib.Registry.OPENMETRICS_CONTENT_TYPE);
      handle = collectNylasMetrics({ register, hosts: [{ host: nylas.host }] });
      await nylas.list(200);
      const span = {
        traceId: '0af7651916cd43dd8448eb211c80319c',
        spanId: 'b7ad6b7169203331',
        traceFlags: TraceFlags.SAMPLED,
      };
      emitter
        .histogram('nylas.client.request.duration')
        .record(42, { 'url.template': '/traced' }, trace.setSpanContext(ROOT_CONTEXT, span));

      const scraped = new EventEmitter();
      const service = createServer(async (_request, response) => {
        response.setHeader('content-type', register.contentType);
        response.end(await register.metrics(), () => scraped.emit('scrape'));
      });
      service.listen(0, '127.0.0.1');
      await once(service, 'listening');
      try {
        await using prometheus = await startPrometheus(
          `127.0.0.1:${(service.address() as AddressInfo).port}`,
        );
        // With the third scrape the first one is stored.
        for (let scrape = 0; scrape < 3; scrape++) await once(scraped, 'scrape');
        const ask = async (path: string, query: string) => {
          const url = `${prometheus.url}/api/v1/${path}?${new URLSearchParams({ query, start: '0', end: '9999999999' })}`;
          return ((await (await fetch(url)).json()) as { data: unknown }).data;
        };
        const duration = prometheusName(METRICS['nylas.client.request.duration']);
        expect(await ask('query_exemplars', `${duration}_bucket`)).toMatchObject([
          {
            seriesLabels: { __name__: `${duration}_bucket`, le: '60', url_template: '/traced' },
            exemplars: [{ labels: { trace_id: span.traceId, span_id: span.spanId }, value: '42' }],
          },
        ]);
        const requests = prometheusName(METRICS['nylas.client.requests']);
        expect(
          await ask('query', `sum(${requests}{url_template="/v3/grants/{grant_id}/messages"}) > 0`),
        ).toMatchObject({
          result: [{ value: [expect.any(Number), expect.any(String)] }],
        });
        const metadata = (await (
          await fetch(`${prometheus.url}/api/v1/metadata?metric=${duration}`)
        ).json()) as object;
        expect(metadata).toMatchObject({
          data: {
            [duration]: [{ type: 'histogram', help: METRICS['nylas.client.request.duration'].description }],
          },
        });
      } finally {
        service.closeAllConnections();
        service.close();
      }
    });
  },
);
