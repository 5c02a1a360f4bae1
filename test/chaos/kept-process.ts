import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A process that is started again whenever it ends, as an orchestrator would. */
export class KeptProcess {
  readonly name: string;
  readonly #path: string;
  readonly #args: readonly string[];
  #child: ChildProcess | undefined;
  #stopped = false;
  /** Times it was killed. */
  kills = 0;

  /** @param file in `processes/` */
  constructor(name: string, file: string, args: readonly string[]) {
    this.name = name;
    this.#path = fileURLToPath(new URL(`./processes/${file}`, import.meta.url));
    this.#args = args;
  }

  /** Resolves when it says that it is ready. */
  async start(): Promise<void> {
    // What is published, built before: it starts faster than the sources.
    const child = spawn(process.execPath, [this.#path, ...this.#args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child = child;
    child.once('exit', () => {
      if (!this.#stopped) void this.start();
    });
    await once(child.stdout, 'data');
  }

  kill(): void {
    this.kills++;
    this.#child?.kill('SIGKILL');
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
}
