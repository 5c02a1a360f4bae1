// @ts-check
/**
 * `npm run demo`: installs and builds with nothing but Node 20 and npm, then runs the demo on the workspace's own Node.
 * Arguments go to the demo: `npm run demo -- --once`. `DEMO_SKIP_SETUP=1` leaves out the first part.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readArguments } from './src/arguments.mjs';
import { step } from './src/screen/steps.mjs';
import { heading, print } from './src/screen/terminal.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = join(HERE, '../..');
const PNPM = ['-y', 'pnpm@12.21.0'];
const LAST_LINES = 25;

// Ctrl-C reaches children by itself, a signal to this process alone does not: they are told, maybe twice.
const children = new Set();
let interrupted = false;
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => {
    interrupted = true;
    for (const child of children) child.kill(signal);
  });
}

readArguments(process.argv.slice(2));
heading('nylas-otel', 'a mail service, a simulated Nylas, and a bad day');
heading('Setting up');
try {
  if (!process.env.DEMO_SKIP_SETUP) {
    await step('Dependencies', (note) => quietly('npx', [...PNPM, 'install', '--frozen-lockfile'], note));
    await step('Build', (note) => quietly('npx', [...PNPM, 'run', 'build'], note));
  }
  process.exitCode = await demo();
} catch (error) {
  process.exitCode = interrupted ? 130 : 1;
  if (!interrupted) print(`\n${error instanceof Error ? error.message : String(error)}`);
}

/**
 * Runs a command of the setup; its output is shown only when it fails.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {(text: string) => void} note shows how far an install is
 */
async function quietly(command, args, note) {
  const child = spawn(command, args, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    // npx is a script there, which only a shell can start.
    shell: process.platform === 'win32',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
      const progress = /Progress: (.*)/.exec(text)?.[1];
      if (progress !== undefined) note(progress);
    });
  }
  const code = await ended(child, command);
  note('');
  if (code === 0) return;
  const tail = output.trimEnd().split('\n').slice(-LAST_LINES).join('\n');
  throw new Error(
    `${tail}\n\n"${command} ${args.join(' ')}" ended with ${code}. The lines above are its last.`,
  );
}

/** The demo itself, on the Node that the install brought. */
async function demo() {
  const manifest = createRequire(join(ROOT, 'package.json')).resolve('node/package.json');
  const node = join(dirname(manifest), JSON.parse(readFileSync(manifest, 'utf8')).bin.node);
  const child = spawn(node, [join(HERE, 'src/main.ts'), ...process.argv.slice(2)], {
    // Through the channel it learns when this process is gone.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  return ended(child, node);
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {string} command
 * @returns {Promise<number>} the exit code
 */
function ended(child, command) {
  children.add(child);
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`${command} could not be started: ${error.message}`)));
    child.once('exit', (code) => {
      children.delete(child);
      resolve(code ?? 1);
    });
  });
}
