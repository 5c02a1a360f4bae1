import { createHash } from 'node:crypto';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Settings } from '../options/settings.ts';

/** Longest path that a Unix socket may have on every system. */
const LONGEST_SOCKET_PATH = 103;

/** The folder of the embedded PGlite; `memory` for none. */
export function dataFolder(settings: Settings, env: NodeJS.ProcessEnv, cwd: string): string {
  const given = settings['store.data_dir'];
  if (given === 'memory') return given;
  if (given !== undefined) return resolve(cwd, given);
  const state = env.XDG_STATE_HOME || join(env.HOME || homedir(), '.local', 'state');
  return join(state, 'nylas-otel', settings['nylas.application']);
}

/**
 * The socket of the exporter with these settings; undefined where it is off. Exporter and commands find the same one: it
 * follows from the application and from where its state is.
 */
export function socketPath(settings: Settings, env: NodeJS.ProcessEnv, cwd: string): string | undefined {
  const given = settings['store.socket'];
  if (given === 'off') return undefined;
  if (given !== undefined) return resolve(cwd, given);
  const folder = dataFolder(settings, env, cwd);
  if (settings['store.database_url'] === undefined && folder !== 'memory') {
    const inside = join(folder, 'nylas-otel.sock');
    if (inside.length <= LONGEST_SOCKET_PATH) return inside;
  }
  // A database has no folder here: its sockets are told apart by application and user.
  const place = env.XDG_RUNTIME_DIR || tmpdir();
  const name = createHash('sha256')
    .update(
      JSON.stringify([
        process.getuid?.(),
        settings['nylas.application'],
        folder,
        settings['store.database_url'],
      ]),
    )
    .digest('hex')
    .slice(0, 12);
  return join(place, `nylas-otel-${name}.sock`);
}
