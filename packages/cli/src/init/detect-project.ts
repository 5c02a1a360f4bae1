import { type Dirent, existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, extname, join, relative } from 'node:path';
import { installedVersion, type PackageJson, readJson } from './installed.ts';

/** The web framework of a project. */
export type Framework = 'nest' | 'next' | 'express' | 'fastify' | 'koa' | 'hono' | 'none';
/** How a project's files are loaded. */
export type ModuleSystem = 'esm' | 'commonjs';
/** Which OpenTelemetry there is: a line of the JavaScript SDK, or none. */
export type OpenTelemetryLine = '3.x' | '2.x' | '1.x' | 'none';

/** A place in a source file. */
export interface Place {
  /** From the project's folder. */
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** What was found of a project. */
export interface Project {
  readonly name: string | undefined;
  readonly framework: Framework;
  readonly modules: ModuleSystem;
  readonly typescript: boolean;
  readonly openTelemetry: OpenTelemetryLine;
  readonly promClient: boolean;
  /** Version of the `nylas` package. */
  readonly nylas: string | undefined;
  readonly packageManager: 'npm' | 'pnpm' | 'yarn' | 'bun';
  /** The file that starts the service. */
  readonly entry: string | undefined;
  /** Where an SDK of OpenTelemetry is made. */
  readonly sdkPlace: Place | undefined;
  /** Where the application of the framework is made. */
  readonly appPlace: Place | undefined;
  /** Where bodies are parsed: webhooks must be mounted before. */
  readonly parserPlace: Place | undefined;
  /** Where the start script is: `package.json` and its line. */
  readonly startScript: (Place & { readonly name: string }) | undefined;
}

const FRAMEWORKS: readonly (readonly [name: string, framework: Framework, pattern: RegExp])[] = [
  ['@nestjs/core', 'nest', /NestFactory\.create/],
  ['next', 'next', /$^/],
  ['express', 'express', /=\s*express\(\s*\)/],
  ['fastify', 'fastify', /=\s*(?:await\s+)?(?:Fastify|fastify)\(/],
  ['koa', 'koa', /=\s*new Koa\(/],
  ['hono', 'hono', /=\s*new Hono\b/],
];
const PARSER = /express\.(json|urlencoded|raw|text)\(|bodyParser\.|koa-?[bB]ody|bodyparser\(/;
const SDK = /new NodeSDK\(|registerInstrumentations\(/;

/** Looks at the project in `folder`; undefined where there is no package.json. */
export function detectProject(folder: string): Project | undefined {
  const manifestPath = join(folder, 'package.json');
  const manifest = readJson<PackageJson>(manifestPath);
  if (manifest === undefined) return undefined;
  const has = (name: string): boolean =>
    manifest.dependencies?.[name] !== undefined || manifest.devDependencies?.[name] !== undefined;
  const found = FRAMEWORKS.find(([name]) => has(name));
  const sources = sourceFiles(folder);
  const entry = entryOf(folder, manifest);
  const startScript = startOf(manifestPath, manifest);
  return {
    name: manifest.name,
    framework: found?.[1] ?? 'none',
    modules: modulesOf(folder, manifest, entry),
    typescript: has('typescript') || (entry?.endsWith('ts') ?? false),
    openTelemetry: lineOf(folder, manifest),
    promClient: has('prom-client'),
    nylas: installedVersion(folder, 'nylas') ?? rangeVersion(manifest.dependencies?.nylas),
    packageManager: packageManagerOf(folder, manifest),
    entry,
    sdkPlace: findPlace(folder, sources, SDK),
    appPlace: found === undefined ? undefined : findPlace(folder, sources, found[2]),
    parserPlace: findPlace(folder, sources, PARSER),
    startScript,
  };
}

function lineOf(folder: string, { dependencies, devDependencies }: PackageJson): OpenTelemetryLine {
  for (const name of ['sdk-node', 'instrumentation', 'auto-instrumentations-node', 'exporter-prometheus']) {
    const full = `@opentelemetry/${name}`;
    const version =
      installedVersion(folder, full) ?? rangeVersion(dependencies?.[full] ?? devDependencies?.[full]);
    if (version === undefined) continue;
    const [major = 0, minor = 0] = version.split('.').map(Number);
    if (name === 'auto-instrumentations-node') return minor >= 80 ? '3.x' : minor >= 57 ? '2.x' : '1.x';
    if (major >= 1 || minor >= 300) return '3.x';
    return minor >= 200 ? '2.x' : '1.x';
  }
  for (const name of ['sdk-metrics', 'sdk-trace-node', 'sdk-trace-base', 'sdk-trace']) {
    const full = `@opentelemetry/${name}`;
    const version =
      installedVersion(folder, full) ?? rangeVersion(dependencies?.[full] ?? devDependencies?.[full]);
    if (version !== undefined) return `${version.split('.')[0]}.x` as OpenTelemetryLine;
  }
  return 'none';
}

function rangeVersion(range: string | undefined): string | undefined {
  return range === undefined ? undefined : /\d+\.\d+\.\d+/.exec(range)?.[0];
}

function packageManagerOf(folder: string, { packageManager }: PackageJson): Project['packageManager'] {
  const named = /^(npm|pnpm|yarn|bun)@/.exec(packageManager ?? '')?.[1];
  if (named !== undefined) return named as Project['packageManager'];
  for (let place = folder; ; place = dirname(place)) {
    if (existsSync(join(place, 'pnpm-lock.yaml'))) return 'pnpm';
    if (existsSync(join(place, 'yarn.lock'))) return 'yarn';
    if (existsSync(join(place, 'bun.lock')) || existsSync(join(place, 'bun.lockb'))) return 'bun';
    if (existsSync(join(place, 'package-lock.json')) || place === dirname(place)) return 'npm';
  }
}

const ENTRIES = ['server', 'main', 'index', 'app'].flatMap((name) =>
  ['src/', ''].flatMap((prefix) =>
    ['.ts', '.mts', '.cts', '.mjs', '.js', '.cjs'].map((suffix) => `${prefix}${name}${suffix}`),
  ),
);

function entryOf(folder: string, { main, scripts }: PackageJson): string | undefined {
  const ofScript = /(?:node|tsx|ts-node|nodemon)\s[^&|]*?([\w./-]+\.[cm]?[jt]s)\b/.exec(
    scripts?.start ?? scripts?.dev ?? '',
  )?.[1];
  const candidates = [ofScript, main, ...ENTRIES].filter((path) => path !== undefined);
  return candidates.find((path) => existsSync(join(folder, path)) && extname(path) !== '.json');
}

function modulesOf(folder: string, { type }: PackageJson, entry: string | undefined): ModuleSystem {
  const extension = extname(entry ?? '');
  if (extension.startsWith('.m')) return 'esm';
  if (extension.startsWith('.c')) return 'commonjs';
  if (type === 'module') return 'esm';
  // TypeScript with imports is compiled to what tsconfig says.
  const tsconfig = readText(join(folder, 'tsconfig.json'));
  return /"module"\s*:\s*"(es|preserve)/i.test(tsconfig ?? '') ? 'esm' : 'commonjs';
}

function startOf(path: string, { scripts }: PackageJson): Project['startScript'] {
  const name = ['start', 'start:prod', 'serve', 'dev'].find(
    (candidate) => scripts?.[candidate] !== undefined,
  );
  if (name === undefined) return undefined;
  const lines = (readText(path) ?? '').split('\n');
  const index = lines.findIndex((line) => line.trimStart().startsWith(`"${name}":`));
  return { name, file: 'package.json', line: index + 1, text: scripts?.[name] ?? '' };
}

const SOURCE = /\.[cm]?[jt]sx?$/;
const NOT_SOURCES = new Set([
  'node_modules',
  'dist',
  'build',
  'coverage',
  '.git',
  '.next',
  'test',
  'tests',
  '__tests__',
]);
const MOST_FILES = 2_000;

function sourceFiles(folder: string): string[] {
  const files: string[] = [];
  const walk = (place: string, depth: number): void => {
    let entries: Dirent[] = [];
    try {
      entries = readdirSync(place, { withFileTypes: true });
    } catch {
      return;
    }
    for (const entry of entries) {
      if (files.length >= MOST_FILES) return;
      const path = join(place, entry.name);
      if (entry.isDirectory() && depth < 6 && !NOT_SOURCES.has(entry.name)) walk(path, depth + 1);
      else if (entry.isFile() && SOURCE.test(entry.name) && !/\.(test|spec|d)\./.test(entry.name))
        files.push(path);
    }
  };
  walk(folder, 0);
  return files;
}

function findPlace(folder: string, files: readonly string[], pattern: RegExp): Place | undefined {
  for (const file of files) {
    const lines = (readText(file) ?? '').split('\n');
    const index = lines.findIndex((line) => pattern.test(line) && !/^\s*(\/\/|\*)/.test(line));
    if (index >= 0)
      return { file: relative(folder, file), line: index + 1, text: (lines[index] as string).trim() };
  }
  return undefined;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
