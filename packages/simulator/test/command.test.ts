import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { startReceiver } from './receiver.ts';

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

// Each starts a process.
describe('nylas-simulator', { timeout: 120_000 }, () => {
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

  it('sends webhooks where it is told to, on its own time', async () => {
    await using receiver = await startReceiver();
    const { process: running, lines } = await started(
      ...['--json', '--scale', '0', '--webhook', receiver.url, '--webhook-v2', receiver.url],
      ...['--webhook-secret', 'whsec'],
    );
    const told = JSON.parse(lines[0] as string) as {
      url: string;
      statusUrl: string;
      grants: string[];
      webhooks: { version: string; secret: string }[];
    };
    expect(told.webhooks.map((one) => one.version)).toEqual(['v3', 'v2']);
    const post = (path: string, body: object): Promise<Response> =>
      fetch(`${told.url}/__sim/${path}`, { method: 'POST', body: JSON.stringify(body) });
    await post(`grants/${told.grants[0]}/expire`, { noticedAfterMs: 60_000 });
    await post('clock', { advance: 60_000 });
    expect(receiver.types()).toEqual(['grant.expired']);
    expect(receiver.signedWith('whsec')).toBe(true);
    expect((await fetch(`${told.statusUrl}/api/v2/status.json`)).status).toBe(200);
    running.kill('SIGTERM');
    expect(await once(running, 'exit')).toEqual([0, null]);
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
    const [port, ambiguous, negative, unheard, nonsense] = await Promise.all([
      wrong('--port', 'x'),
      wrong('--grants', '-1'),
      wrong('--grants=-1'),
      wrong('--webhook', 'http://127.0.0.1:1/'),
      wrong('--nonsense'),
    ]);
    expect(port).toBe('nylas-simulator: --port must be a number\n');
    expect(ambiguous).toContain('nylas-simulator:');
    expect(negative).toContain('option grants is the number -1; give a whole number from 0');
    expect(unheard).toContain('did not answer the challenge');
    expect(nonsense).toContain("Unknown option '--nonsense'");
  });
});
