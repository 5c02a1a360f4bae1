// @ts-check
/** `npm run preview`: installs and builds what is needed on first use (about 500 MB), then starts `main.ts`. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const tools = join(here, '../../node_modules/.bin');
const environment = { ...process.env, PATH: [tools, process.env.PATH].join(delimiter) };

if (!existsSync(join(tools, 'node'))) run('npm', ['run', '--silent', 'setup'], join(here, '../..'));
if (!existsSync(join(here, 'node_modules/vite'))) {
  console.log('Installing the components of Grafana, about 500 MB.');
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], here);
}
run(join(tools, 'node'), ['node_modules/vite/bin/vite.js', 'build'], here);
run(join(tools, 'node'), ['--conditions=nylas-otel-source', 'main.ts', ...process.argv.slice(2)], here);

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} cwd
 */
function run(command, args, cwd) {
  const { status, error } = spawnSync(command, args, { cwd, env: environment, stdio: 'inherit' });
  if (error) console.error(error.message);
  if (status !== 0) process.exit(status ?? 1);
}
