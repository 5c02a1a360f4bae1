// Runs on any Node from 20 on: installs, builds, then measures on the workspace's own Node.
// Options: --json, --only NAME, --no-build (what is installed and built is up to date).
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const options = process.argv.slice(2);
const pnpm = (...args) => run('npx', ['-y', 'pnpm@12.21.0', ...args], { quiet: true });

if (!options.includes('--no-build')) {
  say('installing and building ...');
  pnpm('install', '--frozen-lockfile');
  pnpm('run', 'build');
}
const node = fileURLToPath(new URL('../../node_modules/node/bin/node', import.meta.url));
say(`measuring on Node ${spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout?.trim()}`);
const measured = spawnSync(node, [fileURLToPath(new URL('main.ts', import.meta.url)), ...options], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = measured.status ?? 1;

function run(command, args, { quiet }) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    stdio: quiet ? 'pipe' : 'inherit',
  });
  if (status === 0) return;
  say(`${command} ${args.join(' ')} failed:\n${stdout}\n${stderr}`);
  process.exit(1);
}

function say(text) {
  process.stderr.write(`${text}\n`);
}
