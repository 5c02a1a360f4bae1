import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ended } from './command.ts';
import { PNPM } from './pnpm.ts';

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/**
 * Resolves what the published packages depend on anew, as for somebody who installs them today: by the ranges that they
 * publish, without our lockfile, overrides and extensions. Nothing is installed.
 *
 * @param use Called with the folder that holds the lockfile; the folder is gone when its promise has settled.
 */
export async function withUserLockfile<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'nylas-otel-audit-'));
  try {
    const { catalog = {} } = parse(readFileSync('pnpm-workspace.yaml', 'utf8')) as {
      catalog?: Readonly<Record<string, string>>;
    };
    writeFileSync(join(folder, 'pnpm-workspace.yaml'), 'packages:\n  - packages/*\n');
    writeFileSync(join(folder, 'package.json'), '{ "private": true }');
    for (const name of readdirSync('packages')) {
      const manifest: Manifest = JSON.parse(readFileSync(join('packages', name, 'package.json'), 'utf8'));
      mkdirSync(join(folder, 'packages', name), { recursive: true });
      writeFileSync(
        join(folder, 'packages', name, 'package.json'),
        JSON.stringify({ name: manifest.name, private: true, dependencies: foreign(manifest, catalog) }),
      );
    }
    const [program, ...args] = PNPM;
    const { ok, output } = await ended(program, [...args, '--dir', folder, 'install', '--lockfile-only']);
    if (!ok) throw new Error(`pnpm could not resolve what the packages depend on:\n${output.trim()}`);
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What a package takes from elsewhere, its peers included: npm installs those too. */
export function foreign(
  { dependencies, peerDependencies }: Manifest,
  catalog: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries({ ...peerDependencies, ...dependencies })
      .filter(([, range]) => !range.startsWith('workspace:'))
      .map(([name, range]) => [name, range === 'catalog:' ? (catalog[name] ?? range) : range]),
  );
}
