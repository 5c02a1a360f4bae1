// @ts-check
/** `npm run check`: the static checks, on the workspace's own Node. `npm run check -- types style` runs these two. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const tools = join(root, 'node_modules/.bin');

if (!existsSync(join(tools, 'node'))) {
  const setup = spawnSync('npm', ['run', '--silent', 'setup'], { cwd: root, stdio: 'inherit' });
  if (setup.status !== 0) process.exit(1);
}
const { status, error } = spawnSync(join(tools, 'node'), ['test/checks/main.ts', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PATH: [tools, process.env.PATH].join(delimiter) },
});
if (error) console.error(error.message);
process.exitCode = status ?? 1;
