import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/**
 * Most that a package may weigh in a bundle, without what it depends on: kB (1,000 bytes), minified and gzipped. A table
 * of its own for each, so that one that grows is noticed where it grows.
 */
const BUDGETS: Readonly<Record<string, number>> = {
  'semantic-conventions': 12,
  'nylas-api': 14,
  telemetry: 8,
  instrumentation: 25,
  retry: 18,
  webhooks: 20,
  accounts: 18,
  'prom-client': 8,
  node: 20,
};

/** Packages over their budget, and budgets of packages that are gone. */
export async function checkSizes(): Promise<string[]> {
  const folders = new Set(readdirSync('packages'));
  const sizes = new Map<string, number>();
  for (const name of Object.keys(BUDGETS)) if (folders.has(name)) sizes.set(name, await sizeOf(name));
  return sizeProblems(sizes, BUDGETS);
}

/** What is wrong with packages of these sizes in bytes, given their budgets in kB. */
export function sizeProblems(
  sizes: ReadonlyMap<string, number>,
  budgets: Readonly<Record<string, number>>,
): string[] {
  return Object.entries(budgets).flatMap(([name, budget]) => {
    const size = sizes.get(name);
    if (size === undefined)
      return [`${name}: no such package. Take it off the list in test/checks/sizes.ts.`];
    if (size <= budget * 1_000) return [];
    return [
      `${name}: ${(size / 1_000).toFixed(1)} kB gzipped, over its ${budget} kB. Make it smaller, or say why not in test/checks/sizes.ts.`,
    ];
  });
}

async function sizeOf(name: string): Promise<number> {
  const folder = join('packages', name);
  const { dependencies = {}, peerDependencies = {} } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  ) as { dependencies?: Record<string, string>; peerDependencies?: Record<string, string> };
  const { outputFiles } = await build({
    entryPoints: [join(folder, 'src/index.ts')],
    bundle: true,
    minify: true,
    write: false,
    platform: 'node',
    format: 'esm',
    external: Object.keys({ ...dependencies, ...peerDependencies }),
    logLevel: 'silent',
  });
  return gzipSync(outputFiles[0]?.contents ?? '').length;
}
