import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OPTION_KEYS, OPTIONS } from '../../src/options/option-table.ts';
import type { OptionKey } from '../../src/options/settings.ts';

/** What no output may have in it. */
export const CANARY: RegExp = /kanarie/i;

/** Every option that is a secret, by the table of options. */
export const SECRETS: readonly OptionKey[] = OPTION_KEYS.filter((key) => OPTIONS[key].secret);

/** Secrets that are no options: of OpenTelemetry, and the key that addresses are hashed with. */
export const BESIDE: Readonly<Record<string, string>> = {
  OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20kanarie-of-otlp,x-key=kanarie-of-otlp-2',
  NYLAS_OTEL_HASH_KEY: 'kanarie-hash-key-kanarie-hash-key-canary',
};

/** A value with the word in it that a secret may be. */
export function canary(key: OptionKey): string {
  if (key === 'store.database_url') return 'postgres://nylas:kanarie-password@127.0.0.1:9/nylas';
  if (key === 'metrics.basic_auth') return 'prometheus:kanarie-basic-auth';
  return `kanarie-${key.replace(/\W/g, '-')}`;
}

/** Variables and flags that a command is run with. */
export interface Given {
  readonly env: Readonly<Record<string, string>>;
  readonly args: readonly string[];
}

/** A way to give secrets: their keys and values, and a folder for files. */
type Route = (secrets: ReadonlyMap<OptionKey, string>, folder: string) => Given;

/** Every way there is to give a secret. */
export const ROUTES: Readonly<Record<string, Route>> = {
  variables: (secrets) => ({
    args: [],
    env: Object.fromEntries([...secrets].map(([key, value]) => [OPTIONS[key].variable, value])),
  }),
  'files of variables': (secrets, folder) => ({
    args: [],
    env: Object.fromEntries(
      [...secrets].map(([key, value]) => [`${OPTIONS[key].variable}_FILE`, fileOf(key, value, folder)]),
    ),
  }),
  'files of flags': (secrets, folder) => ({
    env: {},
    args: [...secrets].map(([key, value]) => `--${OPTIONS[key].flag}-file=${fileOf(key, value, folder)}`),
  }),
  'the configuration': (secrets, folder) =>
    configuration(
      folder,
      [...secrets].map(([key, value]) => [key, key === 'webhooks.secret' ? [value] : value]),
    ),
  'files of the configuration': (secrets, folder) =>
    configuration(
      folder,
      [...secrets].map(([key, value]) => [`${key}_file`, fileOf(key, value, folder)]),
    ),
};

function configuration(folder: string, values: readonly (readonly [key: string, value: unknown])[]): Given {
  const sections: Record<string, Record<string, unknown>> = {};
  for (const [key, value] of values) {
    const [section = '', name = ''] = key.split('.');
    sections[section] = { ...sections[section], [name]: value };
  }
  const path = join(folder, 'nylas-otel-test.yaml');
  writeFileSync(path, JSON.stringify(sections), { mode: 0o600 });
  return { env: {}, args: [`--config=${path}`] };
}

function fileOf(key: OptionKey, value: string, folder: string): string {
  mkdirSync(join(folder, 'secrets'), { recursive: true });
  const path = join(folder, 'secrets', key);
  writeFileSync(path, `${value}\n`);
  return path;
}
