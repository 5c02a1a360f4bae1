import { parse } from 'yaml';

/** A version of a package that a pnpm lockfile holds. */
export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** True when a package under `packages/` brings it to its users, however deep. */
  readonly published: boolean;
  /** What its authors say of it when they gave it up, where the registry passes that on. */
  readonly deprecated?: string;
}

/** What we read of a pnpm-lock.yaml. */
interface Lockfile {
  readonly importers?: Readonly<Record<string, Importer>>;
  readonly packages?: Readonly<Record<string, { readonly deprecated?: string }>>;
  readonly snapshots?: Readonly<Record<string, Snapshot>>;
}

interface Importer {
  readonly dependencies?: Readonly<Record<string, { readonly version: string }>>;
  readonly optionalDependencies?: Readonly<Record<string, { readonly version: string }>>;
}

interface Snapshot {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/**
 * Every version that a lockfile holds.
 *
 * @param text A pnpm-lock.yaml, format 9.
 * @throws Error when it holds no package: nothing is then known of what would be installed.
 */
export function lockedPackages(text: string): LockedPackage[] {
  const { importers = {}, packages = {}, snapshots = {} } = parse(text) as Lockfile;
  const published = publishedClosure(importers, snapshots);
  const locked = Object.entries(packages).map(([key, { deprecated }]) => ({
    ...nameAndVersion(key),
    published: published.has(key),
    ...(deprecated === undefined ? {} : { deprecated }),
  }));
  if (locked.length === 0) throw new Error('The lockfile holds no package.');
  return locked;
}

/** Keys of `packages` that the dependencies of the published packages lead to. */
function publishedClosure(
  importers: Readonly<Record<string, Importer>>,
  snapshots: Readonly<Record<string, Snapshot>>,
): Set<string> {
  const seen = new Set<string>();
  const waiting = Object.entries(importers)
    .filter(([path]) => path.startsWith('packages/'))
    .flatMap(([, { dependencies, optionalDependencies }]) =>
      Object.entries({ ...dependencies, ...optionalDependencies }),
    )
    .filter(([, { version }]) => !version.startsWith('link:'))
    .map(([name, { version }]) => snapshotKey(name, version));
  for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
    if (seen.has(key)) continue;
    seen.add(key);
    const { dependencies, optionalDependencies } = snapshots[key] ?? {};
    for (const [name, version] of Object.entries({ ...dependencies, ...optionalDependencies })) {
      waiting.push(snapshotKey(name, version));
    }
  }
  return new Set([...seen].map(withoutPeers));
}

/** `1.2.3(peer@1.0.0)` of a name, or `other@1.2.3` where the name is an alias. */
function snapshotKey(name: string, version: string): string {
  return withoutPeers(version).includes('@') ? version : `${name}@${version}`;
}

function withoutPeers(key: string): string {
  return key.replace(/\(.*$/, '');
}

function nameAndVersion(key: string): { name: string; version: string } {
  const at = key.lastIndexOf('@');
  return { name: key.slice(0, at), version: key.slice(at + 1) };
}
