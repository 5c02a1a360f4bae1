import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));

/** A fixture that runs in a process of its own, against what is built in `dist`. */
export interface Running {
  readonly child: ChildProcess;
  /** Resolves when the standard output holds this text. */
  printed(text: string): Promise<void>;
  /** The standard output so far. */
  output(): string;
  /** Resolves when the standard error matches. */
  complained(pattern: RegExp): Promise<void>;
  /** The standard error so far. */
  complaints(): string;
  readonly ended: Promise<Ended>;
}

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What keeps the machine's own settings out of the child. */
const CLEAN = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(OTEL_|NYLAS_|NODE_OPTIONS|VITEST|.*_proxy$)/i.test(name),
  ),
);

/** Runs `node <args>` in the package's folder until it ends or the test does. */
export function run(args: readonly string[], env: Record<string, string> = {}): Running {
  if (!existsSync(`${PACKAGE}/dist/register.mjs`)) {
    throw new Error(
      'packages/node/dist is not there: run `pnpm run build` before the tests of child processes.',
    );
  }
  const child = spawn(process.execPath, args, { cwd: PACKAGE, env: { ...CLEAN, ...env } });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  const listeners = new Set<() => void>();
  const listen = (stream: Readable, take: (text: string) => void): void => {
    stream.setEncoding('utf8').on('data', (text: string) => {
      take(text);
      for (const listener of listeners) listener();
    });
  };
  listen(child.stdout, (text) => {
    stdout += text;
  });
  listen(child.stderr, (text) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  const until = (met: () => boolean, what: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!met()) return;
        listeners.delete(look);
        resolve();
      };
      listeners.add(look);
      look();
      void ended.then(() => reject(new Error(`ended without ${what}:\n${stdout}\n${stderr}`)));
    });
  return {
    child,
    printed: (text) => until(() => stdout.includes(text), `printing "${text}"`),
    output: () => stdout,
    complained: (pattern) => until(() => pattern.test(stderr), `complaining ${pattern}`),
    complaints: () => stderr,
    ended,
  };
}

/** Runs a fixture with `@nylas-otel/node/register` before it. */
export function runRegistered(fixture: string, env: Record<string, string> = {}): Running {
  const flag = fixture.endsWith('.cjs') ? '--require' : '--import';
  return run([flag, '@nylas-otel/node/register', `test/fixtures/${fixture}`], env);
}
