import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pack } from '../checks/tarballs.ts';

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const root = resolve(import.meta.dirname, '../..');

/** The oldest Node that a package may ask for, by its `engines`, and where it is installed. */
const OLDEST_NODE: Readonly<Record<string, string>> = {
  '>=20.19': nodeIn(require.resolve('node-20.19/package.json')),
  '>=22.12': nodeIn(require.resolve('node-22.12/package.json')),
  '>=22.15': nodeIn(require.resolve('node-22.15/package.json')),
};

const packages = readdirSync(join(root, 'packages')).map((folder) => {
  const path = join(root, 'packages', folder);
  const manifest = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
  return { name: manifest.name as string, engines: manifest.engines.node as string, manifest, path };
});

describe('a package as it is published', () => {
  let app: string;

  beforeAll(async () => {
    app = mkdtempSync(join(tmpdir(), 'nylas-otel-published-'));
    const tarballs = await pack(app);
    for (const { name, manifest, path } of packages) {
      const tarball = tarballs.find((packed) => packed.name === name);
      if (!tarball) throw new Error(`${name} was not packed.`);
      const installed = join(app, 'node_modules', name);
      mkdirSync(installed, { recursive: true });
      await run('tar', ['-xzf', tarball.filename, '--strip-components=1', '-C', installed]);
      linkDependencies(manifest, join(path, 'node_modules'), join(installed, 'node_modules'));
    }
  });

  afterAll(() => rmSync(app, { recursive: true, force: true }));

  it.each(packages)(
    '$name is imported and required alike on the oldest Node it allows ($engines)',
    async ({ name, engines }) => {
      const node = OLDEST_NODE[engines];
      if (!node)
        throw new Error(`Add the oldest Node of "${engines}" to test/package/package.json and its test.`);
      const script = `
      const names = (namespace) => Object.keys(namespace).filter((name) => !['default', 'module.exports'].includes(name));
      import('${name}').then((esm) => console.log(JSON.stringify([names(esm), names(require('${name}'))])));`;
      const { stdout, stderr } = await run(node, ['-e', script], { cwd: app });
      const [imported, required] = JSON.parse(stdout);
      expect(imported.length).toBeGreaterThan(0);
      expect(required.sort()).toEqual(imported.sort());
      // Node 22.15 says of an ES module that is required from outside of node_modules that this is new.
      expect(stderr.replace(/^.*ExperimentalWarning: CommonJS module .*\n.*--trace-warnings.*\n/, '')).toBe(
        '',
      );
    },
  );
});

/** What npm would install beside the package, from what the workspace installed; packages of ours come packed. */
function linkDependencies(
  manifest: { dependencies?: object; peerDependencies?: object },
  from: string,
  to: string,
): void {
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
    if (name.startsWith('@nylas-otel/')) continue;
    mkdirSync(dirname(join(to, name)), { recursive: true });
    symlinkSync(join(from, name), join(to, name));
  }
}

function nodeIn(manifest: string): string {
  return join(dirname(manifest), 'bin/node');
}
