// Debian: apt install postgresql
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import { hasPostgres, type PostgresServer, startPostgres } from '@nylas-otel/store/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { optionKeys } from '../../src/commands/build-program.ts';
import type { CommandDefinition } from '../../src/commands/command.ts';
import { COMMANDS } from '../../src/commands/command-table.ts';
import { run } from '../../src/main.ts';
import { OPTIONS } from '../../src/options/option-table.ts';
import type { OptionKey } from '../../src/options/settings.ts';
import { cleanEnv, type Ended, exporter, folder, type RunningExporter } from '../command.ts';
import { BESIDE, CANARY, canary, type Given, ROUTES, SECRETS } from './secrets.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

const place = folder();
const socket = join(place.path, 'x.sock');
let simulator: Simulator;
let postgres: PostgresServer | undefined;
let running: RunningExporter;
let echo: Server;
let echoUrl: string;

beforeAll(async () => {
  simulator = await startSimulator({ grants: 2, apiKey: canary('nylas.api_key') });
  postgres = hasPostgres() ? await startPostgres() : undefined;
  running = await exporter({
    NYLAS_API_KEY: simulator.apiKey,
    NYLAS_CLIENT_ID: simulator.clientId,
    NYLAS_OTEL_API_URL: simulator.url,
    NYLAS_OTEL_STATUS_URL: simulator.url,
    NYLAS_OTEL_REAUTH_REDIRECT_URI: 'https://app.example.com/callback',
    ...(postgres === undefined ? { NYLAS_OTEL_DATA_DIR: 'memory' } : { DATABASE_URL: postgres.url }),
    NYLAS_OTEL_SOCKET: socket,
  });
  await running.logged('all accounts have been read');
  // The worst that somebody else may do: it says what it was told.
  echo = createServer((request, response) => {
    const { authorization } = request.headers;
    response
      .writeHead(400, { 'content-type': 'application/json', 'x-told': authorization ?? '' })
      .end(
        JSON.stringify({ message: authorization, error: { type: authorization, message: authorization } }),
      );
  });
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  echoUrl = `http://127.0.0.1:${(echo.address() as AddressInfo).port}`;
  writeFileSync(join(place.path, 'package.json'), '{"dependencies":{"express":"5.0.0","nylas":"8.4.0"}}');
  writeFileSync(join(place.path, 'body.json'), `{"said":"${canary('webhooks.secret')}"}`);
});
afterAll(async () => {
  await running?.stop();
  await postgres?.stop();
  await simulator?.close();
  echo?.close();
  place[Symbol.dispose]();
});

/** What commands must be given to get to work; all others need their arguments alone. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  recover: ['--since', '1h', '--resources', 'grants', '--dry-run'],
  'webhooks redrive': ['--all'],
  'webhooks verify': ['--signature', 'wrong'],
  'support-bundle': ['--tried', `sent ${canary('nylas.api_key')} again`],
};
/** Commands whose output is a file of another form. */
const FILES = ['alerts export', 'config schema'];

// The exporter itself is started in exporter.test.ts.
const commands = COMMANDS.filter(({ path }) => path[0] !== 'exporter').map(
  (command) => [command.path.join(' '), command] as const,
);

function lineOf(name: string, { path, arguments: words = [] }: CommandDefinition): string[] {
  const values: Readonly<Record<string, string>> = {
    account: simulator.grants.list()[0]?.id as string,
    file: join(place.path, 'body.json'),
  };
  const given = words.filter(({ optional }) => !optional).map((word) => values[word.name] as string);
  expect(given, `${name}: say here what its arguments may be`).not.toContain(undefined);
  return [...path, ...given, ...(NEEDED[name] ?? [])];
}

