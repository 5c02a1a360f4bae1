import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { FAULT_NAMES } from '../src/index.ts';

// Beside this test, so that the example finds the SDK.
const EXAMPLE = fileURLToPath(new URL('./readme-example.fixture.mjs', import.meta.url));
afterAll(() => rm(EXAMPLE, { force: true }));
const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');

describe('the README', () => {
  it('begins with an example that runs and prints what it says', async () => {
    const code = /```js\n([\s\S]*?)```/.exec(readme)?.[1] as string;
    const source = new URL('../src/index.ts', import.meta.url).href;
    const runnable = code.replace("'@nylas-otel/simulator'", `'${source}'`).replace("'nylas'", "'nylas8'");
    await writeFile(EXAMPLE, runnable);
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, ['--conditions=nylas-otel-source', EXAMPLE]);
    const lines = stdout.trim().split('\n');
    expect(lines[0]).toMatch(/^50 \S/);
    expect(lines.slice(1)).toEqual(['429 2', '401 unauthorized']);
  });

  it('lists every fault, in order', () => {
    const table = readme.slice(readme.indexOf('## Faults'), readme.indexOf('## Control over HTTP'));
    const rows = [...table.matchAll(/^\| `(\w+)` +\|/gm)].map((row) => row[1]);
    expect(rows).toEqual([...FAULT_NAMES]);
  });
});
