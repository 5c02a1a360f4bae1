/** Writes the reference into the README; with `--check` it says whether it is up to date. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { renderReference } from '../src/commands/reference.ts';

const README = fileURLToPath(new URL('../README.md', import.meta.url));
const MARK = '<!-- reference: made by scripts/write-reference.ts -->';

const text = readFileSync(README, 'utf8');
const [before] = text.split(MARK);
const wanted = `${before}${MARK}\n\n${renderReference()}`;
if (!process.argv.includes('--check')) writeFileSync(README, wanted);
else if (wanted !== text) {
  console.error(
    'packages/cli/README.md: run node --conditions=nylas-otel-source packages/cli/scripts/write-reference.ts',
  );
  process.exitCode = 1;
}
