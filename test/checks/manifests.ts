import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SOURCE_CONDITION = 'nylas-otel-source';
const API = '@opentelemetry/api';

/** What we read of a package.json. */
export interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly description?: string;
  readonly license?: string;
  readonly engines?: { readonly node?: string };
  readonly exports?: Exports;
  readonly publishConfig?: { readonly exports?: Exports };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

type Exports = { readonly [condition: string]: string | Exports };

/** The files of a package that its manifest must agree with. */
export interface PackageFiles {
  readonly manifest: Manifest;
  /** `src/version.ts`, where the package says its version in what it emits. */
  readonly versionSource?: string | undefined;
  readonly licence?: string | undefined;
}

/** What the manifests of the packages say wrong, alone and among each other. */
export async function checkManifests(): Promise<string[]> {
  const licence = readFileSync('LICENSE', 'utf8');
  const packages = readdirSync('packages').map((folder) => {
    const path = join('packages', folder);
    return {
      manifest: JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as Manifest,
      versionSource: readIfThere(join(path, 'src/version.ts')),
      licence: readIfThere(join(path, 'LICENSE')),
    };
  });
  return [...packages.flatMap((files) => manifestProblems(files, licence)), ...versionProblems(packages)];
}

/** What one package says wrong, given the text of the workspace's licence. */
export function manifestProblems(
  { manifest, versionSource, licence }: PackageFiles,
  ourLicence: string,
): string[] {
  const problems: string[] = [];
  const published = JSON.stringify(manifest.publishConfig?.exports);
  if (published !== JSON.stringify(withoutSources(manifest.exports ?? {}))) {
    problems.push(`publishConfig.exports is not exports without "${SOURCE_CONDITION}"`);
  }
  if (manifest.dependencies?.[API])
    problems.push(`${API} is a dependency: it must be a peer, and nothing else`);
  const range = manifest.peerDependencies?.[API];
  if (range && !/^\^1\.\d+\.\d+$/.test(range))
    problems.push(`the peer range of ${API} is ${range}, not ^1.x.y`);
  if (!manifest.description) problems.push('it has no description');
  if (!manifest.engines?.node) problems.push('it does not say which Node it needs');
  if (manifest.license !== 'Apache-2.0') problems.push('its license is not Apache-2.0');
  if (licence !== ourLicence) problems.push("its LICENSE is not the workspace's");
  if (versionSource && !versionSource.includes(`'${manifest.version}'`)) {
    problems.push(`src/version.ts does not say ${manifest.version}`);
  }
  return problems.map((problem) => `${manifest.name}: ${problem}.`);
}

/** Packages that are released together have one version. */
export function versionProblems(packages: readonly PackageFiles[]): string[] {
  const versions = new Set(packages.map(({ manifest }) => manifest.version));
  return versions.size === 1
    ? []
    : [`The packages are released together, yet stand at ${[...versions].join(', ')}.`];
}

function withoutSources(exports: Exports): Exports {
  return Object.fromEntries(
    Object.entries(exports)
      .filter(([condition]) => condition !== SOURCE_CONDITION)
      .map(([condition, target]) => [
        condition,
        typeof target === 'string' ? target : withoutSources(target),
      ]),
  );
}

function readIfThere(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
