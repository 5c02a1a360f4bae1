import { gunzipSync } from 'node:zlib';
import { type MeterProvider as ApiMeterProvider, DiagLogLevel, diag } from '@opentelemetry/api';
import { detectResources } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { send, serve } from '../../test/loopback.ts';
import { parseScrape, samplesOf } from '../../test/prometheus-text.ts';
import { hasPromtool, promtoolCheck } from '../../test/promtool.ts';
import { NylasTelemetryConfigError } from '../options/config-error.ts';
import { addMetricProducer, type NylasMetricReader, nylasMetricReader } from './metric-reader.ts';
import type { MetricsEndpointOptions } from './metrics-endpoint.ts';
import { nylasMetricsHandler } from './metrics-handler.ts';

let provider: ApiMeterProvider & MeterProvider;
let reader: NylasMetricReader;

beforeEach(() => {
  reader = nylasMetricReader();
  provider = new MeterProvider({ readers: [reader] });
  const counter = provider
    .getMeter('shop', '1.0.0')
    .createCounter('orders', { description: 'Orders.', unit: '{order}' });
  for (let i = 0; i < 50; i++) counter.add(1, { customer: `kind-${i}` });
});
afterEach(async () => {
  await provider.shutdown();
  diag.disable();
});

const serveMetrics = (options: MetricsEndpointOptions = {}): Promise<string> =>
  serve(nylasMetricsHandler({ reader, ...options }));

