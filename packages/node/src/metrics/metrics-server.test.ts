import { type DiagLogger, DiagLogLevel, diag } from '@opentelemetry/api';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { send, serve } from '../../test/loopback.ts';
import { parseScrape } from '../../test/prometheus-text.ts';
import { nylasMetricReader } from './metric-reader.ts';
import { MetricsEndpoint } from './metrics-endpoint.ts';
import { MetricsServer, type MetricsServerAddress } from './metrics-server.ts';

const errors = vi.fn();

beforeEach(() => {
  errors.mockClear();
  diag.setLogger({ error: errors } as unknown as DiagLogger, {
    logLevel: DiagLogLevel.ERROR,
    suppressOverrideMessage: true,
  });
});
afterEach(() => diag.disable());

function open(address: Partial<MetricsServerAddress> = {}): MetricsServer {
  const reader = nylasMetricReader();
  const provider = new MeterProvider({ readers: [reader] });
  provider.getMeter('m').createCounter('c').add(1);
  const { path = '/metrics' } = address;
  const served = new Map([[path, new MetricsEndpoint({ reader })]]);
  const server = new MetricsServer(served, { host: '127.0.0.1', port: 0, path, ...address });
  onTestFinished(() => server.close());
  return server;
}

describe('a port for metrics alone', () => {
  it('takes a free port where 0 is asked for, and says which', async () => {
    const server = open();
    const url = await server.url;
    expect(url).toBe(`http://127.0.0.1:${server.port}/metrics`);
    expect(parseScrape((await send(url as string)).body.toString()).has('c_total')).toBe(true);
  });

  it('listens on IPv6 too', async () => {
    const url = await open({ host: '::1' }).url;
    expect(url).toMatch(/^http:\/\/\[::1\]:\d+\/metrics$/);
    expect((await send(url as string)).status).toBe(200);
  });

  it('serves its path only, whatever the query', async () => {
    const url = (await open({ path: '/internal/metrics' }).url) as string;
    expect((await send(`${url}?collect=all`)).status).toBe(200);
    const other = await send(new URL('/metrics', url).href);
    expect(other.status).toBe(404);
    expect(other.body.toString()).toContain('/internal/metrics');
  });

  it('is closed with its connections', async () => {
    const server = open();
    const url = (await server.url) as string;
    await server.close();
    await expect(send(url)).rejects.toThrow('ECONNREFUSED');
  });
});

describe('a port that cannot be opened', () => {
  it('because it is in use is reported with the fix, and nothing is thrown', async () => {
    const taken = new URL(await serve(() => {}));
    expect(await open({ port: Number(taken.port) }).url).toBeUndefined();
    expect(errors).toHaveBeenCalledWith(
      expect.stringMatching(
        new RegExp(
          `port ${taken.port} is in use \\(EADDRINUSE\\)\\. Set NYLAS_OTEL_METRICS_PORT to a free port`,
        ),
      ),
    );
  });

  it('because the host is none of this machine is reported with the fix', async () => {
    expect(await open({ host: '203.0.113.7' }).url).toBeUndefined();
    expect(errors).toHaveBeenCalledWith(expect.stringMatching(/Set NYLAS_OTEL_METRICS_HOST to one/));
  });
});
