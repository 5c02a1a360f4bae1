import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { OPTION_KEYS, OPTIONS } from '../src/options/option-table.ts';
import { cli, type Ended, exporter, folder } from './command.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 60_000 });

const CANARY = /canary/i;
const place = folder();
let simulator: Simulator;
const secrets = OPTION_KEYS.filter((key) => OPTIONS[key].secret);

/** A value with the word in it that each secret may be. */
function canary(key: string): string {
  if (key === 'store.database_url') return 'postgres://nylas:canary-password@127.0.0.1:9/nylas';
  if (key === 'metrics.basic_auth') return 'prometheus:canary-basic-auth';
  return `canary-${key.replace(/\W/g, '-')}`;
}

beforeAll(async () => {
  simulator = await startSimulator({ grants: 2, apiKey: canary('nylas.api_key') });
  mkdirSync(join(place.path, 'secrets'));
  for (const key of secrets) writeFileSync(join(place.path, 'secrets', key), `${canary(key)}\n`);
});
afterAll(async () => {
  await simulator.close();
  place[Symbol.dispose]();
});

const base = (): Record<string, string> => ({
  NYLAS_OTEL_API_URL: simulator.url,
  NYLAS_OTEL_STATUS_URL: simulator.url,
  NYLAS_OTEL_DATA_DIR: 'memory',
  NYLAS_OTEL_SOCKET: join(place.path, 'x.sock'),
});

/** Every secret, by each way it can be given. */
const ROUTES: Readonly<
  Record<
    string,
    (keys: readonly (typeof secrets)[number][]) => { env: Record<string, string>; args: string[] }
  >
> = {
  variables: (keys) => ({
    args: [],
    env: Object.fromEntries(keys.map((key) => [OPTIONS[key].variable, canary(key)])),
  }),
  'files of variables': (keys) => ({
    args: [],
    env: Object.fromEntries(
      keys.map((key) => [`${OPTIONS[key].variable}_FILE`, join(place.path, 'secrets', key)]),
    ),
  }),
  flags: (keys) => ({
    env: {},
    args: keys.map((key) => `--${OPTIONS[key].flag}-file=${join(place.path, 'secrets', key)}`),
  }),
  file: (keys) => {
    const path = join(place.path, `config-${keys.length}.yaml`);
    const sections: Record<string, Record<string, unknown>> = {};
    for (const key of keys) {
      const [section = '', name = ''] = key.split('.');
      sections[section] = {
        ...sections[section],
        [name]: key === 'webhooks.secret' ? [canary(key)] : canary(key),
      };
    }
    writeFileSync(path, JSON.stringify(sections), { mode: 0o600 });
    return { args: [`--config=${path}`], env: {} };
  },
};

function clean({ stdout, stderr }: Ended): void {
  expect(stdout).not.toMatch(CANARY);
  expect(stderr).not.toMatch(CANARY);
}

describe.each(Object.keys(ROUTES))('secrets given by %s', (route) => {
  it('are in no output of commands, in no error and in no JSON', async () => {
    const all = secrets.filter((key) => !['nylas.client_secret'].includes(key));
    const { env, args } = (ROUTES[route] as (typeof ROUTES)[string])(all);
    const given = {
      env: {
        ...base(),
        ...env,
        GRAFANA_URL: 'http://127.0.0.1:9',
        PROMETHEUS_URL: 'http://127.0.0.1:9',
        NYLAS_OTEL_APP_URL: 'http://127.0.0.1:9',
      },
    };
    const check = await cli(['config', 'check', '--json', ...args], given);
    expect(check.code).toBe(0);
    clean(check);
    for (const key of all) expect(check.stdout, key).toContain(`"option": "${key}"`);
    // A database, a Grafana and an application that cannot be reached, and a store that is none.
    const flags = (prefixes: readonly string[]): string[] =>
      args.filter(
        (arg) => arg.startsWith('--config') || prefixes.some((prefix) => arg.startsWith(`--${prefix}`)),
      );
    clean(
      await cli(
        [
          'doctor',
          '--json',
          '--only',
          'credentials,store,prometheus,configuration',
          ...flags(['api-key', 'database', 'prometheus']),
        ],
        given,
      ),
    );
    clean(await cli(['dashboards', 'install', ...flags(['grafana'])], given));
    clean(await cli(['status', '--json', ...flags(['app-', 'database'])], given));
    clean(await cli(['accounts', 'show', 'nobody', '--json', ...flags(['api-key', 'database'])], given));
  });

  it('are not in the process list, the log, the metrics or a support bundle of a running exporter', async () => {
    const some = secrets.filter(
      (key) =>
        !['store.database_url', 'nylas.client_secret', 'metrics.basic_auth'].includes(key) &&
        /^(nylas|metrics|webhooks|admin)/.test(key),
    );
    const { env, args } = (ROUTES[route] as (typeof ROUTES)[string])(some);
    const running = await exporter(
      { ...base(), ...env, NYLAS_OTEL_ADMIN_PORT: '0', NYLAS_OTEL_WEBHOOKS_PORT: '0' },
      ['--webhooks', ...args],
    );
    await running.logged('all accounts have been read');
    const shown = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
    expect(shown).toContain('nylas-otel exporter');
    expect(shown).not.toMatch(CANARY);
    const metrics = await fetch(`${running.url}/metrics`, {
      headers: { authorization: `Bearer ${canary('metrics.token')}` },
    });
    expect(metrics.status).toBe(200);
    expect(await metrics.text()).not.toMatch(CANARY);
    const [grant] = simulator.grants.list();
    const bundle = await cli(
      ['support-bundle', grant?.id as string, '--tried', `sent ${canary('nylas.api_key')} again`],
      { env: base() },
    );
    expect(bundle.code).toBe(0);
    clean(bundle);
    clean(await cli(['status', '--json'], { env: base() }));
    await running.stop();
    expect(running.log()).not.toMatch(CANARY);
  });
});

describe('what somebody else puts into an answer', () => {
  it('is cleaned of our secrets before it is printed', async () => {
    const echo = createServer((request, response) => {
      response
        .writeHead(400, { 'content-type': 'application/json' })
        .end(JSON.stringify({ error: { type: request.headers.authorization } }));
    });
    await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(echo.address() as AddressInfo).port}`;
    const ended = await cli(['webhooks', 'list', '--json'], {
      env: { NYLAS_API_KEY: canary('nylas.api_key'), NYLAS_OTEL_API_URL: url },
    });
    echo.close();
    expect(ended.code).toBe(4);
    clean(ended);
  });
});
