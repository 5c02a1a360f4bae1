import { spawnSync } from 'node:child_process';

/** Runs a command among mounts of its own, which end with it. */
function withMounts(script: string, ...words: string[]): readonly string[] {
  return ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', ...words];
}

/** Whether this user may make mounts. */
export const canMount: boolean =
  process.platform === 'linux' &&
  spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;

/** Everything that can be written becomes read-only, temporary folders included. */
export const READ_ONLY: readonly string[] = withMounts(
  `for at in / /tmp /var/tmp /run /dev/shm "$HOME"; do
     mount --bind -o ro "$at" "$at" 2>/dev/null && mount -o remount,bind,ro "$at"
   done; exec "$@"`,
);

/** A disk of so many MiB in a folder. */
export function withDisk(folder: string, mebibytes: number): readonly string[] {
  return withMounts(
    'mount -t tmpfs -o "size=$2m" tmpfs "$1" && shift 2 && exec "$@"',
    folder,
    String(mebibytes),
  );
}
