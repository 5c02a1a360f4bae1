import { describe, expect, it } from 'vitest';
import { type OpenStoreOptions, readOptions } from './options.ts';

const refused = (options: unknown): unknown => {
  try {
    return readOptions(options as OpenStoreOptions);
  } catch (error) {
    return error;
  }
};

describe('options of openStore', () => {
  it('have defaults', () => {
    expect(readOptions({ databaseUrl: 'postgresql://u@h/d' })).toEqual({
      place: { engine: 'postgresql', url: 'postgresql://u@h/d', poolSize: 10 },
      application: 'default',
      schema: 'nylas_otel',
      retention: { events: 604_800, journal: 2_592_000, deadLetters: 7_776_000, quarantine: 2_592_000 },
      keepErrorMessages: false,
    });
    expect(readOptions({ memory: true }).place).toEqual({ engine: 'pglite', folder: undefined });
    expect(readOptions({ folder: '/var/x' }).place).toEqual({ engine: 'pglite', folder: '/var/x' });
  });

  it.each([
    [{}, 'exactly one'],
    [{ memory: true, folder: 'x' }, '2 were given'],
    [{ databaseUrl: 'mysql://root:secret@h/d' }, 'postgresql://'],
    [{ databaseUrl: 'secret' }, 'postgresql://'],
    [{ folder: '' }, 'folder'],
    [{ folder: 'idb://x' }, 'folder'],
    [{ memory: 'yes' }, 'memory'],
    [{ memory: true, poolSize: 4 }, 'poolSize'],
    [{ databaseUrl: 'postgres://h/d', poolSize: 1 }, 'poolSize'],
    [{ memory: true, application: 'a b' }, 'application'],
    [{ memory: true, schema: 'Drop;' }, 'schema'],
    [{ memory: true, schema: 'pg_mine' }, 'schema'],
    [{ memory: true, retention: { events: 60 } }, 'retention.events'],
    [{ memory: true, retention: { jobs: 60 } }, 'retention.jobs'],
    [{ memory: true, databseUrl: 'x' }, 'databseUrl'],
    [undefined, 'object'],
  ])('refuse %j, in words that say what is wrong', (options, words) => {
    expect(refused(options)).toMatchObject({
      code: 'NYLAS_STORE_INVALID_OPTION',
      message: expect.stringContaining(words),
    });
    expect(String(refused(options))).not.toContain('secret');
  });
});
