// Writes everything that is generated into `grafana/`. With --check it writes nothing and fails on a difference.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { generatedFiles } from './output/files.ts';

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const root = join(import.meta.dirname, '..');

for (const [path, text] of generatedFiles()) {
  const file = join(root, path);
  if (values.check) {
    if (current(file) === text) continue;
    console.error(`grafana/${path} is out of date. Run \`npm run grafana\` and commit it.`);
    process.exitCode = 1;
  } else {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

function current(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
