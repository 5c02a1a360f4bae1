import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';

const GRACE_MS = 1_000;
const LAST_LINES = 15;
const running = new Set<ChildProcess>();

// Whatever ends this process, nothing of it stays behind.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A program that runs beside the demo and says little unless it fails. */
export class Child implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #lines: string[] = [];

  /**
   * @param name what to call it in errors
   * @param onLine told of each line it writes
   */
  constructor(
    name: string,
    command: string,
    args: readonly string[],
    options: SpawnOptions,
    onLine: (line: string) => void = () => undefined,
  ) {
    this.#name = name;
    this.#child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(this.#child);
    this.#child.once('exit', () => running.delete(this.#child));
    // An error event without a listener would end the demo; `started` reports it.
    this.#child.on('error', () => running.delete(this.#child));
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      let rest = '';
      stream?.setEncoding('utf8').on('data', (text: string) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          this.#lines.push(line);
          if (this.#lines.length > LAST_LINES) this.#lines.shift();
          onLine(line);
        }
      });
    }
  }

  /** Resolves as `ready` does; rejects with the last lines of the program when it ends before. */
  async started<T>(ready: Promise<T>): Promise<T> {
    const ended = new Promise<never>((_resolve, reject) => {
      this.#child.once('error', (error) => reject(new Error(`${this.#name}: ${error.message}`)));
      this.#child.once('close', (code, signal) =>
        reject(
          new Error(`${this.#name} ended with ${signal ?? code}. Its last lines:\n${this.#lines.join('\n')}`),
        ),
      );
    });
    return Promise.race([ready, ended]);
  }

  /** Asks the program to end, and ends it when it does not. */
  async [Symbol.asyncDispose](): Promise<void> {
    const child = this.#child;
    if (!running.has(child)) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    await ended;
    clearTimeout(timer);
  }
}
