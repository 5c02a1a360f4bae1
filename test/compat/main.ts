/**
 * `npm run test:compat`: the whole matrix, and the page that shows it. `-- --resume` goes on with the packages and the results
 * of the last run: only what failed or was not run. `--only TEXT` runs what has TEXT in its label.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { combinations } from './matrix.ts';
import { NEIGHBOURS } from './neighbours.ts';
import { compatibilityPage } from './page.ts';
import { Results } from './results.ts';
import { matrixJobs, neighbourJobs, runJobs } from './run-matrix.ts';

const { resume, only } = parseArgs({
  options: { resume: { type: 'boolean', default: false }, only: { type: 'string', default: '' } },
}).values;
const all = combinations();
const jobs = [...matrixJobs(all), ...neighbourJobs(NEIGHBOURS)];
const results = Results.in(join(import.meta.dirname, '.cache/results.json'), { fresh: !resume });
await runJobs(
  jobs.filter(({ label }) => label.includes(only)),
  results,
  { keepTarballs: resume, say: (line) => console.log(line) },
);

const passed = jobs.filter(({ label }) => results.passed(label)).length;
const missing = jobs.filter(({ label }) => results.of(label) === undefined).length;
const failed = jobs.length - passed - missing;
if (missing === 0) {
  const page = join(import.meta.dirname, '../../docs/compatibility.md');
  writeFileSync(page, compatibilityPage(all, results));
  console.log(`\nwrote ${page}`);
}
console.log(`\ncompat: ${passed} passed, ${failed} failed, ${missing} not run`);
process.exitCode = failed === 0 ? 0 : 1;
