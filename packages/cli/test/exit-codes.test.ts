import { spawnSync } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import getPort from 'get-port';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openControlSocket } from '../src/control/control-server.ts';
import { NylasOtelError } from '../src/errors.ts';
import { EXIT_CODES, type ExitName } from '../src/exit-codes.ts';
import { run, type World } from '../src/main.ts';
import { BIN, cleanEnv, cli, folder } from './command.ts';

vi.setConfig({ testTimeout: 60_000 });

const place = folder();
let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ grants: 1 });
});
afterAll(async () => {
  await simulator.close();
  place[Symbol.dispose]();
});

/** Runs a command in this process. */
async function ended(args: readonly string[], env: Record<string, string> = {}, other: Partial<World> = {}) {
  const said = { stdout: '', stderr: '' };
  const into = (name: 'stdout' | 'stderr') => ({
    write(text: string) {
      said[name] += text;
    },
  });
  const code = await run(args, {
    stdout: into('stdout'),
    stderr: into('stderr'),
    env: cleanEnv({
      NYLAS_API_KEY: simulator.apiKey,
      NYLAS_OTEL_API_URL: simulator.url,
      NYLAS_OTEL_SOCKET: 'off',
      NYLAS_OTEL_DATA_DIR: join(place.path, 'none'),
      ...env,
    }),
    cwd: place.path,
    signal: new AbortController().signal,
    now: Date.now,
    ...other,
  });
  return { code, ...said };
}

/** A way to each exit there is. */
const WAYS: Readonly<Record<ExitName, () => Promise<{ code: number | null; stderr: string }>>> = {
  ok: () => ended(['accounts', 'list']),
  findings: () => ended(['doctor', '--only', 'credentials'], { NYLAS_API_KEY: 'wrong' }),
  usage: () => ended(['accounts', 'lst']),
  refused: () => ended(['accounts', 'list'], { NYLAS_API_KEY: 'wrong' }),
  unreachable: async () => {
    const NYLAS_OTEL_API_URL = `http://127.0.0.1:${await getPort()}`;
    return await ended(['webhooks', 'list'], { NYLAS_OTEL_API_URL });
  },
  store: () => ended(['webhooks', 'dead']),
  busy: async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, 'localhost', resolve));
    const port = String((taken.address() as AddressInfo).port);
    const told = await cli(['exporter', '--port', port], { env: { NYLAS_OTEL_DATA_DIR: 'memory' } });
    taken.close();
    return told;
  },
  notFound: async () => {
    const path = join(place.path, 'x.sock');
    // What the exporter ends with goes over its socket as it is.
    const socket = await openControlSocket(path, async () => {
      throw new NylasOtelError('notFound', 'There is no such account.', 'nylas-otel accounts list');
    });
    const told = await ended(['accounts', 'show', 'nobody'], { NYLAS_OTEL_SOCKET: path });
    await socket.close(0);
    return told;
  },
  bug: () =>
    ended(
      ['doctor', '--only', 'configuration'],
      {},
      {
        now: () => {
          throw new RangeError('a message with anything in it');
        },
      },
    ),
  interrupted: () => ended(['accounts', 'list'], {}, { signal: AbortSignal.abort('SIGINT') }),
};

describe('exit codes', () => {
  it.each(Object.keys(EXIT_CODES) as ExitName[])('%s', async (name) => {
    const { code, stderr } = await WAYS[name]();
    expect(code, stderr).toBe(EXIT_CODES[name].code);
    // Whatever is wrong is said.
    if (!['ok', 'findings'].includes(name)) expect(stderr).not.toBe('');
    expect(stderr).not.toContain('anything in it');
  });

  it('are all different, and promised to scripts', () => {
    const codes = Object.values(EXIT_CODES).map(({ code }) => code);
    expect(codes).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 70, 130]);
  });

  it('a reader that leaves is no error', () => {
    const { status } = spawnSync(
      'bash',
      ['-o', 'pipefail', '-c', '"$0" "$1" config schema | head -c 1', process.execPath, BIN],
      { env: cleanEnv(), encoding: 'utf8' },
    );
    expect(status).toBe(0);
  });
});
