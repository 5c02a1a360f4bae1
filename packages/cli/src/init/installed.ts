import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A package.json, as far as we read it. */
export interface PackageJson {
  readonly name?: string;
  readonly version?: string;
  readonly type?: string;
  readonly main?: string;
  readonly packageManager?: string;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** Reads a JSON file; undefined where it is missing or no JSON. */
export function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch {
    return undefined;
  }
}

/** The version of a package that code in `folder` gets, from the node_modules folders on the way up. */
export function installedVersion(folder: string, name: string): string | undefined {
  for (let place = folder; ; place = dirname(place)) {
    const version = readJson<PackageJson>(join(place, 'node_modules', name, 'package.json'))?.version;
    if (version !== undefined) return version;
    if (place === dirname(place)) return undefined;
  }
}

/** Compares versions by their three numbers: below 0 where `a` is older. */
export function compareVersions(a: string, b: string): number {
  const numbers = (version: string): number[] => version.split(/[.-]/, 3).map(Number);
  const [left, right] = [numbers(a), numbers(b)];
  for (const index of [0, 1, 2]) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
