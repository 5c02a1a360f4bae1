/**
 * `npm run stopwatch`: follows "Try it in an empty folder" of the README, word for word, and takes the time until metrics
 * and a trace are there. What is not on npm yet is installed from tarballs, and ports are free ones.
 */

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import getPort from 'get-port';
import { pack } from '../checks/tarballs.ts';
import { codeBlocks } from './code-blocks.ts';

const SECTION = 'Try it in an empty folder';
const MOST_SECONDS = 300;

const readme = readFileSync(resolve(import.meta.dirname, '../../README.md'), 'utf8');
const place = mkdtempSync(join(tmpdir(), 'nylas-otel-stopwatch-'));
const tarballs: ReadonlyMap<string, string> = new Map(
  (await pack(place)).map(({ name, filename }) => [name, filename]),
);

const started = performance.now();
const [simulator, metrics] = [await getPort(), await getPort()];
const { code, output } = await run(
  script().replaceAll('4010', `${simulator}`).replaceAll('9464', `${metrics}`),
  { NYLAS_OTEL_METRICS_PORT: `${metrics}` },
);
const seconds = Math.round((performance.now() - started) / 1_000);
rmSync(place, { recursive: true, force: true });

const wanted: readonly (readonly [what: string, seen: RegExp])[] = [
  ['a span of an operation', /name: 'nylas messages\.list'/],
  ['a span of a request, named by its route', /name: 'GET \/v3\/grants\/\{grant_id\}\/messages'/],
  ['requests counted', /^nylas_client_requests_total\{.*http_response_status_code="200".*\} [1-9]/m],
  [
    'a limit of the provider counted as such',
    /^nylas_client_rate_limits_total\{.*source="provider".*\} [1-9]/m,
  ],
];
const missing = wanted.filter(([, seen]) => !seen.test(output)).map(([what]) => what);
if (code !== 0 || missing.length > 0) console.error(output.slice(-4_000));
for (const [what] of wanted) console.log(`${missing.includes(what) ? 'MISSING' : 'seen   '} ${what}`);
console.log(`from an empty folder to metrics and a trace: ${seconds} s (at most ${MOST_SECONDS})`);
process.exitCode = code === 0 && missing.length === 0 && seconds <= MOST_SECONDS ? 0 : 1;

/** The blocks of the section as one script: a file is written where its block names it. */
function script(): string {
  const section = readme.split(/^## /m).find((text) => text.startsWith(SECTION));
  if (section === undefined) throw new Error(`README.md has no section "${SECTION}".`);
  const steps = codeBlocks('README.md', section).map(({ language, code }) => {
    if (language === 'sh')
      return code.replaceAll(/@nylas-otel\/[\w-]+(?=\s|$)/gm, (name) => withDependencies(name).join(' '));
    const file = /^\/\/ ([\w.]+)/.exec(code)?.[1];
    if (file === undefined) throw new Error('The block does not name its file.');
    return `cat > ${file} <<'EndOfFile'\n${code}\nEndOfFile`;
  });
  // A person takes longer from one block to the next.
  return steps.join('\nsleep 5\n');
}

/** A package of ours, and those of ours below it, as tarballs: npm would find them by name. */
function withDependencies(name: string): string[] {
  const manifest = JSON.parse(
    readFileSync(
      resolve(import.meta.dirname, '../../packages', name.slice('@nylas-otel/'.length), 'package.json'),
      'utf8',
    ),
  ) as { dependencies?: Record<string, string> };
  const below = Object.keys(manifest.dependencies ?? {}).filter((each) => tarballs.has(each));
  return [...new Set([tarballs.get(name) ?? name, ...below.flatMap(withDependencies)])];
}

function run(text: string, environment: NodeJS.ProcessEnv): Promise<{ code: number; output: string }> {
  return new Promise((done) => {
    // A group of its own, so that what the script left running ends with it.
    const child = spawn('bash', ['-c', text], {
      cwd: place,
      detached: true,
      env: {
        ...process.env,
        ...environment,
        PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
      },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk;
      });
    const timer = setTimeout(() => child.kill(), MOST_SECONDS * 1_000);
    child.once('exit', (code) => {
      clearTimeout(timer);
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // Nothing was left running.
      }
      done({ code: code ?? 1, output });
    });
  });
}
