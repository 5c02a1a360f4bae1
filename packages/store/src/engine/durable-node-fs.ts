import fs from 'node:fs';
import type { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';

/** Settings without which PGlite (0.5) never writes through to the disk; see {@link DurableNodeFs}. */
export const DURABLE_SETTINGS: readonly string[] = ['-c', 'fsync=on', '-c', 'wal_sync_method=fsync'];

// The parts of PGlite's Emscripten module that are used here; it publishes no types of them.
interface EmscriptenStream {
  readonly nfd?: number;
  readonly node: object;
}
interface EmscriptenModule {
  readonly FS: { readonly ErrnoError: new (code: number) => Error };
  readonly NODEFS: {
    readonly stream_ops: { fsync?: (stream: EmscriptenStream) => number };
    realPath(node: object): string;
    convertNodeCode(error: unknown): number;
  };
}

/**
 * PGlite's file system on a folder, with an fsync that syncs. Measured with strace on 0.5.16: its `NODEFS` has no
 * `fsync`, and its `fdatasync` (PostgreSQL's choice on Linux) returns at once, so that without `-F` it makes as few
 * system calls as with it: none. Here `fsync` is given to the one and PostgreSQL is told not to use the other.
 */
export class DurableNodeFs extends NodeFS {
  override async init(pg: PGlite, options: Parameters<NodeFS['init']>[1]): ReturnType<NodeFS['init']> {
    const { emscriptenOpts } = await super.init(pg, options);
    const install = (module: unknown): void => giveFsync(module as EmscriptenModule);
    emscriptenOpts.preRun = [...[emscriptenOpts.preRun ?? []].flat(), install];
    return { emscriptenOpts };
  }
}

function giveFsync({ FS, NODEFS }: EmscriptenModule): void {
  NODEFS.stream_ops.fsync = (stream) => {
    try {
      if (stream.nfd !== undefined) fs.fsyncSync(stream.nfd);
      else syncFolder(NODEFS.realPath(stream.node));
      return 0;
    } catch (error) {
      // PostgreSQL stops at this, as it should: what it wrote may not be there.
      throw new FS.ErrnoError(NODEFS.convertNodeCode(error));
    }
  };
}

function syncFolder(path: string): void {
  const descriptor = fs.openSync(path, 'r');
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}
