import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { collectorAddress, listens } from './collector-probe.ts';

describe('the address of the collector', () => {
  it.each([
    [{}, 'http/protobuf', { host: 'localhost', port: 4318 }],
    [{}, 'grpc', { host: 'localhost', port: 4317 }],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel:4318/prefix' }, 'http/json', { host: 'otel', port: 4318 }],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://otel.example.com' },
      'http/json',
      { host: 'otel.example.com', port: 443 },
    ],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'otel:4317' }, 'grpc', { host: 'otel', port: 4317 }],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://[::1]:4318' }, 'http/json', { host: '::1', port: 4318 }],
    [
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a:1',
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://b:2/v1/traces',
      },
      'http/json',
      { host: 'b', port: 2 },
    ],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'unix:///var/run/otel.sock' }, 'grpc', undefined],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a:1', HTTPS_PROXY: 'http://proxy:3128' }, 'http/json', undefined],
  ])('is read from the standard variables: %o, %s', (env, protocol, address) => {
    expect(collectorAddress('TRACES', protocol, env)).toEqual(address);
  });
});

describe('whether something listens', () => {
  it('is found out by connecting', async () => {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
    expect(await listens(address)).toBe(true);
    await new Promise((resolve) => server.close(resolve));
    expect(await listens(address)).toBe(false);
  });

  it('is denied for a host that is not there', async () => {
    expect(await listens({ host: 'no-such-host.invalid', port: 4318 })).toBe(false);
  });
});
