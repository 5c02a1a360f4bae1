// Writes docs/telemetry.md from the contract. With --check it writes nothing and fails when the page is out of date.
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { renderReference } from '../src/reference/render-reference.ts';

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const page = new URL('../../../docs/telemetry.md', import.meta.url);
const reference = renderReference();

if (!values.check) {
  writeFileSync(page, reference);
} else if (current() !== reference) {
  console.error('docs/telemetry.md is out of date. Run `pnpm run docs` and commit the page.');
  process.exitCode = 1;
}

function current(): string | undefined {
  try {
    return readFileSync(page, 'utf8');
  } catch {
    return undefined;
  }
}
