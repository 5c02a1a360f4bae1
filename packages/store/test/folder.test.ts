import fs, { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type NylasStore, openStore } from '../src/index.ts';
import { type Child, startChild } from './children.ts';
import { CALL, received } from './contract/harness-events.ts';

// An empty PGlite takes seconds to make, so all of this happens to one folder.
describe('a store in a folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nylas-otel-folder-'));
  const acknowledged: string[] = [];
  let first: Child;
  let store: NylasStore | undefined;

  beforeAll(async () => {
    first = startChild('accept-until-killed', [folder]);
    expect(await first.line()).toBe('open');
    while (acknowledged.length < 25) acknowledged.push((await first.line()) ?? '');
  }, 600_000);
  afterAll(async () => {
    await first.kill();
    await store?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is of one process, and says what another one can do', async () => {
    await expect(openStore({ folder })).rejects.toMatchObject({
      code: 'NYLAS_STORE_FOLDER_IN_USE',
      message: expect.stringMatching(/process \d+.*databaseUrl/),
    });
  });

  it('is free after a kill -9, with all that was acknowledged', async () => {
    await first.kill('SIGKILL');
    for (let line = await first.line(); line !== undefined; line = await first.line())
      acknowledged.push(line);
    store = await openStore({ folder });
    expect(await store.inbox.known(acknowledged)).toEqual(new Set(acknowledged));
    const { queued } = await store.inbox.counts();
    expect(queued).toBeGreaterThanOrEqual(acknowledged.length);
  }, 600_000);

  it('has written through to the disk when it acknowledges', async () => {
    const fsync = vi.spyOn(fs, 'fsyncSync');
    try {
      await store?.inbox.accept([received()], CALL);
      expect(fsync).toHaveBeenCalled();
      expect(await store?.health()).toMatchObject({ engine: 'pglite', durable: true });
    } finally {
      fsync.mockRestore();
    }
  });

  it('handles again what a killed process had in hand', async () => {
    const handled = new Set<string>();
    const all = new Promise<void>((resolve) => {
      void store?.inbox.work({
        onEvent: ({ key }) => {
          handled.add(key);
          if (acknowledged.every((one) => handled.has(one))) resolve();
        },
      });
    });
    await all;
  });
});
