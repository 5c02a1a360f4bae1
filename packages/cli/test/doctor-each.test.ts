import { join } from 'node:path';
import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CHECKS } from '../src/doctor/check-table.ts';
import { findingOn } from '../src/doctor/checks/node-version.ts';
import { run } from '../src/main.ts';
import { cleanEnv } from './command.ts';
import { CASES, endWorlds, place } from './doctor-cases.ts';

vi.setConfig({ testTimeout: 60_000 });

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator({ grants: 3 });
});
afterAll(async () => {
  await endWorlds();
  await simulator.close();
});

/** What the doctor says of one thing, as JSON and as people read it. */
async function finding(check: string, env: Readonly<Record<string, string>>, cwd = place.path) {
  const said = { json: '', text: '' };
  const all = cleanEnv({
    NYLAS_API_KEY: simulator.apiKey,
    NYLAS_OTEL_API_URL: simulator.url,
    NYLAS_OTEL_STATUS_URL: simulator.url,
    NYLAS_OTEL_SOCKET: 'off',
    NYLAS_OTEL_DATA_DIR: join(place.path, 'none'),
    ...env,
  });
  const codes: number[] = [];
  for (const as of ['json', 'text'] as const) {
    const stdout = {
      write(words: string) {
        said[as] += words;
      },
    };
    const args = ['doctor', '--only', check, ...(as === 'json' ? ['--json'] : [])];
    const world = {
      stdout,
      stderr: { write: () => {} },
      env: all,
      cwd,
      signal: new AbortController().signal,
    };
    codes.push(await run(args, { ...world, now: Date.now }));
  }
  const { checks } = JSON.parse(said.json) as {
    checks: { name: string; status: string; finding: string; fix?: string }[];
  };
  return { codes, result: checks[0], text: said.text };
}

describe('each check of the doctor can fail, and is explained', () => {
  it('all of them are here', () => {
    // Two are shown below.
    const shown = new Set([...CASES.map(({ check }) => check), 'node-version', 'region']);
    expect([...shown].sort()).toEqual(CHECKS.map(({ name }) => name).sort());
    expect(CHECKS.length).toBeGreaterThanOrEqual(14);
  });

  it.each(CASES)('$check: $what', async ({ check, world, status, finding: words, fix }) => {
    const { env = {}, cwd } = await world();
    const { codes, result, text } = await finding(check, env, cwd);
    expect(result).toEqual({
      name: check,
      status,
      finding: expect.stringMatching(words),
      fix: expect.stringMatching(fix),
    });
    const exit = status === 'fail' ? 1 : 0;
    expect(codes).toEqual([exit, exit]);
    expect(text).toContain(`Fix: ${result?.fix}`);
    expect(text).not.toContain('s3cr3t-word');
  });

  it('region: the key is good, but not for the region that is asked', async () => {
    // The hosts of Nylas are two simulators: only that of eu knows the key.
    const other = await startSimulator({ apiKey: 'nyk_of_another_application' });
    const real = globalThis.fetch;
    const hosts: Readonly<Record<string, string>> = {
      'api.us.nylas.com': other.url,
      'api.eu.nylas.com': simulator.url,
      'api.ca.nylas.com': other.url,
    };
    const sent = vi.spyOn(globalThis, 'fetch').mockImplementation((input, init) => {
      const url = new URL(input instanceof Request ? input.url : String(input));
      const host = hosts[url.host];
      return real(host === undefined ? url : `${host}${url.pathname}${url.search}`, init);
    });
    try {
      const { result, codes } = await finding('region', { NYLAS_OTEL_API_URL: '' });
      expect(result).toEqual({
        name: 'region',
        status: 'fail',
        finding: expect.stringContaining('The key is good, but not for region us'),
        fix: expect.stringContaining('NYLAS_OTEL_REGION=eu'),
      });
      expect(codes).toEqual([1, 1]);
    } finally {
      sent.mockRestore();
      await other.close();
    }
  });

  it.each([
    ['20.19.0', 'fail', 'too old'],
    ['22.14.0', 'fail', 'too old'],
    ['25.0.0', 'warn', 'no LTS'],
    ['24.21.0', 'pass', '24.21.0'],
  ])('node-version: Node %s', (version, status, words) => {
    const found = findingOn(version);
    expect(found).toMatchObject({ status, finding: expect.stringContaining(words) });
    expect(found.fix === undefined).toBe(status === 'pass');
  });
});
