import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { parseExposition, samplesOf } from './exposition.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const env = { ...process.env, NODE_OPTIONS: '', PORT: '0' };

async function exampleWith(text: string): Promise<string> {
  const readme = await readFile(`${root}README.md`, 'utf8');
  const examples = [...readme.matchAll(/```js\n(.*?)```/gs)].map(([, code]) => code as string);
  return examples.find((code) => code.includes(text)) as string;
}

it('has a first example that works when pasted', async () => {
  const code = await exampleWith('app.listen');
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const families = parseExposition(await (await fetch(line)).text());
    expect([...families.keys()]).toContain('nylas_client_requests_total');
    expect([...families.keys()]).toContain('process_cpu_seconds_total');
  } finally {
    child.kill();
    await once(child, 'exit');
  }
});

it('has an example of a provider that works when pasted', async () => {
  const code = await exampleWith('createPromMeterProvider');
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], {
    cwd: root,
    env,
  });
  const families = parseExposition(`${stdout.trimEnd()}\n`);
  expect(samplesOf(families, 'mails_sent_total')).toEqual({ 'mails_sent_total{folder="outbox"}': 1 });
});
