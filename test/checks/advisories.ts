import { satisfies } from 'semver';
import type { LockedPackage } from './lockfile-packages.ts';

/** Something known to be wrong with versions of a package. */
export interface Advisory {
  readonly package: string;
  /** As GitHub's advisory database names it: `GHSA-…`. */
  readonly id: string;
  readonly severity: Severity;
  /** A range as npm writes them. */
  readonly vulnerable: string;
  /** The first sound version of the newest line we may use; null where there is none. */
  readonly patched: string | null;
  readonly source: string;
  /** Day, as 2026-11-26. */
  readonly lookedUp: string;
}

export type Severity = 'low' | 'moderate' | 'high' | 'critical';

/** An advisory that we live with, for versions of a package that no user of ours gets from us. */
export interface AdvisoryException {
  readonly id: string;
  readonly package: string;
  readonly versions: string;
  readonly reason: string;
  /** The last day it holds, as 2027-02-28. */
  readonly until: string;
}

/** What packages are held against. */
export interface Known {
  readonly advisories: readonly Advisory[];
  readonly exceptions: readonly AdvisoryException[];
  /** Today, as 2026-11-26. */
  readonly today: string;
}

/**
 * What is known to be wrong with these packages. In what users of ours install nothing may be: neither a low advisory nor one
 * that has an exception. In our tools and tests it counts from moderate on, unless an exception names it.
 */
export function advisoryProblems(packages: readonly LockedPackage[], known: Known): string[] {
  return packages.flatMap((locked) =>
    known.advisories
      .filter((advisory) => affects(advisory, locked))
      .filter(({ severity }) => locked.published || severity !== 'low')
      .filter((advisory) => locked.published || !isExcepted(advisory.id, locked, known))
      .map((advisory) => said(advisory, locked)),
  );
}

/** Exceptions that have ended, or that nothing needs any longer: a list that only grows hides what is new. */
export function exceptionProblems(packages: readonly LockedPackage[], known: Known): string[] {
  return known.exceptions.flatMap((exception) => {
    const needed = packages.some(
      (locked) =>
        isOf(exception, locked) &&
        known.advisories.some((advisory) => advisory.id === exception.id && affects(advisory, locked)),
    );
    const name = `${exception.id} of ${exception.package}`;
    if (!needed) return [`The exception for ${name} is needed by nothing: take it off the list.`];
    if (exception.until < known.today)
      return [`The exception for ${name} ended on ${exception.until}: look again, mend it or say why not.`];
    return [];
  });
}

/** True when an exception that has not ended names this advisory for this version. */
function isExcepted(
  id: string,
  locked: { readonly name: string; readonly version: string },
  { exceptions, today }: Pick<Known, 'exceptions' | 'today'>,
): boolean {
  return exceptions.some(
    (exception) => exception.id === id && isOf(exception, locked) && exception.until >= today,
  );
}

function affects(advisory: Advisory, { name, version }: LockedPackage): boolean {
  return advisory.package === name && satisfies(version, advisory.vulnerable, { includePrerelease: true });
}

function isOf(exception: AdvisoryException, locked: { name: string; version: string }): boolean {
  return exception.package === locked.name && satisfies(locked.version, exception.versions);
}

function said(
  { id, severity, patched, source }: Advisory,
  { name, version, published }: LockedPackage,
): string {
  const where = published ? 'a published package brings it' : 'a tool or test of ours brings it';
  const remedy = patched === null ? 'nothing is patched yet' : `patched in ${patched}`;
  return `${name} ${version} has ${id} (${severity}; ${where}; ${remedy}): ${source}`;
}
