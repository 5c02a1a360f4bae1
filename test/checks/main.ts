/**
 * The static checks. `test/check.mjs` starts it with the workspace's Node, in the workspace's root and with its tools
 * first on the PATH. Arguments are names of checks: without any, all run.
 */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { checkApiReports } from './api-reports.ts';
import { checkAudit } from './audit.ts';
import { type Check, type Outcome, runChecks } from './check.ts';
import { command } from './command.ts';
import { checkFileLengths } from './file-length.ts';
import { checkLicences } from './licences.ts';
import { checkManifests } from './manifests.ts';
import { PNPM } from './pnpm.ts';
import { checkSizes } from './sizes.ts';
import { checkTarballs } from './tarballs.ts';
import { checkWorkflows } from './workflows.ts';

/** Long ones first: two cores share them better so. */
const CHECKS: readonly Check[] = [
  { name: 'build', run: () => command('tsdown', '--logLevel', 'warn') },
  { name: 'dependency-rules', run: () => command('depcruise', ...sourceFolders()) },
  { name: 'tarballs', after: 'build', run: checkTarballs },
  { name: 'api-reports', after: 'build', run: () => checkApiReports() },
  { name: 'audit', run: checkAudit },
  { name: 'unused', run: () => command('knip', '--no-progress', '--no-config-hints') },
  { name: 'types', run: () => command('tsc', '--noEmit') },
  { name: 'lockfile', run: () => command(...PNPM, 'install', '--frozen-lockfile', '--lockfile-only') },
  { name: 'licences', run: checkLicences },
  { name: 'style', run: () => command('biome', 'check', '--error-on-warnings', '.') },
  {
    name: 'docs',
    run: () => command('node', 'packages/semantic-conventions/scripts/write-reference.ts', '--check'),
  },
  { name: 'reference', run: () => command('node', 'test/docs/write-reference.ts', '--check') },
  { name: 'workflows', run: checkWorkflows },
  { name: 'manifests', run: checkManifests },
  { name: 'file-length', run: checkFileLengths },
  { name: 'sizes', run: checkSizes },
];

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !CHECKS.some((check) => check.name === name));
if (unknown.length > 0) {
  console.error(
    `No check is called ${unknown.join(', ')}. There are: ${CHECKS.map(({ name }) => name).join(', ')}.`,
  );
  process.exit(2);
}

const checks = CHECKS.filter(({ name }) => chosen.length === 0 || chosen.includes(name));
const outcomes = await runChecks(checks, availableParallelism(), tell);
const failed = outcomes.filter(({ problems }) => problems.length > 0);
console.log(`\nchecks: ${outcomes.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 && outcomes.length === checks.length ? 0 : 1;

function sourceFolders(): string[] {
  return ['packages', 'examples', 'grafana', 'test'].filter((folder) => existsSync(folder));
}

function tell({ name, problems, notes, seconds }: Outcome): void {
  const mark = problems.length === 0 ? '✓' : '✗';
  console.log(`${mark} ${name.padEnd(20)} ${seconds.toFixed(1).padStart(6)} s`);
  for (const line of [...problems, ...notes]) console.log(line.trimEnd().replaceAll(/^/gm, '    '));
}
