import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { FAULT_NAMES, startSimulator } from '../src/index.ts';
import * as testing from '../src/testing.ts';
import { startReceiver } from './receiver.ts';

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

  it('has no other example that does not run', async () => {
    await using receiver = await startReceiver();
    await using simulator = await startSimulator();
    const blocks = [...readme.matchAll(/```js\n([\s\S]*?)```/g)].map((block) => block[1] as string);
    const scripts = blocks.filter((code) => !code.includes('import '));
    expect(scripts.length).toBeGreaterThan(4);
    const code = scripts.join('\n;').replace('http://127.0.0.1:3000/webhooks/nylas', receiver.url);
    const run = new Function('simulator', 'grant', `return (async () => { ${code} })()`);
    await run(simulator, simulator.grants.list()[0]);
    expect(simulator.defects).toEqual([]);
    expect(receiver.types()).toContain('message.created');
  });

  it('lists every script of the test kit', () => {
    const kit = readme.slice(readme.indexOf('## Test kit'), readme.indexOf('## Faults'));
    const missing = Object.keys(testing).filter((name) => !kit.includes(`\`${name}`));
    expect(missing).toEqual([]);
  });

  it('lists every fault, in order', () => {
    const table = readme.slice(readme.indexOf('## Faults'), readme.indexOf('## Control over HTTP'));
    const rows = [...table.matchAll(/^\| `(\w+)` +\|/gm)].map((row) => row[1]);
    expect(rows).toEqual([...FAULT_NAMES]);
  });
});
