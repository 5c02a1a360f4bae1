import { execFileSync, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BIN, cleanEnv, eventually, folder } from './command.ts';

/** Whether a terminal can be had. */
export const hasTmux: boolean = spawnSync('tmux', ['-V']).status === 0;

/** A terminal of that width, in which `nylas-otel ...` is typed as a person does. */
export class Terminal {
  readonly #socket = `nylas-otel-${randomUUID().slice(0, 8)}`;
  readonly #place = folder();

  constructor(columns: number, variables: Readonly<Record<string, string>>, rows = 50) {
    const script = join(this.#place.path, 'env.sh');
    const env = Object.entries(cleanEnv({ TERM: 'screen-256color', ...variables }));
    const lines = env.map(([name, value]) => `export ${name}='${value}'`);
    lines.push(`PATH='${this.#place.path}':"$PATH"`);
    writeFileSync(script, lines.join('\n'));
    const program = `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`;
    writeFileSync(join(this.#place.path, 'nylas-otel'), program, { mode: 0o755 });
    const size = ['-x', String(columns), '-y', String(rows)];
    this.#tmux('-f', '/dev/null', 'new-session', '-d', ...size, 'env', '-i', 'bash', '--noprofile', '--norc');
    this.type(`. ${script}; PS1='ready> '; cd ${this.#place.path}; clear`);
  }

  /** Keeps every byte that is printed from now on in a file: what was drawn over, too. */
  record(file: string): void {
    this.#tmux('pipe-pane', `cat > '${file}'`);
  }
  type(line: string): void {
    this.#tmux('send-keys', line, 'Enter');
  }
  press(key: string): void {
    this.#tmux('send-keys', key);
  }
  /** Whether the cursor can be seen. */
  get cursorShown(): boolean {
    return this.#tmux('display-message', '-p', '#{cursor_flag}').trim() === '1';
  }
  /** What is on the screen; with colours as escape sequences. */
  screen(colours = false): string {
    return this.#tmux('capture-pane', '-p', ...(colours ? ['-e'] : []));
  }
  /** The lines that were printed, whole: one that the terminal had to wrap is longer than it is wide. */
  lines(): string[] {
    return this.#tmux('capture-pane', '-p', '-J')
      .split('\n')
      .map((line) => line.trimEnd());
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
