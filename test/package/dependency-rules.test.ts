import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dependencyRules } from '../checks/dependency-rules.ts';

/** A file by its path in the workspace. */
type Files = Readonly<Record<string, string>>;

/** A small workspace that keeps every rule: two packages of the ground floor, one above them, two above that. */
const SOUND: Files = {
  'node_modules/@opentelemetry/api/index.js': 'export const api = 1;',
  'node_modules/@opentelemetry/core/index.js': 'export const core = 1;',
  'node_modules/chalk/index.js': 'export const chalk = 1;',
  'node_modules/vitest/index.js': 'export const it = 1;',

  ...manifest('semantic-conventions', {}),
  'packages/semantic-conventions/src/index.ts': 'export const names = 1;',

  ...manifest('nylas-api', {}),
  'packages/nylas-api/src/index.ts': "export * from './hosts.ts';",
  'packages/nylas-api/src/hosts.ts': 'export const hosts = 1;',
  'packages/nylas-api/test/server.ts': 'export const server = 1;',

  ...manifest('telemetry', {
    dependencies: { '@nylas-otel/semantic-conventions': '*', '@nylas-otel/nylas-api': '*' },
    peerDependencies: { '@opentelemetry/api': '*' },
    devDependencies: { '@opentelemetry/api': '*', '@opentelemetry/core': '*', chalk: '*' },
  }),
  'packages/telemetry/src/index.ts': `
    import { api } from '@opentelemetry/api';
    import { names } from '@nylas-otel/semantic-conventions';
    import type { Emitter } from './emitter.ts';
    export const telemetry: Emitter = { api, names };`,
  'packages/telemetry/src/emitter.ts': `
    import type { telemetry } from './index.ts';
    export interface Emitter { api: number; names: number; again?: typeof telemetry }`,
  'packages/telemetry/src/emitter.test.ts': "import { it } from 'vitest'; import { chalk } from 'chalk';",

  ...manifest('retry', {
    dependencies: { '@nylas-otel/telemetry': '*' },
    devDependencies: { '@nylas-otel/nylas-api': '*' },
  }),
  'packages/retry/src/index.ts': "import { telemetry } from '@nylas-otel/telemetry';",

  ...manifest('accounts', { dependencies: { '@nylas-otel/telemetry': '*', '@nylas-otel/retry': '*' } }),
  'packages/accounts/src/index.ts': "import type { telemetry } from '@nylas-otel/telemetry';",
  'packages/accounts/src/poll.test.ts': "import '@nylas-otel/retry';",

  'test/e2e/whole.ts': "import '@nylas-otel/accounts';",
};

