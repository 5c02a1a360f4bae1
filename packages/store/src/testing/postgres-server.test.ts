// Debian: apt install postgresql
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { hasPostgres, startPostgres } from './postgres-server.ts';

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

describe.runIf(hasPostgres())('startPostgres', () => {
  it('is a durable server whose databases survive a restart and a kill -9', async () => {
    const server = await startPostgres({ settings: { work_mem: '5MB' } });
    try {
      const url = await server.createDatabase();
      expect(await server.createDatabase()).not.toBe(url);
      expect(await ask(url, `SELECT current_setting('fsync'), current_setting('work_mem')`)).toEqual([
        'on',
        '5MB',
      ]);
      await ask(url, 'CREATE TABLE seen (word text)');
      await ask(url, `INSERT INTO seen VALUES ('first')`);
      await server.restart();
      await ask(url, `INSERT INTO seen VALUES ('second')`);
      await server.kill();
      await expect(ask(url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
      await server.start();
      expect(await ask(url, 'SELECT word FROM seen')).toEqual(['first', 'second']);
    } finally {
      await server.stop();
    }
  });

  it('ends with the process that started it, also after a kill -9', async () => {
    const child = spawn(
      process.execPath,
      [fileURLToPath(new URL('../../test/fixtures/hold-postgres.ts', import.meta.url))],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [url] = (await once(child.stdout, 'data')) as [Buffer];
    const client = new Client({ connectionString: String(url).trim() });
    const cut = new Promise((resolve) => client.once('error', resolve));
    await client.connect();
    child.kill('SIGKILL');
    expect(await cut).toBeInstanceOf(Error);
  });
});
