import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
// What the test runner gives its own Node is not for the children: they run what is published, from `dist`.
const environment = (env: Record<string, string>) => ({ ...process.env, NODE_OPTIONS: '', ...env });

/** Runs a fixture until it ends by itself; fails when it does not within 20 s. Returns what it printed. */
export async function runFixture(
  name: string,
  {
    args = [],
    env = {},
    flags = [],
  }: { args?: string[]; env?: Record<string, string>; flags?: string[] } = {},
): Promise<string> {
  const { stdout } = await run(process.execPath, [...flags, fixture(name), ...args], {
    env: environment(env),
    timeout: 20_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

/** A fixture that serves HTTP until it is disposed of. */
export interface Service extends AsyncDisposable {
  readonly address: string;
}

/** Starts a fixture that sends its port to its parent once it listens. */
export async function startService(name: string, env: Record<string, string>): Promise<Service> {
  const child: ChildProcess = fork(fixture(name), { execArgv: [], env: environment(env) });
  const [port] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`${name} ended with ${code} before it listened`);
    }),
  ])) as [number];
  return {
    address: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}
