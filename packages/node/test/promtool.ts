import { spawnSync } from 'node:child_process';

/** True when promtool is on the PATH (Debian package `prometheus`); without it, what it checks is left out. */
export function hasPromtool(): boolean {
  return spawnSync('promtool', ['--version']).status === 0;
}

/** What `promtool check metrics` says of a scrape: nothing, and exit code 0, when it is as it should be. */
export function promtoolCheck(scrape: string | Buffer): { code: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: scrape,
    encoding: 'utf8',
  });
  return { code: status, said: stdout + stderr };
}
