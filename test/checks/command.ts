import { spawn } from 'node:child_process';

/** A finished program. */
export interface Ended {
  readonly ok: boolean;
  readonly stdout: string;
  /** Standard output and standard error, as they came. */
  readonly output: string;
}

/** Runs a program in the workspace's root, without a terminal, and waits for its end. */
export function ended(program: string, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ ok: code === 0, stdout, output }));
  });
}

/** Runs a program that is itself a check: what it prints is the problem when it fails. */
export async function command(program: string, ...args: string[]): Promise<string[]> {
  const { ok, output } = await ended(program, args);
  return ok ? [] : [output.trim() || `${program} ${args.join(' ')} failed and said nothing.`];
}