/** What breaks a rule, by the rule's name: one way at least for every rule there is. */
const BREACHES: Readonly<Record<string, readonly Files[]>> = {
  'floor-of-semantic-conventions': [
    { 'packages/semantic-conventions/src/a.ts': "import type { telemetry } from '@nylas-otel/telemetry';" },
  ],
  'floor-of-nylas-api': [
    { 'packages/nylas-api/src/a.ts': "import type { names } from '@nylas-otel/semantic-conventions';" },
  ],
  'floor-of-telemetry': [{ 'packages/telemetry/src/a.ts': "import '@nylas-otel/retry';" }],
  'floor-of-retry': [{ 'packages/retry/src/a.ts': "export * from '@nylas-otel/accounts';" }],
  'floor-of-accounts': [
    { 'packages/accounts/src/a.ts': "export const a = () => import('@nylas-otel/retry');" },
  ],
  'declared-by-semantic-conventions': [
    { 'packages/semantic-conventions/src/a.ts': "import type { hosts } from '@nylas-otel/nylas-api';" },
  ],
  'declared-by-nylas-api': [
    { 'packages/nylas-api/src/a.ts': "import type { names } from '@nylas-otel/semantic-conventions';" },
  ],
  'declared-by-telemetry': [{ 'packages/telemetry/src/a.ts': "import '@nylas-otel/accounts';" }],
  'declared-by-retry': [
    { 'packages/retry/src/a.ts': "import { hosts } from '@nylas-otel/nylas-api';" },
    { 'packages/retry/src/a.ts': "import type { names } from '@nylas-otel/semantic-conventions';" },
  ],
  'declared-by-accounts': [{ 'packages/accounts/src/a.ts': "import '@nylas-otel/nylas-api';" }],
  'ground-floor-imports-nothing': [
    { 'packages/nylas-api/src/a.ts': "import { readFileSync } from 'node:fs';" },
    { 'packages/semantic-conventions/src/a.ts': "import { chalk } from 'chalk';" },
  ],
  'no-circle': [
    {
      'packages/telemetry/src/a.ts': "import { b } from './b.ts'; export const a = b;",
      'packages/telemetry/src/b.ts': "import { a } from './a.ts'; export const b = a;",
    },
    {
      'test/e2e/a.ts': "import './b.ts';",
      'test/e2e/b.ts': "import './c.ts';",
      'test/e2e/c.ts': "export * from './a.ts';",
    },
  ],
  'no-reach-into-a-package': [
    { 'packages/telemetry/src/a.ts': "import { hosts } from '../../nylas-api/src/hosts.ts';" },
    { 'packages/accounts/test/a.test.ts': "import { hosts } from '../../nylas-api/src/index.ts';" },
  ],
  'no-reach-from-above': [
    { 'test/e2e/a.test.ts': "import { hosts } from '../../packages/nylas-api/src/hosts.ts';" },
    { 'examples/express/src/server.ts': "import '../../../packages/telemetry/src/index.ts';" },
  ],
  'packages-stand-alone': [{ 'packages/telemetry/src/a.test.ts': "import '../../../test/e2e/whole.ts';" }],
  'sources-without-tests': [
    { 'packages/nylas-api/src/a.ts': "import { server } from '../test/server.ts';" },
    { 'packages/telemetry/src/a.ts': "import './emitter.test.ts';" },
  ],
  resolvable: [
    { 'packages/telemetry/src/a.ts': "import { b } from './b.ts';" },
    { 'packages/telemetry/src/a.ts': "import { hosts } from '@nylas-otel/nylas-api/src/hosts.ts';" },
    { 'test/e2e/a.ts': "import '@nylas-otel/telemetry/dist/index.mjs';" },
  ],
  declared: [
    { 'packages/accounts/src/a.ts': "import { chalk } from 'chalk';" },
    { 'packages/retry/src/a.test.ts': "import { chalk } from 'chalk';" },
  ],
  'no-dev-dependency': [
    { 'packages/telemetry/src/a.ts': "import { chalk } from 'chalk';" },
    { 'packages/telemetry/src/a.ts': "import type { chalk } from 'chalk';" },
  ],
  'api-is-a-peer': [
    {
      ...manifest('retry', { dependencies: { '@opentelemetry/api': '*' } }),
      'packages/retry/src/a.ts': "import { api } from '@opentelemetry/api';",
    },
  ],
  'no-opentelemetry-core': [
    {
      ...manifest('retry', { dependencies: { '@opentelemetry/core': '*' } }),
      'packages/retry/src/a.ts': "import { core } from '@opentelemetry/core';",
    },
  ],
};

describe('the dependency rules', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'nylas-otel-rules-'));
    write(SOUND);
    mkdirSync(join(root, 'node_modules/@nylas-otel'));
    for (const name of ['semantic-conventions', 'nylas-api', 'telemetry', 'retry', 'accounts']) {
      symlinkSync(join(root, 'packages', name), join(root, 'node_modules/@nylas-otel', name));
    }
  });

  afterEach(() => rmSync(root, { recursive: true }));

  it('have nothing to say of a sound workspace', async () => {
    expect(await brokenRules()).toEqual([]);
  });

  it('are each shown below to be breakable', () => {
    const rules = dependencyRules(root).forbidden?.map((rule) => rule.name);
    expect(Object.keys(BREACHES).sort()).toEqual(rules?.sort());
  });

  const breaches = Object.entries(BREACHES).flatMap(([rule, ways]) => ways.map((files) => ({ rule, files })));
  it.each(breaches)('$rule objects to $files', async ({ rule, files }) => {
    write(files);
    expect(await brokenRules()).toContain(rule);
  });

  it('ask for a floor for every package', () => {
    write(manifest('webmail', {}));
    expect(() => dependencyRules(root)).toThrow('packages/webmail stands on no floor');
  });

  function write(files: Files): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
  }

  async function brokenRules(): Promise<string[]> {
    const { options, ...ruleSet } = dependencyRules(root);
    const folders = ['packages', 'test', 'examples'].filter((folder) => existsSync(join(root, folder)));
    const { output } = await cruise(folders, { ...options, ruleSet, validate: true, baseDir: root });
    return (output as ICruiseResult).summary.violations.map((violation) => violation.rule.name);
  }
});

function manifest(name: string, dependencies: object): Files {
  const exports = { '.': { 'nylas-otel-source': './src/index.ts' } };
  const text = JSON.stringify({ name: `@nylas-otel/${name}`, type: 'module', exports, ...dependencies });
  return { [`packages/${name}/package.json`]: text };
}
