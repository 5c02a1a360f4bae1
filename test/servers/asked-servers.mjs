// @ts-check
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SERVERS } from './servers.mjs';

/** @typedef {import('./servers.mjs').Server} Server */

const ASKS = /^\s*\/\/ Debian: apt install ([\w.+-]+)\s*$/gm;
const FOLDERS = ['packages', 'examples', 'grafana', 'test'];
const NOT_OURS = new Set(['node_modules', 'dist', 'fixtures']);

/**
 * Which servers the tests in the workspace ask for, each with the tests that do.
 *
 * @param {string} root Folder of the workspace.
 * @returns {Map<Server, string[]>} Paths of test files from `root`, by server.
 * @throws {Error} When a test asks for what is not in the table.
 */
export function askedServers(root) {
  /** @type {Map<Server, string[]>} */
  const asked = new Map();
  for (const file of FOLDERS.flatMap((folder) => testFiles(root, folder))) {
    for (const [, name] of readFileSync(join(root, file), 'utf8').matchAll(ASKS)) {
      const server = SERVERS.find((known) => known.debian === name);
      if (!server)
        throw new Error(`${file} asks for ${name}. Add it to the table in test/servers/servers.mjs.`);
      asked.set(server, [...(asked.get(server) ?? []), file]);
    }
  }
  return asked;
}

/**
 * @param {string} root
 * @param {string} folder
 * @returns {string[]}
 */
function testFiles(root, folder) {
  /** @type {import('node:fs').Dirent[]} */
  let entries;
  try {
    entries = readdirSync(join(root, folder), { withFileTypes: true });
  } catch {
    return [];
  }
  return entries.flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : testFiles(root, path);
    return entry.name.endsWith('.test.ts') ? [path] : [];
  });
}
