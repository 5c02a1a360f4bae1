import { ended } from './command.ts';
import { PNPM } from './pnpm.ts';

/** Licences whose code may come with a package of ours. */
const ALLOWED: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  '(MIT OR CC0-1.0)',
]);

/** What pnpm lists: the packages by licence. */
type LicenceReport = Readonly<Record<string, readonly { name: string; versions: readonly string[] }[]>>;

/** Dependencies that come with a package and have a licence that is not on the list. */
export async function checkLicences(): Promise<string[]> {
  const [program, ...args] = PNPM;
  const { ok, stdout, output } = await ended(program, [
    ...args,
    'licenses',
    'list',
    '--prod',
    '--json',
    '--filter',
    './packages/*',
  ]);
  return ok ? licenceProblems(JSON.parse(stdout)) : [output];
}

/** What is wrong with these licences. An empty report is wrong too: there are dependencies. */
export function licenceProblems(report: LicenceReport): string[] {
  const listed = Object.entries(report);
  if (listed.length === 0) return ['pnpm listed no dependency at all.'];
  return listed
    .filter(([licence]) => !isAllowed(licence))
    .flatMap(([licence, packages]) =>
      packages.map(
        ({ name, versions }) =>
          `${name} ${versions.join(', ')} is under ${licence}, which test/checks/licences.ts does not allow.`,
      ),
    );
}

/** "MIT OR CC0-1.0" (SPDX) leaves the choice to who takes it. */
function isAllowed(licence: string): boolean {
  return licence
    .replaceAll(/[()]/g, '')
    .split(' OR ')
    .some((alternative) => ALLOWED.has(alternative));
}
