// Debian: apt install tmux
import { execFileSync, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { BIN, cleanEnv, cli, eventually, folder } from './command.ts';

vi.setConfig({ testTimeout: 120_000 });

const ESCAPE = String.fromCharCode(27);
const hasTmux = spawnSync('tmux', ['-V']).status === 0;
let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({
    grants: [{ email: 'jonathan.long.name@an-example-of-a-long-domain.example.com', status: 'invalid' }],
  });
});
afterAll(() => simulator.close());

const env = (): Record<string, string> => ({
  NYLAS_API_KEY: simulator.apiKey,
  NYLAS_OTEL_API_URL: simulator.url,
  NYLAS_OTEL_STATUS_URL: simulator.url,
  NYLAS_OTEL_DATA_DIR: '/nonexistent/data',
  NYLAS_OTEL_METRICS_PORT: 'off',
});

/** A terminal of that width, in which a command is typed as a person does. */
class Terminal {
  readonly #socket = `nylas-otel-${randomUUID().slice(0, 8)}`;
  readonly #place = folder();

  constructor(columns: number, more: Readonly<Record<string, string>> = {}) {
    const script = join(this.#place.path, 'env.sh');
    const variables = Object.entries(cleanEnv({ ...env(), TERM: 'screen-256color', ...more }));
    writeFileSync(script, variables.map(([name, value]) => `export ${name}='${value}'`).join('\n'));
    this.#tmux(
      '-f',
      '/dev/null',
      'new-session',
      '-d',
      '-x',
      String(columns),
      '-y',
      '50',
      'env',
      '-i',
      'bash',
      '--noprofile',
      '--norc',
    );
    this.type(`. ${script}; PS1='ready> '; cd ${this.#place.path}; clear`);
  }

  type(line: string): void {
    this.#tmux('send-keys', line, 'Enter');
  }
  press(key: string): void {
    this.#tmux('send-keys', key);
  }
  /** What is on the screen; with colours as escape sequences. */
  screen(colours = false): string {
    return this.#tmux('capture-pane', '-p', ...(colours ? ['-e'] : []));
  }
  async shows(text: RegExp): Promise<string> {
    return await eventually(async () => {
      const screen = this.screen();
      return text.test(screen) && screen;
    });
  }
  [Symbol.dispose](): void {
    this.#tmux('kill-server');
    this.#place[Symbol.dispose]();
  }

  #tmux(...args: string[]): string {
    return execFileSync('tmux', ['-L', this.#socket, ...args], { encoding: 'utf8' });
  }
}

const run = (words: string): string => `'${process.execPath}' '${BIN}' ${words}`;

describe.skipIf(!hasTmux)('in a terminal', () => {
  it('a table fits, ids are whole, and states have colours', async () => {
    using terminal = new Terminal(120);
    terminal.type(run('accounts list --full'));
    const screen = await terminal.shows(/read from Nylas now/);
    const [grant] = simulator.grants.list();
    expect(screen).toContain(grant?.id);
    expect(screen).toContain('…');
    expect(screen.split('\n').filter((line) => line.includes(grant?.id as string))).toHaveLength(1);
    expect(terminal.screen(true)).toContain(`${ESCAPE}[31minvalid`);
  });

  it('NO_COLOR takes the colours away', async () => {
    using terminal = new Terminal(120, { NO_COLOR: '1' });
    terminal.type(run('accounts list'));
    await terminal.shows(/read from Nylas now/);
    expect(terminal.screen(true)).not.toContain(`${ESCAPE}[31m`);
  });

  it('doctor --watch looks again until Ctrl-C, and breaks lines between words', async () => {
    using terminal = new Terminal(80);
    terminal.type(run('doctor --watch 1 --only credentials,accounts,application'));
    await terminal.shows(/Every 1 s; Ctrl-C ends it/);
    expect(
      terminal
        .screen()
        .split('\n')
        .every((line) => line.length <= 80),
    ).toBe(true);
    terminal.press('C-c');
    terminal.type('echo "ended with $?"');
    await terminal.shows(/ended with (0|130)/);
  });
});

describe('without a terminal', () => {
  it('there are no colours and nothing is cut', async () => {
    const { stdout } = await cli(['accounts', 'list', '--full'], { env: env() });
    expect(stdout).toContain('jonathan.long.name@an-example-of-a-long-domain.example.com');
    expect(stdout).not.toContain(ESCAPE);
  });
});
