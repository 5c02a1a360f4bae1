import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import { afterEach, describe, expect, it } from 'vitest';
import { watchGrants } from './watching.ts';

let simulator: Simulator;
afterEach(() => simulator.close());

const FIXTURE = fileURLToPath(new URL('./fixtures/only-a-watch.mjs', import.meta.url));

/** Runs a process that has nothing but a watch; fails when it does not end by itself. */
async function run(...waits: string[]): Promise<string> {
  const args = ['--conditions=nylas-otel-source', FIXTURE, simulator.url, simulator.apiKey, ...waits];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 25_000 });
  return stdout;
}

describe('a process with nothing but a watch', () => {
  it('exits, in the middle of a sweep', async () => {
    simulator = await startSimulator({ grants: 5_000 });
    const [, known] = /^exits with (\d+)\n$/.exec(await run()) ?? [];
    expect(Number(known)).toBeLessThan(1_000);
    expect(simulator.requests.total).toBeLessThan(5);
  });

  it('lives until the first sweep is over when it waits for that, and then exits', async () => {
    simulator = await startSimulator({ grants: 1_000 });
    expect(await run('ready')).toBe('ready: success\nexits with 1000\n');
    expect(simulator.requests.total).toBe(7);
  });

  it('is not kept waiting by a Nylas that does not answer properly', async () => {
    simulator = await startSimulator({ grants: 10 });
    simulator.faults.add({ fault: 'internal_error' });
    expect(await run('ready')).toBe('ready: server_error\nexits with 0\n');
  });
});

it('the first example of the README works when it is pasted', async () => {
  simulator = await startSimulator({ grants: 10 });
  simulator.grants.setStatus(simulator.grants.list()[3]?.id ?? '', 'invalid');
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const example = /```js\n(.*?)```/s.exec(readme)?.[1] ?? '';
  // The one difference: the simulator stands in for Nylas.
  const code = example.replace('watchAccounts({', `watchAccounts({ baseUrl: '${simulator.url}',`);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=nylas-otel-source', '--input-type=module', '--eval', code],
    {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      env: { ...process.env, NYLAS_API_KEY: simulator.apiKey },
      timeout: 25_000,
    },
  );
  expect(stdout).toMatch(/^success\n/);
  expect(stdout).toContain('total: 10');
  expect(stdout).toContain(`${simulator.grants.list()[3]?.id} invalid`);
});

describe('closing a watch', () => {
  it('ends the request under way, settles `ready`, and asks nothing more', async () => {
    simulator = await startSimulator({ grants: 10 });
    simulator.faults.add({ fault: 'stalled_headers' });
    const { watch, runtime } = watchGrants(simulator);
    const { ready } = watch;
    await simulator.requests.waitFor(() => true);
    await watch.close();
    await watch.close();
    expect(await ready).toBe('cancelled');
    runtime.time += 86_400_000;
    expect(simulator.requests.total).toBe(1);
  });

  it('leaves what it knew to be read, and takes no news any more', async () => {
    simulator = await startSimulator({ grants: 10 });
    const { watch, runtime } = watchGrants(simulator);
    await watch.ready;
    await watch.close();
    expect(watch.snapshot().total).toBe(10);
    expect(watch.applySignal({ id: 'new', state: 'invalid', time: new Date(runtime.now()) })).toBe('closed');
    expect(watch.snapshot().total).toBe(10);
  });

  it('holds the process only while somebody waits for `ready`', async () => {
    simulator = await startSimulator({ grants: 10 });
    simulator.faults.add({ fault: 'internal_error', times: 1 });
    const { watch, runtime } = watchGrants(simulator);
    await runtime.idle();
    expect(runtime.holding).toBe(false);
    const { ready } = watch;
    await runtime.idle();
    expect(runtime.holding).toBe(true);
    await runtime.advance(2);
    await ready;
    expect(runtime.holding).toBe(false);
  });
});
