import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const RUN = join(import.meta.dirname, '../run.mjs');
const PATIENCE = { timeout: 120_000 };
const started: ChildProcess[] = [];

afterAll(() => {
  for (const child of started) child.kill();
});

describe('npm run demo', () => {
  it.concurrent(
    'with --once shows everything in 80 columns, says that all was seen, and ends with 0',
    PATIENCE,
    async () => {
      const { output, ended } = run(['--once']);
      expect(await ended, output.text).toEqual([0, null]);
      const { text } = output;
      expect(text).not.toContain('✘');
      for (const title of [
        'One trace',
        'Accounts',
        'Requests to Nylas',
        'For Nylas support',
        'Promised and seen',
      ])
        expect(text).toContain(`\n${title}`);
      expect(text).toMatch(/GET \/mailboxes\/:grantId\/messages +200 .*\n.*\n +└─ nylas messages\.list +ok /);
      expect(text).toMatch(/GET \/v3\/grants\/\{grant_id\}\/messages +502 .*\n +│ +resend 1\n/);
      expect(text).not.toContain('\u001b');
      expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(80);
      expect(text).toMatch(/Google limits a mailbox.* 429 502 200 → 200/);
    },
  );

  it.concurrent('goes on serving metrics, until Ctrl-C ends everything it started', PATIENCE, async () => {
    const { child, output, ended } = run([]);
    await output.has('Ctrl-C ends everything');
    const urls = [...output.text.matchAll(/http:\/\/127\.0\.0\.1:\d+(\/metrics\S*)?/g)].map(([url]) => url);
    expect(urls.length).toBeGreaterThanOrEqual(2);
    for (const url of urls) expect((await fetch(url)).status).toBe(200);
    child.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
    for (const url of urls) await expect(fetch(url)).rejects.toThrow('fetch failed');
  });

  it.concurrent('says what it takes when it gets something else', async () => {
    const { output, ended } = run(['--twice']);
    expect(await ended).toEqual([2, null]);
    expect(output.text).toContain('There is no argument --twice');
    expect(output.text).toContain('--once');
  });
});

/** Runs the demo without installing and building. */
function run(args: readonly string[]) {
  const child = spawn(process.execPath, [RUN, ...args], {
    env: { PATH: process.env.PATH, DEMO_SKIP_SETUP: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  const waiting = new Set<() => void>();
  const output = {
    text: '',
    has: (part: string) =>
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (output.text.includes(part)) resolve();
        };
        waiting.add(look);
        look();
      }),
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output.text += text;
      for (const look of waiting) look();
    });
  }
  return { child, output, ended: once(child, 'close') };
}
