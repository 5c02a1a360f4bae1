import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { knownVariables } from '@nylas-otel/node/options';
import { describe, expect, it } from 'vitest';
import { folder } from '../../test/command.ts';
import { parseConfig } from './config-file.ts';
import { problemLine } from './config-problem.ts';
import { configSchema } from './config-schema.ts';
import { OPTION_KEYS, OPTIONS } from './option-table.ts';
import { readSettings } from './read-settings.ts';

const lines = (source: string): string[] => parseConfig(source, 'c.yaml').problems.map(problemLine);

describe('the configuration file', () => {
  it.each([
    ['nylas:\n  regon: eu\n', 'c.yaml:2: nylas.regon is not known. Did you mean "region"?'],
    [
      'metrics:\n  host: x\n\n  port: 99999\n',
      'c.yaml:4: metrics.port is a number that cannot be used here. Give a port',
    ],
    [
      'nylas:\n  region: mars\n',
      'c.yaml:2: nylas.region is a text that cannot be used here. Give one of us, eu, ca.',
    ],
    ['log:\n  level:\n', 'c.yaml:2: log.level is empty. Give one of none, error'],
    [
      'webhooks:\n  enabled: "yes"\n',
      'c.yaml:2: webhooks.enabled is a text that cannot be used here. Give true or false.',
    ],
    [
      'poll: 5\n',
      'c.yaml:1: poll is a number that cannot be used here. Give a section with some of: sweep_interval',
    ],
    ['nylas:\n  region: eu\n api_key: x\n', 'c.yaml:3: nylas.region is no YAML here'],
    ['nylas:\n  region: eu\n  region: us\n', 'c.yaml:3: nylas.region is no YAML here (duplicate key)'],
    ['a: [1,\n', 'is no YAML here'],
  ])('names line, key and fix: %j', (source, start) => {
    expect(lines(source).join('\n')).toContain(start);
  });

  it('tells all problems at once, and none of their values', () => {
    const found = lines('nylas:\n  region: s3cr3t-value\n  api_url: s3cr3t-value\nmetrics:\n  port: -1\n');
    expect(found).toHaveLength(3);
    expect(found.join()).not.toContain('s3cr3t');
  });

  it('that is cut anywhere names line, key and fix, or is what its whole lines say', () => {
    const whole = `nylas:
  region: eu
  application: "mail"
webhooks:
  enabled: true
  secret_file: '/run/secrets/webhook'
metrics: {port: 9465, host: "0.0.0.0"}
log:
  level: debug
`;
    const all = parseConfig(whole, 'c.yaml');
    expect(all.problems).toEqual([]);
    let broken = 0;
    for (let bytes = 1; bytes < whole.length; bytes++) {
      const { problems, values } = parseConfig(whole.slice(0, bytes), 'c.yaml');
      if (problems.length > 0) broken++;
      for (const { where, key, fix } of problems) {
        expect(where, whole.slice(0, bytes)).toMatch(/^c\.yaml:\d$/);
        // Before the first colon there is no key.
        expect(key, whole.slice(0, bytes)).toMatch(bytes <= whole.indexOf(':') ? /^$/ : /^[a-z]/);
        expect(fix).toMatch(/^(Give|Write|Did you mean|Known here:) /);
      }
      for (const [key, { value }] of values) {
        // Half a text is a text, and half a number is a number.
        expect(String(all.values.get(key)?.value), key).toMatch(new RegExp(`^${value}`));
      }
    }
    expect(broken).toBeGreaterThan(whole.length / 3);
  });

  it('may be empty', () => {
    expect(parseConfig('', 'c.yaml')).toEqual({ values: new Map(), problems: [] });
  });

  it('has a schema with every option, and a file for every secret', () => {
    const properties = configSchema().properties as Record<string, { properties: Record<string, object> }>;
    for (const key of OPTION_KEYS) {
      const [section, name] = key.split('.') as [string, string];
      expect(properties[section]?.properties[name]).toHaveProperty('description');
      expect(Object.hasOwn(properties[section]?.properties ?? {}, `${name}_file`)).toBe(
        OPTIONS[key].secret === true,
      );
    }
  });
});