describe('a scrape', () => {
  it('is answered in text format 0.0.4, with version and charset, never cached', async () => {
    const { status, headers, body } = await send(await serveMetrics());
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['content-length']).toBe(String(body.length));
    expect(samplesOf(body.toString(), 'orders_total')).toHaveLength(50);
  });

  it.skipIf(!hasPromtool())(
    'passes promtool check metrics (needs the Debian package prometheus)',
    async () => {
      const { body } = await send(await serveMetrics());
      expect(promtoolCheck(body)).toEqual({ code: 0, said: '' });
    },
  );

  it('by HEAD has the headers of the GET and no body', async () => {
    const url = await serveMetrics();
    const get = await send(url);
    const head = await send(url, { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(head.body).toHaveLength(0);
    expect(head.headers['content-length']).toBe(get.headers['content-length']);
    expect(head.headers['content-type']).toBe(get.headers['content-type']);
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
    'by %s is refused, saying what is allowed',
    async (method) => {
      const { status, headers } = await send(await serveMetrics(), { method });
      expect(status).toBe(405);
      expect(headers.allow).toBe('GET, HEAD');
    },
  );

  it('has the attributes of the resource that are looked up, and waits for none that hangs', async () => {
    const told = vi.fn();
    const quiet = (): void => {};
    diag.setLogger({ error: told, warn: quiet, info: quiet, debug: quiet, verbose: quiet });
    const found = await scrapeOf(new Promise((resolve) => setImmediate(resolve, 'a-host')));
    expect(samplesOf(found, 'target_info')[0]?.labels.host_id).toBe('a-host');
    expect(told).not.toHaveBeenCalled();
    const hanging = await scrapeOf(new Promise(() => {}));
    expect(samplesOf(hanging, 'target_info')[0]?.labels).not.toHaveProperty('host_id');
  });

  async function scrapeOf(hostId: Promise<string>): Promise<string> {
    const own = nylasMetricReader();
    const resource = detectResources({
      detectors: [{ detect: () => ({ attributes: { 'host.id': hostId, 'service.name': 'shop' } }) }],
    });
    const shop = new MeterProvider({ resource, readers: [own] });
    const { status, body } = await send(await serveMetrics({ reader: own }));
    expect(status).toBe(200);
    // A shutdown would wait for the attributes too.
    void shop.shutdown();
    return body.toString();
  }

  it('works in the fetch world', async () => {
    const { fetch } = nylasMetricsHandler({ reader });
    const response = await fetch(new Request('http://localhost/metrics'));
    expect(parseScrape(await response.text()).has('orders_total')).toBe(true);
    const head = await fetch(new Request('http://localhost/metrics', { method: 'HEAD' }));
    expect(await head.text()).toBe('');
    expect(Number(head.headers.get('content-length'))).toBeGreaterThan(1_000);
  });
});

describe('compression', () => {
  it('is used where it is accepted', async () => {
    const { headers, body } = await send(await serveMetrics(), { headers: { 'accept-encoding': 'gzip' } });
    expect(headers['content-encoding']).toBe('gzip');
    expect(headers.vary).toBe('accept-encoding');
    expect(headers['content-length']).toBe(String(body.length));
    expect(samplesOf(gunzipSync(body).toString(), 'orders_total')).toHaveLength(50);
  });

  it('is left to the host of a fetch handler: Next.js drops content-encoding', async () => {
    const request = new Request('http://localhost/metrics', { headers: { 'accept-encoding': 'gzip' } });
    const response = await nylasMetricsHandler({ reader }).fetch(request);
    expect(response.headers.get('content-encoding')).toBeNull();
    expect(samplesOf(await response.text(), 'orders_total')).toHaveLength(50);
  });

  it.each([
    ['br, gzip;q=0.5', true],
    ['*', true],
    ['GZIP', true],
    ['gzip;q=0', false],
    ['gzip;q=0, *', false],
    ['identity', false],
    ['br', false],
    ['', false],
  ])('for accept-encoding "%s" is %s', async (accepted, used) => {
    const { headers } = await send(await serveMetrics(), { headers: { 'accept-encoding': accepted } });
    expect(headers['content-encoding'] === 'gzip').toBe(used);
  });
});

describe('concurrent scrapes', () => {
  it('share one collect, a later one collects anew', async () => {
    const collect = vi.spyOn(reader, 'collect');
    let release: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    provider
      .getMeter('m')
      .createObservableGauge('slow')
      .addCallback(() => gate);
    const handler = nylasMetricsHandler({ reader });
    let arrived = 0;
    const url = await serve((request, response) => {
      handler(request, response);
      if (++arrived === 100) release();
    });
    const answers = await Promise.all(Array.from({ length: 100 }, () => send(url)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(collect).toHaveBeenCalledTimes(1);
    await send(url);
    expect(collect).toHaveBeenCalledTimes(2);
  });
});

describe('a collect that fails', () => {
  it('is answered with 500 and why, never with 200', async () => {
    vi.spyOn(reader, 'collect').mockRejectedValueOnce(new RangeError('secret detail'));
    const { status, headers, body } = await send(await serveMetrics());
    expect(status).toBe(500);
    expect(headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(body.toString()).toMatch(/could not be collected \(RangeError\)/);
    expect(body.toString()).not.toContain('secret');
  });

  it('in one callback fails the scrape, so that somebody sees it', async () => {
    provider
      .getMeter('m')
      .createObservableGauge('bad')
      .addCallback(() => {
        throw new TypeError('secret detail');
      });
    const { status, body } = await send(await serveMetrics());
    expect(status).toBe(500);
    expect(body.toString()).toMatch(/1 metric callback\(s\).*TypeError.*onCollectError: 'serve'/);
    expect(body.toString()).not.toContain('secret');
  });

  it('in one callback leaves its series out where that is wanted', async () => {
    provider
      .getMeter('m')
      .createObservableGauge('bad')
      .addCallback(() => {
        throw new TypeError('x');
      });
    const { status, body } = await send(await serveMetrics({ onCollectError: 'serve' }));
    expect(status).toBe(200);
    expect(parseScrape(body.toString()).has('orders_total')).toBe(true);
  });

  it('for want of time is answered with 503, by default and with a callback that hangs', async () => {
    provider
      .getMeter('m')
      .createObservableGauge('hangs')
      .addCallback(() => new Promise(() => {}));
    const { status, body } = await send(await serveMetrics({ timeoutMillis: 50 }));
    expect(status).toBe(503);
    expect(body.toString()).toMatch(/not collected within 50 ms/);
  });

  it('by a hanging callback still serves the others where that is wanted', async () => {
    provider
      .getMeter('m')
      .createObservableGauge('hangs')
      .addCallback(() => new Promise(() => {}));
    const { status, body } = await send(await serveMetrics({ timeoutMillis: 200, onCollectError: 'serve' }));
    expect(status).toBe(200);
    expect(parseScrape(body.toString()).has('orders_total')).toBe(true);
  });

  it('by a producer that hangs is bounded in time and in number', async () => {
    const calls = vi.fn(() => new Promise<never>(() => {}));
    const remove = addMetricProducer({ collect: calls });
    try {
      const url = await serveMetrics({ timeoutMillis: 10 });
      for (let i = 0; i < 12; i++) expect((await send(url)).status).toBe(503);
      expect(calls).toHaveBeenCalledTimes(8);
      expect((await send(url)).body.toString()).toMatch(/8 collects have not finished/);
    } finally {
      remove();
    }
  });

  it('after the SDK was shut down says so', async () => {
    const url = await serveMetrics();
    await provider.shutdown();
    expect((await send(url)).status).toBe(500);
  });
});

describe('credentials', () => {
  const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

  it('by bearer token are asked for and checked', async () => {
    const url = await serveMetrics({ auth: { bearer: 's3cret' } });
    const refused = await send(url);
    expect(refused.status).toBe(401);
    expect(refused.headers['www-authenticate']).toMatch(/^Bearer realm=/);
    for (const authorization of ['Bearer wrong', 'Bearer', 'Bearer s3cret2', 'Basic s3cret', 's3cret']) {
      expect((await send(url, { headers: { authorization } })).status).toBe(401);
    }
    expect((await send(url, { headers: { authorization: 'bearer s3cret' } })).status).toBe(200);
  });

  it('by user and password are asked for and checked', async () => {
    const url = await serveMetrics({ auth: { username: 'prometheus', password: 'pä:ss' } });
    const refused = await send(url);
    expect(refused.headers['www-authenticate']).toMatch(/^Basic realm=/);
    expect((await send(url, { headers: basic('prometheus:pass') })).status).toBe(401);
    expect((await send(url, { headers: basic('prometheus:pä:ss') })).status).toBe(200);
  });

  it('are asked for before anything is said or collected', async () => {
    const collect = vi.spyOn(reader, 'collect');
    const url = await serveMetrics({ auth: { bearer: 'x' } });
    expect((await send(url, { method: 'DELETE' })).status).toBe(401);
    expect(collect).not.toHaveBeenCalled();
  });
});

describe('options', () => {
  it.each([
    [{ auht: { bearer: 'x' } }, /"auht" is not known\. Did you mean "auth"\?/],
    [{ auth: { bearer: '' } }, /"auth" is an object\. Give \{ bearer \}/],
    [{ auth: 'hunter2' }, /"auth" is a string\./],
    [{ timeoutMillis: '10' }, /"timeoutMillis" is a string\. Give a whole number/],
    [{ timeoutMillis: 0 }, /"timeoutMillis" is a number out of range/],
    [{ onCollectError: 'ignore' }, /"onCollectError".*fail, serve/],
    [{ reader: {} }, /"reader" is an object\. Give an object with collect/],
    ['secret', /"options" is a string/],
  ])('that cannot be used are refused with the type and the fix: %o', (options, message) => {
    let refusal: unknown;
    try {
      nylasMetricsHandler(options as MetricsEndpointOptions);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(NylasTelemetryConfigError);
    expect((refusal as Error).message).toMatch(message);
    expect((refusal as Error).message).not.toMatch(/hunter2/);
  });
});

it('reports what failed through diag', async () => {
  const error = vi.fn();
  diag.setLogger({ error } as never, { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true });
  vi.setSystemTime(Date.now() + 3_600_000);
  vi.spyOn(reader, 'collect').mockRejectedValueOnce(new RangeError('why'));
  await send(await serveMetrics());
  vi.useRealTimers();
  expect(error).toHaveBeenCalledWith(expect.stringContaining('endpoint'), expect.any(RangeError));
});
