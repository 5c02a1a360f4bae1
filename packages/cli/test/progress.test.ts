// Debian: apt install tmux
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import stringWidth from 'string-width';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { cli, eventually, folder } from './command.ts';
import { hasTmux, Terminal } from './tmux.ts';

// Processes of their own, on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000 });

const GRANTS = 1_200;
const ESCAPE = String.fromCharCode(27);
/** What is on the wire while a progress line is drawn, and nothing else prints. */
const DRAWN = new RegExp(`${ESCAPE}7|[█░]|\\bread, `);
const place = folder();
let simulator: Simulator;
let small: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ grants: GRANTS, limits: false });
  small = await startSimulator({ grants: 2 });
});
afterAll(async () => {
  await small.close();
  await simulator.close();
  place[Symbol.dispose]();
});
/** A sweep is eight pages. */
function pagesTake(ms: number): void {
  simulator.faults.clear();
  simulator.faults.add({ fault: 'slow', route: '/v3/grants', options: { ms } });
}
beforeEach(() => pagesTake(250));

const env = (of: Simulator = simulator): Record<string, string> => ({
  NYLAS_API_KEY: of.apiKey,
  NYLAS_OTEL_API_URL: of.url,
  NYLAS_OTEL_STATUS_URL: of.url,
  NYLAS_OTEL_DATA_DIR: '/nonexistent/data',
  NYLAS_OTEL_METRICS_PORT: 'off',
});
const readOn = (screen: string): number => Number(/^accounts (\d+) read/m.exec(screen)?.[1] ?? 0);

describe.skipIf(!hasTmux).each([80, 40])('a sweep on a terminal of %i columns', (columns) => {
  it('says how many accounts are read, and leaves the table alone', async () => {
    pagesTake(500);
    using terminal = new Terminal(columns, env());
    terminal.type('clear; nylas-otel accounts list --limit 3; echo "ended with $?"');
    const first = await eventually(async () => {
      const screen = terminal.screen();
      return readOn(screen) > 0 && screen;
    });
    expect(readOn(first)).toBeLessThan(GRANTS);
    const later = await eventually(async () => {
      const screen = terminal.screen();
      return readOn(screen) > readOn(first) && screen;
    });
    expect(later).toMatch(/^accounts \d+ read, \d+\/s, \d+ s$/m);
    // One line, drawn over again and again.
    expect(later.match(/accounts \d+/g)).toHaveLength(1);
    for (const line of terminal.lines()) expect(stringWidth(line), line).toBeLessThan(columns);
    const end = await terminal.shows(/ended with 0/);
    expect(end).not.toMatch(/accounts \d+ read/);
    expect(end.trimStart()).toMatch(/^ACCOUNT/);
    expect(end).toContain(`${GRANTS} running, read from Nylas now`);
    expect(terminal.cursorShown).toBe(true);
  });
});

