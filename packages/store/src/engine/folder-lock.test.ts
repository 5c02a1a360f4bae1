import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Child, startChild } from '../../test/children.ts';
import { type FolderLock, lockFolder } from './folder-lock.ts';

let folder: string;
const children: Child[] = [];
const locks: FolderLock[] = [];

beforeEach(() => {
  // Longer than the path of a socket may be.
  folder = join(mkdtempSync(join(tmpdir(), 'nylas-otel-lock-')), 'x'.repeat(120));
});
afterEach(async () => {
  for (const child of children.splice(0)) await child.kill();
  for (const lock of locks.splice(0)) await lock.release();
  rmSync(join(folder, '..'), { recursive: true, force: true });
});

async function lock(): Promise<FolderLock> {
  const held = await lockFolder(folder);
  locks.push(held);
  return held;
}

function holder(): Child {
  const child = startChild('hold-folder', [folder]);
  children.push(child);
  return child;
}

describe('lockFolder', () => {
  it('refuses a second opener in this process, and says so', async () => {
    await lock();
    await expect(lock()).rejects.toMatchObject({
      code: 'NYLAS_STORE_FOLDER_IN_USE',
      message: expect.stringMatching(/open in this process already.*PostgreSQL/),
    });
  });

  it('refuses a second process, and names the one that has it', async () => {
    const first = holder();
    expect(await first.line()).toBe('locked');
    await expect(lock()).rejects.toMatchObject({
      code: 'NYLAS_STORE_FOLDER_IN_USE',
      message: expect.stringContaining(`process ${first.process.pid}`),
    });
    await lock().catch(() => {});
    expect(await holder().line()).toBe('NYLAS_STORE_FOLDER_IN_USE');
  });

  it('is free after a kill -9, again and again, and leaves nothing that grows', async () => {
    for (let time = 0; time < 3; time++) {
      const child = holder();
      expect(await child.line()).toBe('locked');
      await child.kill('SIGKILL');
    }
    await lock();
    expect(readdirSync(folder).filter((name) => name.startsWith('lock-'))).toEqual(['lock-4']);
    expect(readdirSync(folder).filter((name) => name.startsWith('own-'))).toHaveLength(1);
  });

  it('is free after a release', async () => {
    await (await lock()).release();
    locks.length = 0;
    await lock();
  });

  it('goes to exactly one of many that want it at one time, also where a killed process had it', async () => {
    const killed = holder();
    expect(await killed.line()).toBe('locked');
    await killed.kill('SIGKILL');
    const answers = await Promise.all(Array.from({ length: 8 }, () => holder().line()));
    expect(answers.filter((answer) => answer === 'locked')).toHaveLength(1);
    expect(answers.filter((answer) => answer === 'NYLAS_STORE_FOLDER_IN_USE')).toHaveLength(7);
  });

  it('says which folder cannot be used', async () => {
    writeFileSync(folder.slice(0, -1), '');
    folder = folder.slice(0, -1);
    await expect(lock()).rejects.toMatchObject({
      code: 'NYLAS_STORE_FOLDER_UNUSABLE',
      message: expect.stringContaining(folder),
    });
    folder = `${folder}x`;
  });
});