/** Runs a command in this process: two hundred would be two hundred processes otherwise. */
async function inProcess(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> {
  const said = { stdout: '', stderr: '' };
  const into = (name: 'stdout' | 'stderr'): { write(text: string): void } => ({
    write(text) {
      said[name] += text;
    },
  });
  const code = await run(args, {
    stdout: into('stdout'),
    stderr: into('stderr'),
    env: cleanEnv(env),
    cwd: place.path,
    signal: new AbortController().signal,
    now: Date.now,
  });
  // 70 is a defect, whose line may hold anything.
  expect(code, said.stderr).not.toBe(70);
  expect(said.stdout).not.toMatch(CANARY);
  expect(said.stderr).not.toMatch(CANARY);
  return { code, ...said };
}

function given(way: string, keys: readonly OptionKey[]): Given {
  return (ROUTES[way] as (typeof ROUTES)[string])(new Map(keys.map((key) => [key, canary(key)])), place.path);
}

const V3 = SECRETS.filter((key) => key !== 'nylas.client_secret');

describe.each(commands)('%s', (name, command) => {
  it('keeps the secrets beside a running exporter, while others tell what they were told', async () => {
    const { env } = given(
      'variables',
      V3.filter((key) => key !== 'store.database_url'),
    );
    const world = {
      NYLAS_CLIENT_ID: simulator.clientId,
      NYLAS_OTEL_API_URL: simulator.url,
      NYLAS_OTEL_STATUS_URL: simulator.url,
      NYLAS_OTEL_SOCKET: socket,
      NYLAS_OTEL_WEBHOOKS_PUBLIC_URL: `${echoUrl}/webhooks/nylas`,
      NYLAS_OTEL_METRICS_PORT: new URL(running.url).port,
      GRAFANA_URL: echoUrl,
      PROMETHEUS_URL: echoUrl,
      NYLAS_OTEL_APP_URL: echoUrl,
      ...BESIDE,
      ...env,
    };
    const ended = await inProcess([...lineOf(name, command), '--json'], world);
    // It got to work: nothing was missing. (A grant cannot be restarted.)
    if (name !== 'accounts restart') expect(ended.code, ended.stderr).not.toBe(2);
    expect(ended.stdout + ended.stderr).not.toBe('');
    if (!FILES.includes(name)) JSON.parse(ended.stdout);
  });

  it.each(Object.keys(ROUTES))(
    'keeps secrets given by %s where nothing answers, or only an echo',
    async (way) => {
      const keys = way === 'files of flags' ? V3.filter((key) => optionKeys(command).includes(key)) : V3;
      const { env, args } = given(way, keys);
      const dead = way === 'variables' ? echoUrl : 'http://127.0.0.1:9';
      await inProcess([...lineOf(name, command), ...args], {
        NYLAS_OTEL_API_URL: dead,
        NYLAS_OTEL_STATUS_URL: dead,
        NYLAS_OTEL_SOCKET: 'off',
        NYLAS_OTEL_WEBHOOKS_PUBLIC_URL: dead,
        GRAFANA_URL: dead,
        PROMETHEUS_URL: dead,
        NYLAS_OTEL_APP_URL: dead,
        ...env,
      });
    },
  );
});

describe('config check', () => {
  it.each(Object.keys(ROUTES).filter((way) => way !== 'files of flags'))(
    'says that each secret was given by %s, and where',
    async (way) => {
      const { env, args } = given(way, SECRETS);
      const { code, stdout } = await inProcess(['config', 'check', '--json', ...args], env);
      expect(code).toBe(0);
      for (const key of SECRETS) expect(stdout, key).toContain(`"option": "${key}"`);
    },
  );
});

describe('a secret that cannot be used', () => {
  it.each(SECRETS)('%s is refused as a flag, without being repeated', async (key) => {
    for (const form of [[`--${OPTIONS[key].flag}`, canary(key)], [`--${OPTIONS[key].flag}=${canary(key)}`]]) {
      const { code, stderr } = await inProcess(['doctor', ...form], {});
      expect(code).toBe(2);
      expect(stderr).toContain(OPTIONS[key].variable);
    }
  });

  it.each(SECRETS)(
    '%s with a control character is refused by every way, without being repeated',
    async (key) => {
      for (const way of Object.keys(ROUTES)) {
        const secrets = new Map([[key, `kanarie:\u0007${canary(key)}`]]);
        const { env, args } = (ROUTES[way] as (typeof ROUTES)[string])(secrets, place.path);
        const { code, stdout, stderr } = await inProcess(['config', 'check', ...args], env);
        expect(code, way).toBe(2);
        expect(stdout + stderr, way).toContain(key);
      }
    },
  );

  it('is taken out of what a person typed in a wrong place', async () => {
    const { env } = given('variables', ['nylas.api_key']);
    const { code, stderr } = await inProcess(['doctor', '--only', canary('nylas.api_key')], env);
    expect(code).toBe(2);
    expect(stderr).toContain('no check called [REDACTED]');
  });

  it('is not shown where a file of secrets is cut or is no YAML', async () => {
    const path = join(place.path, 'cut.yaml');
    const whole = SECRETS.map((key) => {
      const [section, name] = key.split('.');
      return `${section}: {${name}: "${canary(key)}"}`;
    }).join('\n');
    for (let bytes = 1; bytes < whole.length; bytes += 7) {
      writeFileSync(path, whole.slice(0, bytes), { mode: 0o600 });
      await inProcess(['config', 'check', '--config', path], {});
      await inProcess(['accounts', 'list', '--json', '--config', path], {
        NYLAS_OTEL_API_URL: 'http://127.0.0.1:9',
      });
    }
  });
});
