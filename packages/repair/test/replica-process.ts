import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A process that runs a monitor; see `fixtures/replica.ts`. */
export class ReplicaProcess {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(args: readonly string[]) {
    const path = fileURLToPath(new URL('./fixtures/replica.ts', import.meta.url));
    this.#child = spawn(process.execPath, ['--conditions=nylas-otel-source', path, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    // What is written to a process that was killed is lost with it.
    this.#child.stdin?.on('error', () => {});
    if (this.#child.stdout === null) throw new Error('the replica has no output');
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Resolves when its monitor has started. */
  async ready(): Promise<void> {
    const { value } = await this.#lines.next();
    if (value !== 'ready') throw new Error(`the replica did not start: ${String(value)}`);
  }

  /** Its shared gauges now: name, attributes, value. */
  async gauges(): Promise<readonly string[]> {
    this.#child.stdin?.write('gauges\n');
    const { value } = await this.#lines.next();
    return JSON.parse(String(value)) as string[];
  }

  /** Kills it as a crash does. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}
