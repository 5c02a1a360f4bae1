import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A process of the workspace's Node that runs a fixture; it is killed with the test. */
export interface Child {
  readonly process: ChildProcess;
  /** The next line it writes to its output; undefined when it has ended. */
  line(): Promise<string | undefined>;
  /** Resolves when it is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts `fixtures/NAME.ts` (of a package's test folder) with arguments. */
export function startChild(name: string, args: readonly string[] = []): Child {
  const path = fileURLToPath(new URL(`./fixtures/${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, ['--conditions=nylas-otel-source', path, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines: (string | undefined)[] = [];
  const news = new EventEmitter();
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => {
    lines.push(line);
    news.emit('line');
  });
  reader.on('close', () => {
    lines.push(undefined);
    news.emit('line');
  });
  return {
    process: child,
    async line() {
      while (lines.length === 0) await once(news, 'line');
      return lines[0] === undefined ? undefined : lines.shift();
    },
    async kill(signal = 'SIGKILL') {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill(signal);
      await once(child, 'exit');
    },
  };
}
