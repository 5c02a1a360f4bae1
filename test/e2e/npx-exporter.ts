import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Simulator } from '@nylas-otel/simulator';
import { pack } from '../checks/tarballs.ts';

/** What of the machine a person has too: where the registry is, and how it is reached. */
const KEPT = /^(npm_config_registry|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|https?_proxy|no_proxy)$/i;

/** An exporter that `npx` has installed and started, and whose accounts can be seen. */
export interface NpxExporter extends AsyncDisposable {
  /** Its first `/metrics` that counts the accounts of the simulator. */
  readonly page: string;
  /** From the command to that page, installation included. */
  readonly seconds: number;
}

/**
 * Packs the command and what it needs of ours as for a release, then runs `npx nylas-otel exporter` in an empty folder
 * with an empty home: what is not ours comes from the registry.
 *
 * @param cache npm's cache: where it is empty, all is fetched
 * @throws Error when it cannot be packed, installed or started
 */
export async function npxExporter(simulator: Simulator, cache?: string): Promise<NpxExporter> {
  const place = mkdtempSync(join(tmpdir(), 'nylas-otel-npx-'));
  const [tarballs = '', home = '', empty = ''] = ['tarballs', 'home', 'empty'].map((name) => {
    mkdirSync(join(place, name));
    return join(place, name);
  });
  const packed = await pack(tarballs, ['--filter-prod', '@nylas-otel/cli...']);
  const packages = packed.flatMap(({ filename }) => ['--package', filename]);
  const userconfig = process.env.NPM_CONFIG_USERCONFIG ?? join(homedir(), '.npmrc');
  const began = performance.now();
  const line = ['--yes', ...(cache === undefined ? [] : ['--prefer-offline']), ...packages];
  const child = spawn('npx', [...line, 'nylas-otel', 'exporter', '--port', '0'], {
    cwd: empty,
    detached: true,
    env: {
      ...Object.fromEntries(Object.entries(process.env).filter(([name]) => KEPT.test(name))),
      PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`,
      HOME: home,
      npm_config_cache: cache ?? join(home, '.npm'),
      ...(existsSync(userconfig) ? { NPM_CONFIG_USERCONFIG: userconfig } : {}),
      NYLAS_API_KEY: simulator.apiKey,
      NYLAS_OTEL_API_URL: simulator.url,
      NYLAS_OTEL_STATUS_URL: simulator.url,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  const end = async (): Promise<void> => {
    // The exporter is a grandchild: npx starts it through a shell.
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    await ended;
    rmSync(place, { recursive: true, force: true });
    // npx keeps what it has installed; these tarballs are never asked for again.
    if (cache !== undefined) rmSync(join(cache, '_npx'), { recursive: true, force: true });
  };
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  const accounts = simulator.grants.list().length;
  while (child.exitCode === null) {
    const url = /metrics are served on (http:\S+)/.exec(said)?.[1];
    const page = url === undefined ? '' : await textOf(url);
    if (runningAccounts(page) === accounts) {
      const seconds = Math.round((performance.now() - began) / 100) / 10;
      return { page, seconds, [Symbol.asyncDispose]: end };
    }
    await delay(50);
  }
  await end();
  throw new Error(`npx nylas-otel exporter ended:\n${said}`);
}

/** How many accounts are well, by a page of metrics. */
function runningAccounts(page: string): number {
  const lines = page.matchAll(/^nylas_accounts\{[^}]*nylas_account_state="running"[^}]*\} (\d+)/gm);
  return [...lines].reduce((sum, [, count]) => sum + Number(count), 0);
}

async function textOf(url: string): Promise<string> {
  return await fetch(url).then(
    (answer) => answer.text(),
    () => '',
  );
}
