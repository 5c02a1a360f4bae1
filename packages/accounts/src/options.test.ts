import { describe, expect, it } from 'vitest';
import { NylasAccountsConfigError } from './config-error.ts';
import { readOptions } from './options.ts';

const SECRET = 'nyk_v0_verysecret';

function errorOf(options: unknown): NylasAccountsConfigError {
  try {
    readOptions(options);
  } catch (error) {
    if (error instanceof NylasAccountsConfigError) return error;
    throw error;
  }
  throw new Error('the options were taken');
}

describe('options that can be used', () => {
  it('need the API key only', () => {
    expect(readOptions({ apiKey: SECRET })).toMatchObject({
      base: 'https://api.us.nylas.com',
      authorization: `Bearer ${SECRET}`,
      application: 'default',
      sweepMs: 3_600_000,
      invalidMs: 60_000,
      requestsPerSecond: 5,
      timeoutMs: 30_000,
      series: { max: 0, allow: [] },
      captureAccountId: 'id',
    });
  });

  it('or client id and secret for v2, which is swept more often as it lists no invalid accounts', () => {
    const settings = readOptions({ clientId: 'id', clientSecret: 'secret' });
    expect(settings.profile.version).toBe('v2');
    expect(settings.base).toBe('https://api.nylas.com');
    expect(settings.authorization).toBe(`Basic ${Buffer.from('secret:').toString('base64')}`);
    expect(settings.sweepMs).toBe(300_000);
  });

  it.each([
    ['v3', 'eu', 'https://api.eu.nylas.com'],
    ['v3', 'ca', 'https://api.us.nylas.com'],
    ['v2', 'eu', 'https://ireland.api.nylas.com'],
    ['v2', 'ca', 'https://canada.api.nylas.com'],
  ])('find the host of %s in %s', (version, region, base) => {
    const access = version === 'v3' ? { apiKey: SECRET } : { clientId: 'id', clientSecret: 's' };
    expect(readOptions({ ...access, region }).base).toBe(base);
  });

  it('take a base URL with a path, over http too', () => {
    expect(readOptions({ apiKey: SECRET, baseUrl: 'http://localhost:8080/nylas/' })).toMatchObject({
      base: 'http://localhost:8080/nylas',
      host: 'localhost',
      region: undefined,
    });
  });

  it('may be given as undefined', () => {
    expect(readOptions({ apiKey: SECRET, region: undefined, clientId: undefined }).region).toBe('us');
  });
});

describe('options that cannot be used', () => {
  it.each<[string, unknown]>([
    ['options', undefined],
    ['options', SECRET],
    ['apiKey', {}],
    ['apiKey', { apiKey: 42 }],
    ['apiKey', { apiKey: '' }],
    ['apiKey', { apiKey: `${SECRET}\n` }],
    ['apiKey', { apiKey: SECRET, clientId: 'id' }],
    ['clientId', { clientSecret: SECRET }],
    ['clientSecret', { clientId: 'id' }],
    ['region', { apiKey: SECRET, region: 'mars' }],
    ['baseUrl', { apiKey: SECRET, baseUrl: 'localhost:80' }],
    ['baseUrl', { apiKey: SECRET, baseUrl: 'https://user:pass@host' }],
    ['application', { apiKey: SECRET, application: 'ben@example.com' }],
    ['sweepInterval', { apiKey: SECRET, sweepInterval: '1h' }],
    ['sweepInterval', { apiKey: SECRET, sweepInterval: 0 }],
    ['invalidInterval', { apiKey: SECRET, invalidInterval: Number.NaN }],
    ['requestsPerSecond', { apiKey: SECRET, requestsPerSecond: 51 }],
    ['timeout', { apiKey: SECRET, timeout: -1 }],
    ['fetch', { apiKey: SECRET, fetch: 'node-fetch' }],
    ['logger', { apiKey: SECRET, logger: {} }],
    ['accountSeries', { apiKey: SECRET, accountSeries: 100 }],
    ['accountSeries', { apiKey: SECRET, accountSeries: { max: 1 }, captureAccountId: 'none' }],
    ['accountSeries.max', { apiKey: SECRET, accountSeries: { max: 501 } }],
    ['accountSeries.most', { apiKey: SECRET, accountSeries: { most: 5 } }],
    ['accountSeries.allow', { apiKey: SECRET, accountSeries: { allow: [1] } }],
    ['captureAccountId', { apiKey: SECRET, captureAccountId: true }],
    ['api_key', { api_key: SECRET }],
  ])('are refused by name: %s', (option, options) => {
    const error = errorOf(options);
    expect(error.option).toBe(option);
    expect(error.message).toMatch(/^watchAccounts: /);
    expect(error.message).not.toContain(SECRET);
  });

  it('say what was given and what to do', () => {
    expect(errorOf({ apiKey: SECRET, sweepInterval: '1h' }).message).toBe(
      'watchAccounts: sweepInterval must be a number from 10 to 604800 (seconds), got a string. Leave it out for 3600.',
    );
    expect(errorOf({ api_key: SECRET }).message).toContain('Did you mean apiKey?');
    expect(errorOf({ apiKey: `${SECRET}\n` }).message).toContain('trim it');
  });
});
