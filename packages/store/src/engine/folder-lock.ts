import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, linkSync, mkdirSync, openSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { NylasStoreError } from '../errors.ts';

/** Held until it is released or the process ends, however it ends. */
export interface FolderLock {
  release(): Promise<void>;
}

const NAME = /^lock-(\d+)$/;
const ANSWER_MS = 500;

/**
 * Locks a folder for this process, made when it is not there. What holds the lock is a listening socket, which the
 * kernel takes away with its process: a `kill -9` leaves a name behind, but nobody who answers.
 *
 * Names are `lock-1`, `lock-2`, ...: whoever finds that nobody answers at the highest takes the next one, which only one
 * can (`link` does not replace). The highest is never removed, so that nobody can take a lock that was passed already.
 *
 * @throws {NylasStoreError} `NYLAS_STORE_FOLDER_IN_USE`, `NYLAS_STORE_FOLDER_UNUSABLE`
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return process.platform === 'win32' ? await lockPipe(folder) : await lockSocket(folder);
  } catch (error) {
    if (error instanceof NylasStoreError) throw error;
    throw new NylasStoreError(
      'NYLAS_STORE_FOLDER_UNUSABLE',
      `The folder ${folder} cannot be used: it must be a folder on a local disk that this process may write to. See \`cause\`.`,
      { cause: error },
    );
  }
}

async function lockSocket(folder: string): Promise<FolderLock> {
  const own = `own-${process.pid}-${randomUUID().slice(0, 8)}`;
  // A socket's path has about 100 bytes: on Linux it goes by the folder's descriptor.
  const descriptor = process.platform === 'linux' ? openSync(folder, 'r') : undefined;
  const base = descriptor === undefined ? folder : `/proc/self/fd/${descriptor}`;
  const server = await listen(join(base, own));
  const end = async (): Promise<void> => {
    server.close();
    await once(server, 'close');
    rmSync(join(folder, own), { force: true });
    if (descriptor !== undefined) closeSync(descriptor);
  };
  try {
    await take(folder, base, own);
  } catch (error) {
    await end();
    throw error;
  }
  return { release: end };
}

async function take(folder: string, base: string, own: string): Promise<void> {
  for (;;) {
    const highest = highestOf(folder);
    if (highest > 0) {
      const holder = await holderOf(join(base, `lock-${highest}`));
      if (holder !== undefined) throw inUse(folder, holder);
    }
    if (!linked(join(folder, own), join(folder, `lock-${highest + 1}`))) continue;
    // Somebody who was faster may have passed this number and removed it as an old one.
    if (highestOf(folder) > highest + 1) {
      rmSync(join(folder, `lock-${highest + 1}`), { force: true });
      continue;
    }
    for (const number of numbersIn(folder))
      if (number <= highest) rmSync(join(folder, `lock-${number}`), { force: true });
    await removeLeftovers(folder, base, own);
    return;
  }
}

/** What processes that were killed have left beside the lock. */
async function removeLeftovers(folder: string, base: string, own: string): Promise<void> {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith('own-') || name === own) continue;
    if ((await holderOf(join(base, name))) === undefined) rmSync(join(folder, name), { force: true });
  }
}

async function lockPipe(folder: string): Promise<FolderLock> {
  const digest = createHash('sha256').update(realpathSync.native(folder).toLowerCase()).digest('hex');
  const path = `\\\\.\\pipe\\nylas-otel-${digest}`;
  let server: Server;
  try {
    server = await listen(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw inUse(folder, await holderOf(path));
  }
  return {
    async release() {
      server.close();
      await once(server, 'close');
    },
  };
}

async function listen(path: string): Promise<Server> {
  // Whoever asks is told who holds the lock.
  const server = createServer((socket: Socket) => {
    socket.on('error', () => {});
    socket.end(String(process.pid));
  });
  server.listen({ path });
  await once(server, 'listening');
  server.unref();
  return server;
}

/** Who listens there: a process id, or an empty text when it does not say. Undefined when nobody does. */
async function holderOf(path: string): Promise<string | undefined> {
  const socket = connect({ path });
  let answer = '';
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    answer += text;
  });
  try {
    await once(socket, 'connect');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Anything but a plain refusal (a full queue, say) may be somebody.
    return code === 'ECONNREFUSED' || code === 'ENOENT' ? undefined : '';
  }
  const timer = setTimeout(() => socket.destroy(), ANSWER_MS);
  await once(socket, 'close').catch(() => {});
  clearTimeout(timer);
  return answer;
}

function numbersIn(folder: string): number[] {
  return readdirSync(folder).flatMap((name) => {
    const match = NAME.exec(name);
    return match === null ? [] : [Number(match[1])];
  });
}

function highestOf(folder: string): number {
  return Math.max(0, ...numbersIn(folder));
}

/** False when the name is taken. */
function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function inUse(folder: string, holder: string | undefined): NylasStoreError {
  const who = holder === undefined || holder === '' ? 'another process' : `process ${holder}`;
  return new NylasStoreError(
    'NYLAS_STORE_FOLDER_IN_USE',
    `The store in ${folder} is open in ${holder === String(process.pid) ? 'this process already' : who}, and two would lose ` +
      "each other's rows. Share the one store of that process, stop it first, or use PostgreSQL (`databaseUrl`), which any " +
      'number of processes may share.',
  );
}
