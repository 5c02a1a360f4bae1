// Debian: apt install prometheus
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { cli, folder } from './command.ts';

vi.setConfig({ testTimeout: 120_000 });

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

describe('dashboards', () => {
  it('are written to a folder', async () => {
    using place = folder();
    const { code, stdout } = await cli(['dashboards', 'export', place.path]);
    expect(code).toBe(0);
    const names = readdirSync(place.path);
    expect(names.length).toBeGreaterThanOrEqual(6);
    for (const name of names) {
      expect(stdout).toContain(name);
      expect(JSON.parse(readFileSync(join(place.path, name), 'utf8'))).toHaveProperty('panels');
    }
  });

  it("are installed through Grafana's HTTP API, into a folder that may be there already", async () => {
    const calls: {
      path: string;
      authorization: unknown;
      body: { folderUid?: string; overwrite?: boolean };
    }[] = [];
    const grafana = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk) => {
        text += chunk;
      });
      request.on('end', () => {
        const body = text === '' ? {} : JSON.parse(text);
        calls.push({
          path: `${request.method} ${request.url}`,
          authorization: request.headers.authorization,
          body,
        });
        if (request.headers.authorization !== 'Bearer good-token') return response.writeHead(401).end('{}');
        if (request.method === 'POST' && request.url === '/api/folders')
          return response.writeHead(412).end('{}');
        const { uid } = body.dashboard ?? {};
        return response.writeHead(200).end(JSON.stringify({ uid, url: `/d/${uid}` }));
      });
    });
    await new Promise<void>((resolve) => grafana.listen(0, '127.0.0.1', resolve));
    const env = {
      GRAFANA_URL: `http://127.0.0.1:${(grafana.address() as AddressInfo).port}`,
      GRAFANA_TOKEN: 'good-token',
    };
    const good = await cli(['dashboards', 'install', '--json'], { env });
    const refused = await cli(['dashboards', 'install'], { env: { ...env, GRAFANA_TOKEN: 'wrong-token' } });
    grafana.close();
    expect(good.code).toBe(0);
    expect(JSON.parse(good.stdout).dashboards).toContainEqual({
      uid: 'nylas-overview',
      url: '/d/nylas-overview',
    });
    const written = calls.filter(
      ({ path, authorization }) =>
        path === 'POST /api/dashboards/db' && authorization === 'Bearer good-token',
    );
    expect(written.length).toBeGreaterThanOrEqual(6);
    for (const { body } of written) expect(body).toMatchObject({ folderUid: 'nylas-otel', overwrite: true });
    expect(refused).toMatchObject({ code: 3, stderr: expect.stringContaining('answers 401') });
  });
});

describe('alerts', () => {
  it.skipIf(!hasPromtool)('are rules that promtool takes', async () => {
    using place = folder();
    expect((await cli(['alerts', 'export', '--to', place.path])).code).toBe(0);
    for (const name of readdirSync(place.path))
      execFileSync('promtool', ['check', 'rules', join(place.path, name)]);
  });

  it('come as a PrometheusRule and for Grafana too', async () => {
    expect((await cli(['alerts', 'export', '--format', 'prometheus-rule'])).stdout).toContain(
      'kind: PrometheusRule',
    );
    expect((await cli(['alerts', 'export', '--format', 'grafana'])).stdout).toContain('apiVersion: 1');
    expect((await cli(['alerts', 'export', '--format', 'carrier-pigeon'])).code).toBe(2);
  });
});
