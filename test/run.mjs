// @ts-check
/**
 * `npm test`: brings whatever the tests need on a machine with Node 20 and npm, then runs every test.
 * Arguments go to vitest: `npm test -- packages/retry -t 429`.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { closingLines } from './results/closing-lines.mjs';
import { askedServers } from './servers/asked-servers.mjs';
import { bringServers, serverFolders } from './servers/bring-servers.mjs';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const vitestArguments = process.argv.slice(2);
const tools = join(root, 'node_modules/.bin');

await step('Installing', () => run('npm', ['run', '--silent', 'setup']));
await step('Building', () => run('npm', ['run', '--silent', 'build']));

const asked = askedServers(root);
const missing = await step(`Servers for tests: ${names([...asked.keys()])}`, async () =>
  bringServers([...asked.keys()]),
);
for (const { server, why } of missing) console.log(`  could not bring ${server.debian}: ${why}`);

const reports = mkdtempSync(join(tmpdir(), 'nylas-otel-tests-'));
process.on('exit', () => rmSync(reports, { recursive: true, force: true }));
const report = join(reports, 'results.json');
const exitCode = await step('Testing', () =>
  // The tools' own folder comes first, so that tests that call `node` get the workspace's.
  exitCodeOf(
    join(tools, 'vitest'),
    ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...vitestArguments],
    {
      PATH: [tools, process.env.PATH, ...serverFolders(asked.keys())].join(delimiter),
    },
  ),
);

const selected = vitestArguments.some((argument) => /^(-t|--testNamePattern)\b/.test(argument));
const { lines, ok } = closingLines({ results: read(report), exitCode, root, asked, missing, selected });
console.log(`\n${lines.join('\n')}`);
process.exitCode = ok ? 0 : 1;

/**
 * @template Result
 * @param {string} title
 * @param {() => Promise<Result>} work
 * @returns {Promise<Result>}
 */
async function step(title, work) {
  console.log(`\n▸ ${title}`);
  const start = performance.now();
  const result = await work();
  console.log(`  ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return result;
}

/**
 * Without the step there is nothing to go on with.
 *
 * @param {string} command
 * @param {readonly string[]} args
 */
async function run(command, args) {
  if ((await exitCodeOf(command, args)) === 0) return;
  console.error(`\n${command} ${args.join(' ')} failed: no test ran.\ntests: 0 passed, 1 failed`);
  process.exit(1);
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [environment] Beside this process's own.
 * @returns {Promise<number>}
 */
function exitCodeOf(command, args, environment) {
  return new Promise((resolve, reject) => {
    spawn(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...environment } })
      .once('error', reject)
      .once('close', (code) => resolve(code ?? 1));
  });
}

/** @param {string} path */
function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** @param {readonly import('./servers/servers.mjs').Server[]} servers */
function names(servers) {
  return servers.map((server) => server.debian).join(', ') || 'none asked for';
}
