import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { BIN, cleanEnv, cli, exporter, folder, UNPRIVILEGED } from './command.ts';

// PGlite makes a database at the first start, on a machine that may be busy.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let simulator: Simulator;
let env: Record<string, string>;
beforeAll(async () => {
  simulator = await startSimulator({ grants: 2 });
  env = {
    NYLAS_API_KEY: simulator.apiKey,
    NYLAS_OTEL_API_URL: simulator.url,
    NYLAS_OTEL_STATUS_URL: simulator.url,
  };
});
afterAll(() => simulator.close());

describe('the exporter with its embedded store', () => {
  it('keeps accounts over a restart, lets nobody else into its folder, and answers over its socket', async () => {
    using place = folder();
    const data = join(place.path, 'state', 'nylas-otel');
    const mine = { ...env, NYLAS_OTEL_DATA_DIR: data };
    const first = await exporter(mine);
    // While the store is being made: the command waits for it over the socket.
    await first.logged('commands are taken at ');
    const listed = await cli(['doctor', '--only', 'store', '--json'], { env: mine });
    expect(JSON.parse(listed.stdout).checks[0]).toMatchObject({
      // On a machine that is busy it says that it is slow.
      status: expect.stringMatching(/^(pass|warn)$/),
      finding: expect.stringContaining('through the running exporter'),
    });
    await first.logged('all accounts have been read');
    expect(statSync(join(data, 'nylas-otel.sock')).mode & 0o777).toBe(0o600);
    expect(statSync(data).mode & 0o077).toBe(0);

    const second = await cli(['exporter', '--port', '0', '--socket', 'off'], { env: mine });
    expect(second.code).toBe(6);
    expect(second.stderr).toMatch(/is open in (another )?process/);

    expect(await first.stop()).toBe(0);
    const after = await cli(['accounts', 'list', '--json'], { env: mine });
    expect(JSON.parse(after.stdout)).toMatchObject({ source: 'store', counts: { running: 2 } });
  });

  it('says with 5 that the folder cannot be written', async () => {
    using place = folder();
    const file = join(place.path, 'file');
    writeFileSync(file, '');
    const { code, stderr } = await cli(['exporter', '--port', '0'], {
      env: { ...env, NYLAS_OTEL_DATA_DIR: join(file, 'data') },
    });
    expect(code).toBe(5);
    expect(stderr).toMatch(/NYLAS_OTEL_DATA_DIR|may this user write/);
  });

  it('says with 5 that the disk is full', async () => {
    using place = folder();
    // 256 blocks of 512 bytes a file: what a full disk does to a database of 40 MB.
    const script = `ulimit -f 256; exec "$0" "$1" exporter --port 0 --data-dir "$2"`;
    const ended = spawnSync('bash', ['-c', script, process.execPath, BIN, join(place.path, 'data')], {
      env: cleanEnv({ ...env, NODE_DISABLE_COMPILE_CACHE: '1' }),
      encoding: 'utf8',
      timeout: 200_000,
    });
    expect(ended.stderr).toContain('metrics are served');
    expect(ended.stderr).toMatch(/error: The store .* cannot be used/);
    expect(ended.status).toBe(5);
  });

  const root = process.getuid?.() === 0;
  it.skipIf(!root)('runs without rights on folders it may not write, with its state in memory', async () => {
    using place = folder();
    const locked = join(place.path, 'locked');
    mkdirSync(locked);
    chmodSync(locked, 0o555);
    chmodSync(place.path, 0o755);
    const child = await exporter(
      {
        ...env,
        NYLAS_OTEL_DATA_DIR: 'memory',
        NYLAS_OTEL_SOCKET: join(locked, 'x.sock'),
        NODE_DISABLE_COMPILE_CACHE: '1',
      },
      [],
      locked,
      UNPRIVILEGED,
    );
    await child.logged('ready');
    expect(child.log()).toContain('commands on this machine cannot reach the exporter');
    expect((await fetch(`${child.url}/-/ready`)).status).toBe(200);
    expect(await child.stop()).toBe(0);
  });
});
