import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** Vendor agents that are only measured: installed by the bench, apart from the workspace. */
const PEERS = { 'dd-trace': '6.21.0', '@sentry/node': '11.12.0' } as const;
export type PeerName = keyof typeof PEERS;

const FOLDER = join(import.meta.dirname, '../.peers');
const MANIFEST = JSON.stringify({ private: true, dependencies: PEERS });

/** Installs the peers, once for each set of versions. */
export function installPeers(): void {
  const manifest = join(FOLDER, 'package.json');
  if (
    existsSync(manifest) &&
    readFileSync(manifest, 'utf8') === MANIFEST &&
    existsSync(join(FOLDER, 'node_modules'))
  ) {
    return;
  }
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(manifest, MANIFEST);
  const { status, stderr } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock'], {
    cwd: FOLDER,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the peers could not be installed: ${stderr}`);
}

/** A peer, loaded the way its users load it: by require, before anything else. */
export function loadPeer(name: PeerName): unknown {
  return createRequire(join(FOLDER, 'package.json'))(name);
}

/** What stands in a row for a peer. */
export function peerLabel(name: PeerName): string {
  return `${name} ${PEERS[name]}`;
}
