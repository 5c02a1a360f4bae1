import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** An example in a process of its own, as its README says to run it. */
export interface Example extends AsyncDisposable {
  /** The first address it printed; '' for one that has ended without. */
  readonly url: string;
  readonly process: ChildProcess;
  /** The lines of its standard output so far. */
  readonly lines: readonly string[];
  /** The first line that fits, once it is there. */
  line(pattern: RegExp): Promise<string>;
  /** Ends it as an orchestrator does; resolves with its exit code. */
  stop(): Promise<number | null>;
}

/**
 * Starts an example and waits until it prints its address or ends.
 *
 * @param folder of the example
 * @param args of Node
 * @param env beside the PATH
 */
export async function startExample(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Example> {
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { PATH: process.env.PATH, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close') as Promise<[code: number | null]>;
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  createInterface(child.stdout).on('line', (line) => {
    lines.push(line);
    for (const look of waiting) look();
  });
  const line = (pattern: RegExp) =>
    new Promise<string>((resolve) => {
      const look = (): void => {
        const found = lines.find((one) => pattern.test(one));
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  const first = await Promise.race([line(/https?:\/\/\S/), ended.then(() => '')]);
  const stop = async (): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    const [code] = await ended;
    return code;
  };
  return {
    url: /https?:\/\/[\w.:-]+/.exec(first)?.[0] ?? '',
    process: child,
    lines,
    line,
    stop,
    [Symbol.asyncDispose]: async () => void (await stop()),
  };
}