describe.skipIf(!hasTmux)('on a terminal', () => {
  it('Ctrl-C in the middle leaves nothing of the line, and ends with 130', async () => {
    pagesTake(500);
    using terminal = new Terminal(80, env());
    terminal.type('clear; nylas-otel accounts list; echo "ended with $?"');
    await terminal.shows(/accounts \d+ read/);
    terminal.press('C-c');
    const screen = await terminal.shows(/ready> $|ended with \d+/m);
    expect(screen).not.toMatch(/accounts \d+ read/);
    expect(screen).toContain('Interrupted before all accounts were read.');
    expect(terminal.cursorShown).toBe(true);
    // The shell is told of the signal by the exit code: it goes on with what follows.
    terminal.type('clear; nylas-otel accounts list || echo "ended with $?"');
    await terminal.shows(/accounts \d+ read/);
    terminal.press('C-c');
    await terminal.shows(/ended with 130/);
  });

  it('doctor keeps the line under the findings, and Ctrl-C ends it with 130', async () => {
    pagesTake(500);
    using terminal = new Terminal(80, env());
    const command = 'nylas-otel doctor --only credentials,accounts,application';
    terminal.type(`clear; ${command}; echo "ended with $?"`);
    const screen = await eventually(async () => {
      const seen = terminal.screen();
      return readOn(seen) > 0 && seen;
    });
    // Under what is known already.
    expect(screen.indexOf('credentials')).toBeGreaterThan(0);
    expect(screen.indexOf(`accounts ${readOn(screen)} read`)).toBeGreaterThan(screen.indexOf('application'));
    const end = await terminal.shows(/ended with 0/);
    expect(end).toContain(`✓ accounts             ${GRANTS} accounts: ${GRANTS} running.`);
    expect(end).not.toMatch(/accounts \d+ read/);
    terminal.type(`clear; ${command} || echo "ended with $?"`);
    await terminal.shows(/accounts \d+ read/);
    terminal.press('C-c');
    const cut = await terminal.shows(/ended with 130/);
    expect(cut).not.toMatch(/accounts \d+ read|passed/);
  });

  it('a command that waits for the running exporter says so', async () => {
    await using exporter = await sluggishExporter();
    using terminal = new Terminal(80, { ...env(), ...exporter.env });
    terminal.type('clear; nylas-otel webhooks dead; echo "ended with $?"');
    await terminal.shows(/^asking the exporter, [12] s$/m);
    const end = await terminal.shows(/ended with 5/);
    expect(end.trimStart()).toMatch(/^error: The store is slow\.\nWait\.\nended/);
  });

  it('dashboards install says which one it is at', async () => {
    const grafana = createServer((request, response) => {
      request.resume().on('end', () => {
        setTimeout(() => response.end(JSON.stringify({ uid: 'a', url: '/d/a' })), 400);
      });
    });
    await new Promise<void>((resolve) => grafana.listen(0, '127.0.0.1', resolve));
    const { port } = grafana.address() as AddressInfo;
    using terminal = new Terminal(80, {
      GRAFANA_URL: `http://127.0.0.1:${port}`,
      GRAFANA_TOKEN: 'a-token-of-grafana',
    });
    terminal.type('clear; nylas-otel dashboards install; echo "ended with $?"');
    await terminal.shows(/^dashboards █+░+ [1-9]\d*\/\d+ installed, now [\w-]+\.json/m);
    const end = await terminal.shows(/ended with 0/);
    expect(end).not.toMatch(/[█░]/);
    grafana.close();
    grafana.closeAllConnections();
  });

  it.each([
    ['--json', 'nylas-otel accounts list --live --limit 3 --json'],
    ['TERM=dumb', 'TERM=dumb nylas-otel accounts list --live --limit 3'],
    ['standard error in a file', 'nylas-otel accounts list --live --limit 3 2>err.txt; cat err.txt'],
    ['doctor --watch', 'timeout -s INT 30 nylas-otel doctor --watch 60 --only accounts,store'],
  ])('%s draws nothing', async (_name, command) => {
    // Of the exporter only the doctor asks: about its store.
    await using exporter = await sluggishExporter();
    const bytes = await bytesOf(command, { ...env(), ...exporter.env });
    expect(bytes).toMatch(/1200 running|"running": 1200/);
    expect(bytes).not.toMatch(DRAWN);
  });

  it('a sweep that is over at once draws nothing', async () => {
    const bytes = await bytesOf('nylas-otel accounts list', env(small));
    expect(bytes).toContain('2 running');
    expect(bytes).not.toMatch(DRAWN);
  });

  it('a sweep that takes long draws: what the tests above look for', async () => {
    const bytes = await bytesOf('nylas-otel accounts list', { ...env(), NO_COLOR: '1' });
    expect(bytes).toMatch(DRAWN);
    expect(bytes).toMatch(/accounts \d+ read, /);
    // Not hidden, so that there is nothing to bring back; and NO_COLOR is heard.
    expect(bytes).not.toContain(`${ESCAPE}[?25l`);
    expect(bytes).not.toContain(`${ESCAPE}[?7l`);
    expect(bytes).not.toMatch(new RegExp(`${ESCAPE}\\[\\d+m`));
  });
});

/** Something at an exporter's socket that takes its time. */
async function sluggishExporter(): Promise<{
  env: Record<string, string>;
  [Symbol.asyncDispose](): Promise<void>;
}> {
  const path = join(place.path, `${randomUUID()}.sock`);
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      const error = { exit: 'store', message: 'The store is slow.', fix: 'Wait.' };
      setTimeout(() => response.end(`${JSON.stringify({ error })}\n`), 2_500);
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    env: { NYLAS_OTEL_SOCKET: path },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Every byte that a command prints on a terminal, also what is drawn over. */
async function bytesOf(command: string, variables: Readonly<Record<string, string>>): Promise<string> {
  const file = join(place.path, `${randomUUID()}.txt`);
  using terminal = new Terminal(120, variables);
  terminal.record(file);
  terminal.type(`clear; ${command}; echo "ended with $?"`);
  await terminal.shows(/ended with \d|Every 60 s/);
  return readFileSync(file, 'utf8');
}

it('a sweep whose output goes to a program says nothing on standard error', async () => {
  const { code, stdout, stderr } = await cli(['accounts', 'list'], { env: env() });
  expect(code).toBe(0);
  expect(stdout).toContain(`${GRANTS} running, read from Nylas now`);
  expect(stdout).not.toMatch(DRAWN);
  expect(stderr).toBe('');
});
