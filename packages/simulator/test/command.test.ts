import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';

// Node 24 runs the sources as they are; the built command is tested with the packed package.
const BIN = fileURLToPath(new URL('../src/bin.ts', import.meta.url));
const ARGS = ['--conditions=nylas-otel-source', BIN];

let child: ChildProcess | undefined;
afterEach(() => child?.kill('SIGKILL'));

async function started(...args: string[]): Promise<{ process: ChildProcess; lines: string[] }> {
  const running = spawn(process.execPath, [...ARGS, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  child = running;
  const lines: string[] = [];
  for await (const line of createInterface({ input: running.stdout })) {
    lines.push(line);
    if (line.startsWith('{') || line.includes('/__sim')) break;
  }
  return { process: running, lines };
}

describe('nylas-simulator', () => {
  it('prints where it is and what it takes, serves, and stops on SIGTERM', async () => {
    const { process: running, lines } = await started('--json', '--grants', '7', '--seed', '3', '--tls');
    const told = JSON.parse(lines[0] as string) as {
      url: string;
      apiKey: string;
      tlsUrl: string;
      grants: string[];
    };
    expect(told.tlsUrl).toMatch(/^https:/);
    const response = await fetch(`${told.url}/v3/grants?limit=200`, {
      headers: { authorization: `Bearer ${told.apiKey}` },
    });
    const { data } = (await response.json()) as { data: { id: string }[] };
    expect(data).toHaveLength(7);
    expect(data.map((one) => one.id)).toEqual(expect.arrayContaining(told.grants));
    running.kill('SIGTERM');
    expect(await once(running, 'exit')).toEqual([0, null]);
  });

  it('prints text for people, and stops on SIGINT although a request is unanswered', async () => {
    const { process: running, lines } = await started('--latency', '600000');
    const text = lines.join('\n');
    expect(text).toMatch(/^Nylas simulator at http:\/\/127\.0\.0\.1:\d+\n {2}API key/);
    const url = /http:\S+/.exec(text)?.[0] as string;
    const apiKey = /API key\s+(\S+)/.exec(text)?.[1];
    const pending = fetch(`${url}/v3/grants`, { headers: { authorization: `Bearer ${apiKey}` } }).catch(
      () => 'cut',
    );
    while (((await (await fetch(`${url}/__sim/requests`)).json()) as { total: number }).total === 0);
    running.kill('SIGINT');
    expect(await once(running, 'exit')).toEqual([0, null]);
    expect(await pending).toBe('cut');
  });

  it('explains itself and its errors', async () => {
    const run = promisify(execFile);
    expect((await run(process.execPath, [...ARGS, '--help'])).stdout).toContain('Usage: nylas-simulator');
    const wrong = async (...args: string[]): Promise<string> => {
      const error = await run(process.execPath, [...ARGS, ...args]).then(
        () => ({ code: 0, stderr: '' }),
        (failure: { code: number; stderr: string }) => failure,
      );
      expect(error.code).toBe(1);
      return error.stderr;
    };
    expect(await wrong('--port', 'x')).toBe('nylas-simulator: --port must be a number\n');
    expect(await wrong('--grants', '-1')).toContain('nylas-simulator:');
    expect(await wrong('--grants=-1')).toContain(
      'option grants is the number -1; give a whole number from 0',
    );
    expect(await wrong('--nonsense')).toContain("Unknown option '--nonsense'");
  });
});
