/** `npm run test:compat`: the whole matrix. `-- --only TEXT` runs what has TEXT in its label and writes no table. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { combinations } from './matrix.ts';
import { NEIGHBOURS } from './neighbours.ts';
import { compatibilityPage } from './page.ts';
import { runMatrix, runNeighbours } from './run-matrix.ts';

const argv = process.argv.slice(2);
const only = argv.includes('--only') ? (argv[argv.indexOf('--only') + 1] ?? '') : undefined;
const all = combinations();
const wanted = all.filter(
  ({ sdk, line, node, style }) =>
    only === undefined ||
    `nylas ${sdk}, OpenTelemetry ${line.name}, Node ${node}, ${style.name}`.includes(only),
);
const results = await runMatrix(wanted, (line) => console.log(line));
const neighbours = await runNeighbours(
  NEIGHBOURS.filter(({ name }) => only === undefined || name.includes(only)),
  (line) => console.log(line),
);
const failed = [...results, ...neighbours].filter(({ problem }) => problem !== undefined);
if (only === undefined) {
  const page = join(import.meta.dirname, '../../docs/compatibility.md');
  writeFileSync(page, compatibilityPage(all, results, neighbours));
  console.log(`\nwrote ${page}`);
}
const run = results.length + neighbours.length;
console.log(`\ncompat: ${run - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 && run > 0 ? 0 : 1;
