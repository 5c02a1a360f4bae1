// @ts-check
import { spawnSync } from 'node:child_process';
import { accessSync, chmodSync, constants, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * @typedef {import('./servers.mjs').Server} Server
 *
 * @typedef {object} Missing A server that could not be brought.
 * @property {Server} server
 * @property {string} why What stood in the way, and what a person can do about it.
 *
 * @typedef {object} Machine What bringing a server touches of the machine it runs on.
 * @property {boolean} root Whether packages may be installed.
 * @property {(program: string, folder?: string) => boolean} has Whether a program is on the PATH or in the folder.
 * @property {(args: readonly string[]) => { ok: boolean, output: string }} apt Runs apt-get.
 * @property {(line: string) => void} say Tells of progress.
 */

/**
 * Brings what is not there yet with apt, without starting any service and without asking anything.
 *
 * @param {readonly Server[]} servers
 * @param {Machine} [machine]
 * @returns {Missing[]} What could not be brought.
 */
export function bringServers(servers, machine = thisMachine()) {
  const absent = servers.filter((server) => !isHere(server, machine));
  if (absent.length === 0) return [];
  if (!machine.has('apt-get')) {
    return absent.map((server) => ({ server, why: `no apt-get here: put ${list(server)} on the PATH` }));
  }
  if (!machine.root) {
    return absent.map((server) => ({
      server,
      why: `not root: run apt-get install ${server.debian} as root`,
    }));
  }
  machine.say('apt-get update');
  const update = machine.apt(['update']);
  return absent.flatMap((server) => {
    machine.say(`apt-get install ${server.debian}`);
    const install = machine.apt(['install', '--yes', '--no-install-recommends', server.debian]);
    if (isHere(server, machine)) return [];
    const why = install.ok
      ? `apt-get install ${server.debian} did not bring ${list(server)}`
      : `apt-get install ${server.debian} failed: ${lastError(install.output) ?? lastError(update.output) ?? 'it says no more'}`;
    return [{ server, why }];
  });
}

/**
 * Folders of these servers that Debian keeps off the PATH, newest version first.
 *
 * @param {Iterable<Server>} servers
 * @returns {string[]}
 */
export function serverFolders(servers) {
  return [...servers].flatMap((server) => (server.folder ? versionFolders(server.folder) : []));
}

/** @returns {Machine} */
function thisMachine() {
  return {
    root: process.getuid?.() === 0,
    has: (program, folder) =>
      [...(process.env.PATH ?? '').split(delimiter), ...(folder ? versionFolders(folder) : [])].some(
        (place) => isProgram(join(place, program)),
      ),
    apt: (args) => withoutServices(() => aptGet(args)),
    say: (line) => console.log(`  ${line}`),
  };
}

/**
 * @param {Server} server
 * @param {Machine} machine
 */
function isHere(server, machine) {
  return server.programs.every((program) => machine.has(program, server.folder));
}

/** @param {Server} server */
function list(server) {
  return server.programs.join(', ');
}

/** @param {string} output */
function lastError(output) {
  return output
    .split('\n')
    .findLast((line) => line.startsWith('E:'))
    ?.slice('E:'.length)
    .trim();
}

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {string} folder With one `*`, as in the table.
 * @returns {string[]}
 */
function versionFolders(folder) {
  const [parent = '', rest = ''] = folder.split('*');
  if (!existsSync(parent)) return [];
  const newestFirst = readdirSync(parent).sort((a, b) => b.localeCompare(a, undefined, { numeric: true }));
  return newestFirst.map((version) => join(parent, version, rest));
}

/** @param {readonly string[]} args */
function aptGet(args) {
  const { status, stdout, stderr, error } = spawnSync('apt-get', ['-o', 'DPkg::Lock::Timeout=120', ...args], {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    timeout: 600_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { ok: status === 0, output: `${stdout}${stderr}${error ? `E: ${error.message}` : ''}` };
}

/** Where Debian's packages ask whether they may start their service. */
const POLICY = '/usr/sbin/policy-rc.d';

/**
 * @template Result
 * @param {() => Result} install
 * @returns {Result}
 */
function withoutServices(install) {
  if (existsSync(POLICY)) return install();
  writeFileSync(
    POLICY,
    '#!/bin/sh\n# Written for the time of an installation: 101 is "do not start it".\nexit 101\n',
  );
  chmodSync(POLICY, 0o755);
  try {
    return install();
  } finally {
    rmSync(POLICY, { force: true });
  }
}