describe('settings', () => {
  it('come from flags before variables before the file before defaults', async () => {
    using place = folder();
    const file = join(place.path, 'nylas-otel.yaml');
    writeFileSync(
      file,
      'nylas:\n  region: eu\n  application: of-file\nmetrics:\n  port: off\n  host: of-file\n',
    );
    const env = { NYLAS_OTEL_APPLICATION: 'of-variable', NYLAS_OTEL_METRICS_HOST: 'of-variable' };
    const { settings, sources, problems } = await readSettings({
      flags: { host: 'of-flag' },
      env,
      cwd: place.path,
    });
    expect(problems).toEqual([]);
    expect(settings).toMatchObject({
      'metrics.host': 'of-flag',
      'nylas.application': 'of-variable',
      'nylas.region': 'eu',
      'metrics.port': false,
      'poll.invalid_interval': 60,
    });
    expect(sources.get('metrics.host')).toBe('--host');
    expect(sources.get('nylas.application')).toBe('NYLAS_OTEL_APPLICATION');
    expect(sources.get('nylas.region')).toBe(`${file}:2`);
  });

  it('take a secret from a file by each route, without the line break at its end', async () => {
    using place = folder();
    const secret = join(place.path, 'key');
    writeFileSync(secret, 'nyk_v0_secret\n');
    writeFileSync(join(place.path, 'c.yaml'), 'nylas:\n  api_key_file: key\n');
    for (const sources of [
      { flags: { 'api-key-file': secret }, env: {} },
      { flags: {}, env: { NYLAS_API_KEY_FILE: secret } },
      { flags: { config: 'c.yaml' }, env: {} },
    ]) {
      const { settings, secrets } = await readSettings({ ...sources, cwd: place.path });
      expect(settings['nylas.api_key']).toBe('nyk_v0_secret');
      expect(secrets).toContain('nyk_v0_secret');
    }
  });

  it('name the file of a secret that cannot be read', async () => {
    const { problems } = await readSettings({ flags: {}, env: { NYLAS_API_KEY_FILE: '/nowhere' }, cwd: '/' });
    expect(problems.map(problemLine)).toEqual([
      'NYLAS_API_KEY_FILE: nylas.api_key names a file that cannot be read (ENOENT). Give the path of a file that this user can read.',
    ]);
  });

  it('warn of a secret in a file that others can read, and of variables that mean nothing', async () => {
    using place = folder();
    const file = join(place.path, 'nylas-otel.yaml');
    writeFileSync(file, 'nylas:\n  api_key: nyk_v0_secret\n');
    const read = () => readSettings({ flags: {}, env: { NYLAS_OTEL_REGOIN: 'eu' }, cwd: place.path });
    chmodSync(file, 0o644);
    expect((await read()).warnings).toEqual([
      'NYLAS_OTEL_REGOIN is not a variable of nylas-otel and is ignored. Did you mean "NYLAS_OTEL_REGION"?',
      `${file}:2: nylas.api_key is in a file that others on this machine can read. chmod 600 it.`,
    ]);
    chmodSync(file, 0o600);
    expect((await read()).warnings).toHaveLength(1);
  });

  it('keep the password of an address for the redactor', async () => {
    const env = {
      DATABASE_URL: 'postgres://user:p%40ssword@db/x',
      NYLAS_OTEL_METRICS_BASIC_AUTH: 'prometheus:hunter22',
    };
    const { secrets } = await readSettings({ flags: {}, env, cwd: '/' });
    expect(secrets).toEqual(expect.arrayContaining(['p%40ssword', 'p@ssword', 'hunter22']));
  });

  it('have variables that the preset of a service does not take for mistakes', () => {
    const ours = OPTION_KEYS.map((key) => OPTIONS[key].variable).filter((name) =>
      name.startsWith('NYLAS_OTEL_'),
    );
    expect(knownVariables()).toEqual(expect.arrayContaining(ours));
  });
});
