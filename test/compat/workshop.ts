import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { pack } from '../checks/tarballs.ts';
import { type NodeVersion, type OpenTelemetryLine, type SdkVersion, TOOLS, type ToolName } from './axes.ts';
import type { Style } from './styles.ts';

const run = promisify(execFile);
const CACHE = join(import.meta.dirname, '.cache');
const FIXTURES = join(import.meta.dirname, 'fixtures');

/** An application as a user has it: OpenTelemetry and the SDK from npm, our packages from tarballs. */
export interface Application {
  readonly line: OpenTelemetryLine;
  readonly sdk: SdkVersion;
  readonly folder: string;
}

/** Where Nodes, tools and applications are installed; nothing of it is the workspace's. */
export class Workshop {
  readonly #tarballs: ReadonlyMap<string, string>;

  private constructor(tarballs: ReadonlyMap<string, string>) {
    this.#tarballs = tarballs;
  }

  /** Packs our packages unless those of the last run are kept, and installs the Nodes and tools that are not there yet. */
  static async open(
    nodes: readonly NodeVersion[],
    tools: readonly ToolName[],
    keepTarballs: boolean,
  ): Promise<Workshop> {
    const tarballs = await packed(keepTarballs);
    for (const version of nodes) await install(join(CACHE, `node-${version}`), { node: version });
    for (const tool of tools) await install(join(CACHE, `tool-${tool}`), { [tool]: TOOLS[tool] });
    return new Workshop(tarballs);
  }

  /** The binary of a Node. */
  node(version: NodeVersion): string {
    return join(CACHE, `node-${version}`, 'node_modules/node/bin/node');
  }

  /** A file of a tool, to be run by some Node. */
  tool(tool: ToolName, path: string): string {
    return join(CACHE, `tool-${tool}`, 'node_modules', tool, path);
  }

  /** Runs a program of a tool. */
  async run(program: string, args: readonly string[], cwd: string): Promise<void> {
    await run(program, [...args], { cwd }).catch((error: { stdout?: string; stderr?: string }) => {
      throw new Error(`${basename(program)} failed:\n${error.stdout ?? ''}${error.stderr ?? ''}`);
    });
  }

  /** Installs an application with `npm install`, as its user would (anew for other tarballs), and compiles it. */
  async application(line: OpenTelemetryLine, sdk: SdkVersion, style: Style): Promise<Application> {
    const beside = style.packages ?? {};
    const names = [style.fixture ?? 'app', line.name, 'nylas', sdk, ...Object.keys(beside).slice(0, 1)];
    const folder = join(CACHE, names.join('-').replaceAll(/[@/]/g, ''));
    const ours = [...this.#tarballs].filter(([name]) => line.name === '3.x' || !NEEDS_3X.has(name));
    await install(
      folder,
      {
        ...line.packages,
        ...beside,
        '@types/node': '24.10.1',
        nylas: sdk,
        ...Object.fromEntries(ours.map(([name, file]) => [name, `file:${file}`])),
      },
      contentOf(ours.map(([, file]) => file)),
    );
    cpSync(join(FIXTURES, 'app'), folder, { recursive: true });
    if (style.fixture !== undefined) cpSync(join(FIXTURES, style.fixture), folder, { recursive: true });
    const application = { line, sdk, folder };
    await style.prepare?.(application, this);
    return application;
  }
}

/** Packages of ours that bring OpenTelemetry 3.x themselves, or stand on those that do. */
const NEEDS_3X: ReadonlySet<string> = new Set(['@nylas-otel/node', '@nylas-otel/cli']);

async function packed(keep: boolean): Promise<ReadonlyMap<string, string>> {
  const folder = join(CACHE, 'tarballs');
  const list = join(folder, 'packed.json');
  if (!keep || !existsSync(list)) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const names = (await pack(folder)).map(({ name, filename }) => [name, filename]);
    writeFileSync(list, JSON.stringify(names));
  }
  return new Map(JSON.parse(readFileSync(list, 'utf8')) as [string, string][]);
}

async function install(
  folder: string,
  dependencies: Readonly<Record<string, string>>,
  content = '',
): Promise<void> {
  const manifest = join(folder, 'package.json');
  const wanted = JSON.stringify({ private: true, dependencies, content });
  // Written when all is there: an install that was cut off is begun again.
  const installed = join(folder, 'installed.json');
  if (existsSync(installed) && readFileSync(installed, 'utf8') === wanted) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(manifest, wanted);
  try {
    await run('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'], {
      cwd: folder,
    });
    writeFileSync(installed, wanted);
  } catch (error) {
    throw new Error(
      `npm install of ${basename(folder)} failed:\n${(error as { stderr?: string }).stderr ?? error}`,
    );
  }
}

function contentOf(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex');
}
