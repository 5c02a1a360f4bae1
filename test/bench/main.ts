import type { Row } from './row.ts';
import { collectModules } from './runner/modules.ts';
import { runModule } from './runner/run-module.ts';
import { table } from './runner/table.ts';

const argv = process.argv.slice(2);
const json = argv.includes('--json');
const only = argv.includes('--only') ? argv[argv.indexOf('--only') + 1] : undefined;
const say = (text: string) => process.stderr.write(`${text}\n`);

const rows: Row[] = [];
let broken = 0;
for (const module of await collectModules()) {
  if (!module.mayHave(only)) continue;
  say(`measuring ${module.id} ...`);
  const started = Date.now();
  try {
    const found = await runModule(module, only);
    rows.push(...found);
    say(`  ${found.length} rows in ${Math.round((Date.now() - started) / 1_000)} s`);
  } catch (error) {
    // A row that could not be measured is a promise that is not kept.
    broken++;
    say(`  ${module.id} could not be measured: ${error instanceof Error ? error.message : String(error)}`);
  }
}

process.stdout.write(json ? `${JSON.stringify(rows, undefined, 2)}\n` : table(rows));
if (rows.length === 0 && broken === 0) say(`no row has "${only}" in its name`);
process.exitCode = rows.length === 0 || broken > 0 || rows.some(({ holds }) => !holds) ? 1 : 0;
