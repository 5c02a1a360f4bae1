import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readEnvironment, VARIABLES } from './environment.ts';

describe('the environment', () => {
  it('says nothing where nothing is set', () => {
    expect(readEnvironment({ PATH: '/bin' })).toEqual({
      settings: { accounts: {}, nylas: {}, metrics: {} },
      warnings: [],
    });
  });

  it('sets every option it has a variable for', () => {
    const { settings, warnings } = readEnvironment({
      NYLAS_OTEL_LOG_LEVEL: 'DEBUG',
      NYLAS_OTEL_MODE: 'enrich',
      NYLAS_OTEL_HOSTS: 'localhost:4010, proxy.internal=v3/eu,old.internal=v2',
      NYLAS_OTEL_CAPTURE_ACCOUNT_ID: 'hash',
      NYLAS_OTEL_CAPTURE_ERROR_MESSAGE: 'true',
      NYLAS_OTEL_PROPAGATE_TRACE_CONTEXT: '1',
      NYLAS_OTEL_CORRELATION: 'context',
      NYLAS_OTEL_CALLERS: 'off',
      NYLAS_OTEL_LOGGER: 'console',
      NYLAS_OTEL_METRICS_PORT: '0',
      NYLAS_OTEL_METRICS_HOST: '::',
      NYLAS_OTEL_METRICS_PATH: '/internal/metrics',
      NYLAS_OTEL_HURTING_PATH: '/internal/hurting',
      NYLAS_OTEL_METRICS_TIMEOUT: '5000',
      NYLAS_OTEL_METRICS_BASIC_AUTH: 'prometheus:pa:ss',
      NYLAS_OTEL_WATCH_ACCOUNTS: 'true',
      NYLAS_OTEL_REGION: 'eu',
      NYLAS_OTEL_API_URL: 'http://localhost:4010',
      NYLAS_OTEL_APPLICATION: 'mail',
      NYLAS_OTEL_HASH_KEY: 'x',
    });
    expect(warnings).toEqual([]);
    expect(settings).toEqual({
      logLevel: 'debug',
      watchAccounts: true,
      accounts: { region: 'eu', baseUrl: 'http://localhost:4010', application: 'mail' },
      nylas: {
        mode: 'enrich',
        hosts: [
          { host: 'localhost:4010' },
          { host: 'proxy.internal', version: 'v3', region: 'eu' },
          { host: 'old.internal', version: 'v2' },
        ],
        captureAccountId: 'hash',
        captureErrorMessage: true,
        propagateTraceContext: true,
        correlation: 'context',
        callers: false,
        logger: console,
      },
      metrics: {
        port: 0,
        host: '::',
        path: '/internal/metrics',
        hurting: '/internal/hurting',
        timeoutMillis: 5_000,
        auth: { username: 'prometheus', password: 'pa:ss' },
      },
    });
  });

  it.each([
    ['NYLAS_OTEL_METRICS_PORT', '65536', 'a whole number'],
    ['NYLAS_OTEL_METRICS_PORT', '-1', 'a whole number'],
    ['NYLAS_OTEL_METRICS_PORT', '94.64', 'a decimal number'],
    ['NYLAS_OTEL_METRICS_TIMEOUT', '0', 'a whole number'],
    ['NYLAS_OTEL_METRICS_TIMEOUT', '10s', 'a text'],
    ['NYLAS_OTEL_METRICS_PATH', 'metrics', 'a text'],
    ['NYLAS_OTEL_METRICS_HOST', 'http://localhost', 'a text'],
    ['NYLAS_OTEL_HOSTS', 'https://api.example.com', 'a text'],
    ['NYLAS_OTEL_HOSTS', 'a=v4', 'a text'],
    ['NYLAS_OTEL_MODE', 'true', 'a boolean'],
    ['NYLAS_OTEL_CAPTURE_ACCOUNT_ID', 'email', 'a text'],
    ['NYLAS_OTEL_DISABLED', 'perhaps', 'a text'],
    ['NYLAS_OTEL_API_URL', 'https://user:secret@example.com', 'a text'],
    ['NYLAS_OTEL_APPLICATION', 'My application!', 'a text'],
  ])('leaves %s=%s at its default and says what it holds and what to give', (name, value, held) => {
    const { settings, warnings } = readEnvironment({ [name]: value });
    expect(settings).toEqual({ accounts: {}, nylas: {}, metrics: {} });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(
      `${name} holds ${held} that cannot be used. It is ignored and the default is used. Give `,
    );
    expect(warnings[0]).not.toContain('secret');
  });

  it('takes an empty variable for one that is not set', () => {
    expect(readEnvironment({ NYLAS_OTEL_MODE: '', NYLAS_OTEL_METRICS_TOKEN: ' ' }).settings).toEqual({
      accounts: {},
      nylas: {},
      metrics: {},
    });
  });

  it('closes the endpoint where credentials were meant and cannot be used', () => {
    for (const env of [
      { NYLAS_OTEL_METRICS_TOKEN: 'two words' },
      { NYLAS_OTEL_METRICS_BASIC_AUTH: 'nocolon' },
    ]) {
      const { settings, warnings } = readEnvironment(env);
      expect(settings.metrics.auth).toHaveProperty('bearer', expect.stringMatching(/^[0-9a-f-]{36}$/));
      expect(warnings[0]).toContain('Every scrape is refused until it is mended');
      expect(warnings[0]).not.toMatch(/two words|nocolon/);
    }
  });

  it('names unknown variables, and the one that may be meant', () => {
    expect(readEnvironment({ NYLAS_OTEL_METRIC_PORT: '1' }).warnings).toEqual([
      'NYLAS_OTEL_METRIC_PORT is not a variable of nylas-otel and is ignored. Did you mean "NYLAS_OTEL_METRICS_PORT"? See the README of @nylas-otel/node for all of them.',
    ]);
    expect(readEnvironment({ NYLAS_OTEL_QUITE_ANOTHER_THING: '1' }).warnings[0]).not.toContain(
      'Did you mean',
    );
    expect(readEnvironment({ NYLAS_API_KEY: 'x', OTEL_SERVICE_NAME: 'y' }).warnings).toEqual([]);
  });

  it('is documented: every variable has its row in the README', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    for (const [name, { file }] of Object.entries(VARIABLES)) {
      expect(readme).toContain(`\`${name}\``);
      if (file) expect(readme).toContain(`\`${name}_FILE\``);
    }
  });
});
