/**
 * Whether anything known to be vulnerable, or given up by its authors, comes with what we publish or runs in our tools.
 *
 * The registry is asked by `pnpm audit`, for our lockfile and for what a user of the packages would get today. Both are also
 * held against `advisories.json`, which stands in where a registry has no advisories to give: it lists what public audit reports
 * told of packages in our tree up to the day an entry names, and nothing newer.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import advisories from './advisories.json' with { type: 'json' };
import {
  type Advisory,
  type AdvisoryException,
  advisoryProblems,
  exceptionProblems,
  type Known,
} from './advisories.ts';
import exceptions from './advisory-exceptions.json' with { type: 'json' };
import type { Findings } from './check.ts';
import { ended } from './command.ts';
import { type LockedPackage, lockedPackages } from './lockfile-packages.ts';
import { PNPM } from './pnpm.ts';
import { askRegistry, type RegistryAnswer } from './registry-audit.ts';
import { withUserLockfile } from './user-lockfile.ts';

/** Given up since 2020: a registry that does not say so of it says so of nothing. */
const GIVEN_UP = 'request@2.88.2';

/** What is wrong with our dependencies, and what could not be found out. */
export async function checkAudit(): Promise<Findings> {
  const known: Known = {
    advisories: advisories as Advisory[],
    exceptions: exceptions as AdvisoryException[],
    today: new Date().toISOString().slice(0, 10),
  };
  const ours = lockedPackages(readFileSync('pnpm-lock.yaml', 'utf8'));
  const asked = askRegistry('.');
  const [answer, user, saysDeprecated] = await Promise.all([
    asked,
    withUserLockfile(async (folder) => ({
      packages: lockedPackages(readFileSync(join(folder, 'pnpm-lock.yaml'), 'utf8')),
      answer: 'noEndpoint' in (await asked) ? await asked : await askRegistry(folder),
    })),
    registrySaysDeprecated(),
  ]);
  const problems = [
    ...reportedProblems(answer, (severity) => severity !== 'low' && severity !== 'info'),
    ...reportedProblems(user.answer, () => true),
    ...advisoryProblems(ours, known),
    ...advisoryProblems(user.packages, known),
    ...exceptionProblems(ours, known),
    ...deprecationProblems(user.packages),
    ...ignoredProblems(readFileSync('pnpm-workspace.yaml', 'utf8'), known.exceptions),
    ...untoldProblems(readFileSync('docs/SECURITY.md', 'utf8'), known.exceptions),
  ];
  const notes = [
    ...('noEndpoint' in answer ? [notAsked(answer.noEndpoint, known.advisories)] : []),
    ...(saysDeprecated
      ? []
      : ['The registry does not say which packages are deprecated: that was not checked.']),
  ];
  return { problems: [...new Set(problems)], notes };
}

/** What the registry reported, from the severity on that `counts` says. */
export function reportedProblems(answer: RegistryAnswer, counts: (severity: string) => boolean): string[] {
  if ('noEndpoint' in answer) return [];
  return answer.advisories
    .filter(({ severity }) => counts(severity))
    .map(({ name, version, id, severity, url }) => `${name} ${version} has ${id} (${severity}): ${url}`);
}

/** Packages that come to our users although their authors gave them up. */
export function deprecationProblems(packages: readonly LockedPackage[]): string[] {
  return packages
    .filter(({ published, deprecated }) => published && deprecated !== undefined)
    .map(({ name, version, deprecated }) => `${name} ${version} is deprecated: ${deprecated}`);
}

/** Where pnpm is told to pass over something else than what has an exception. */
export function ignoredProblems(workspace: string, excepted: readonly AdvisoryException[]): string[] {
  const { auditConfig } = parse(workspace) as { auditConfig?: { ignoreGhsas?: readonly string[] } };
  const ignored = new Set(auditConfig?.ignoreGhsas);
  const wanted = new Set(excepted.map(({ id }) => id));
  const one = [...ignored].filter((id) => !wanted.has(id));
  const other = [...wanted].filter((id) => !ignored.has(id));
  return [
    ...one.map((id) => `pnpm-workspace.yaml ignores ${id}, which has no exception.`),
    ...other.map((id) => `${id} has an exception, and pnpm-workspace.yaml does not ignore it.`),
  ];
}

/** Exceptions that the page on security does not show. */
export function untoldProblems(page: string, excepted: readonly AdvisoryException[]): string[] {
  return excepted
    .filter(({ id, until }) => !page.split('\n').some((line) => line.includes(id) && line.includes(until)))
    .map(({ id, until }) => `docs/SECURITY.md does not say that ${id} has an exception until ${until}.`);
}

function notAsked(status: number, list: readonly Advisory[]): string {
  const last = list
    .map(({ lookedUp }) => lookedUp)
    .sort()
    .at(-1);
  return (
    `The registry has no audit endpoint (it answers ${status}): nobody was asked about new advisories. ` +
    `Held against the ${list.length} of test/checks/advisories.json, looked up on ${last}.`
  );
}

async function registrySaysDeprecated(): Promise<boolean> {
  const [program, ...args] = PNPM;
  const { ok, stdout, output } = await ended(program, [...args, 'view', GIVEN_UP, 'deprecated']);
  if (!ok) throw new Error(`pnpm view failed:\n${output.trim()}`);
  return stdout.trim() !== '';
}
