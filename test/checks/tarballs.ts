import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { command, ended } from './command.ts';
import { PNPM } from './pnpm.ts';

/** What `pnpm pack --json` says of a package it packed. */
export interface Packed {
  readonly name: string;
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

const PUBLISHED = /^(dist\/.+|package\.json|README\.md|LICENSE)$/;

/** Packs every package as for a release and holds the tarballs to what their users need of them. */
export async function checkTarballs(): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'nylas-otel-tarballs-'));
  try {
    const problems: string[] = [];
    for (const packed of await pack(folder)) problems.push(...(await tarballProblems(packed)));
    return problems;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * Packs packages as for a release.
 *
 * @param folder Where the tarballs go.
 * @param filter Which packages, as pnpm is told; by default every one.
 * @throws Error when pnpm cannot pack, or a package was not built.
 */
export async function pack(
  folder: string,
  filter: readonly string[] = ['--filter', './packages/*'],
): Promise<Packed[]> {
  const [program, ...args] = PNPM;
  const { ok, stdout, output } = await ended(program, [
    ...args,
    '--recursive',
    ...filter,
    'pack',
    '--json',
    '--pack-destination',
    folder,
  ]);
  if (!ok) throw new Error(`pnpm pack failed:\n${output}`);
  const packed: Packed[] = JSON.parse(stdout);
  const unbuilt = packed.filter(({ files }) => !files.some(({ path }) => path.startsWith('dist/')));
  if (unbuilt.length > 0) {
    throw new Error(`${unbuilt.map(({ name }) => name).join(', ')} not built. Run npm run build first.`);
  }
  return packed;
}

async function tarballProblems(packed: Packed): Promise<string[]> {
  const { messages, pkg } = await publint({ pack: { tarball: bytesOf(packed.filename) }, strict: true });
  const { stdout } = await ended('tar', ['-xzOf', packed.filename, 'package/package.json']);
  return [
    ...contentProblems(packed, stdout),
    ...messages.map((message) => `${packed.name}: publint: ${formatMessage(message, pkg, { color: false })}`),
    ...(await command('attw', packed.filename, '--profile', profileOf(stdout), '--no-color', '--no-emoji')),
  ];
}

/** What is missing from a tarball with this package.json, and what does not belong there. */
export function contentProblems({ name, filename, files }: Packed, manifest: string): string[] {
  const paths = files.map(({ path }) => path);
  const problems: string[] = [];
  for (const path of paths.filter((path) => !PUBLISHED.test(path)))
    problems.push(`${path} is not to be published`);
  const common = isEsmOnly(manifest) ? [] : ['dist/index.cjs'];
  for (const path of ['README.md', 'LICENSE', 'package.json', 'dist/index.mjs', ...common]) {
    if (!paths.includes(path)) problems.push(`${path} is not in it`);
  }
  for (const word of ['"workspace:', '"catalog:', 'nylas-otel-source']) {
    if (manifest.includes(word)) problems.push(`its package.json still says ${word.replace('"', '')}`);
  }
  return problems.map((problem) => `${name} (${basename(filename)}): ${problem}.`);
}

/** True for a package that names no file for `require`: the command, which nobody requires. */
function isEsmOnly(manifest: string): boolean {
  return manifest.includes('"exports":') && !manifest.includes('"require":');
}

function profileOf(manifest: string): string {
  return isEsmOnly(manifest) ? 'esm-only' : 'node16';
}

function bytesOf(path: string): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = readFileSync(path);
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}
