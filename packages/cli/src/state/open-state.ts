import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { NylasStore } from '@nylas-otel/store';
import { errorInWords, isDiskFull, NylasOtelError } from '../errors.ts';
import type { ExitName } from '../exit-codes.ts';
import type { Settings } from '../options/settings.ts';
import { dataFolder } from './state-paths.ts';

/** Where the durable state of these settings is, in words that hold no secret. */
export function storeInWords(settings: Settings, env: NodeJS.ProcessEnv, cwd: string): string {
  if (settings['store.database_url'] !== undefined) return 'PostgreSQL';
  const folder = dataFolder(settings, env, cwd);
  return folder === 'memory' ? 'memory' : `PGlite in ${folder}`;
}

/** The folder of PGlite's own files: the socket of the exporter lies beside it. */
export function pgliteFolder(settings: Settings, env: NodeJS.ProcessEnv, cwd: string): string {
  return join(dataFolder(settings, env, cwd), 'pglite');
}

/**
 * Opens the durable state.
 *
 * @throws NylasOtelError with what to do
 */
export async function openState(
  settings: Settings,
  env: NodeJS.ProcessEnv,
  cwd: string,
): Promise<NylasStore> {
  const { openStore } = await import('@nylas-otel/store');
  const application = settings['nylas.application'];
  const databaseUrl = settings['store.database_url'];
  const memory = dataFolder(settings, env, cwd) === 'memory';
  try {
    if (databaseUrl !== undefined) return await openStore({ application, databaseUrl });
    if (memory) return await openStore({ application, memory: true });
    const folder = pgliteFolder(settings, env, cwd);
    mkdirSync(dirname(folder), { recursive: true, mode: 0o700 });
    return await openStore({ application, folder });
  } catch (error) {
    throw storeError(error, storeInWords(settings, env, cwd));
  }
}

const EXITS: Readonly<Record<string, ExitName>> = {
  NYLAS_STORE_INVALID_OPTION: 'usage',
  NYLAS_STORE_FOLDER_IN_USE: 'busy',
};

/** What making a folder ends with; Node says ENOENT where a file system is read-only. */
const NOT_WRITABLE: readonly string[] = ['EACCES', 'ENOENT', 'ENOTDIR', 'EPERM', 'EROFS'];

const FIXES = {
  NYLAS_STORE_UNREACHABLE:
    'Is the server up, and DATABASE_URL right? nylas-otel doctor --only store tries it.',
  NYLAS_STORE_REFUSED:
    'Check user, password and database of DATABASE_URL, and that the user may create tables.',
  NYLAS_STORE_FOLDER_IN_USE:
    'A running exporter has it: commands reach it over its socket, with the same --data-dir and --application. Or end the other process.',
  NYLAS_STORE_FOLDER_UNUSABLE:
    'Give a folder that this user can write with NYLAS_OTEL_DATA_DIR, set DATABASE_URL, or NYLAS_OTEL_DATA_DIR=memory.',
  NYLAS_STORE_NEWER_SCHEMA: 'A newer nylas-otel has used this store: use that version.',
} as const;

/** What a failure of the store means for a command. */
export function storeError(error: unknown, where: string): NylasOtelError {
  const code = (error as { code?: unknown } | null)?.code;
  const ours = error instanceof Error && error.name === 'NylasStoreError' && typeof code === 'string';
  if (!ours) {
    const words = errorInWords(error);
    if (NOT_WRITABLE.includes(words)) {
      return new NylasOtelError(
        'store',
        `The store (${where}) cannot be used: nothing can be written there (${words}).`,
        FIXES.NYLAS_STORE_FOLDER_UNUSABLE,
        { cause: error },
      );
    }
    return new NylasOtelError(
      'store',
      `The store (${where}) cannot be used (${words}).`,
      isDiskFull(error)
        ? 'The disk is full: make room, and start again.'
        : 'Is there room on the disk, and may this user write there? See also nylas-otel doctor --only store.',
      { cause: error },
    );
  }
  return new NylasOtelError(
    EXITS[code] ?? 'store',
    `The store (${where}) cannot be used: ${error.message}`,
    (FIXES as Readonly<Record<string, string>>)[code] ?? 'See nylas-otel doctor --only store.',
    { cause: error },
  );
}
