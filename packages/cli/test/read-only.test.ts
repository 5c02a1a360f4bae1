// Debian: apt install postgresql
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import { hasPostgres, startPostgres } from '@nylas-otel/store/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { cli, exporter, folder, type RunOptions, UNPRIVILEGED } from './command.ts';
import { canMount, READ_ONLY } from './mounts.ts';

vi.setConfig({ testTimeout: 120_000 });

const NOBODY = [...READ_ONLY, ...UNPRIVILEGED];
let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ grants: 2 });
});
afterAll(() => simulator.close());

const variables = (home: string): Record<string, string> => ({
  HOME: home,
  NYLAS_API_KEY: simulator.apiKey,
  NYLAS_OTEL_API_URL: simulator.url,
  NYLAS_OTEL_STATUS_URL: simulator.url,
  NODE_COMPILE_CACHE: join(home, 'compile-cache'),
});

describe.skipIf(!canMount)('without rights, where nothing at all can be written', () => {
  it('these mounts are read-only', () => {
    using place = folder();
    for (const path of [place.path, '/tmp', process.cwd()]) {
      const [program = '', ...words] = [...READ_ONLY, 'touch', join(path, 'nylas-otel-was-here')];
      const { status, stderr } = spawnSync(program, words, { encoding: 'utf8' });
      expect(status, path).not.toBe(0);
      expect(stderr).toContain('Read-only file system');
    }
  });

  it.skipIf(!hasPostgres())(
    'the exporter works with PostgreSQL, as its own home and folder are',
    async () => {
      using place = folder();
      mkdirSync(join(place.path, 'home'));
      const postgres = await startPostgres();
      const running = await exporter(
        { ...variables(join(place.path, 'home')), DATABASE_URL: postgres.url },
        [],
        place.path,
        NOBODY,
      );
      using _end = { [Symbol.dispose]: () => running.process.kill() };
      await running.logged('all accounts have been read');
      expect((await fetch(`${running.url}/-/ready`)).status).toBe(200);
      // One thing it could not have, which is said, and goes without.
      expect(running.log()).toMatch(/WARN .*commands on this machine cannot reach the exporter: .*EROFS/);
      expect(running.log()).not.toContain(' ERROR ');
      expect(await running.stop()).toBe(0);
      await postgres.stop();
    },
  );

  it('with its embedded store it says which folder it needs, and how to go without, and ends with 5', async () => {
    using place = folder();
    const { code, stderr } = await cli(['exporter', '--port', '0'], at(place.path));
    expect(code).toBe(5);
    expect(stderr).toContain(join(place.path, '.local/state/nylas-otel/default'));
    expect(stderr).toContain('nothing can be written there');
    for (const way of ['NYLAS_OTEL_DATA_DIR', 'DATABASE_URL']) expect(stderr).toContain(way);
  });

  it('doctor looks around as everywhere', async () => {
    using place = folder();
    const only = ['--only', 'credentials,accounts,configuration'];
    const { code, stdout } = await cli(['doctor', ...only], at(place.path));
    expect(code).toBe(0);
    expect(stdout).toContain('3 passed');
  });

  const at = (path: string): RunOptions => ({ cwd: path, env: variables(path), prefix: NOBODY });
});
