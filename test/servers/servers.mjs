// @ts-check
/**
 * The programs that some tests need and npm does not bring, by the Debian package that brings them.
 * A test asks for one with a line `// Debian: apt install NAME`, and skips itself where the program is missing.
 *
 * @typedef {object} Server
 * @property {string} debian Name of the Debian package.
 * @property {readonly string[]} programs What it installs and tests call. All there: nothing to do.
 * @property {string} [folder] Where they lie when Debian keeps them off the PATH; `*` stands for a version.
 */

/** @type {readonly Server[]} */
export const SERVERS = [
  { debian: 'prometheus', programs: ['prometheus', 'promtool'] },
  { debian: 'prometheus-alertmanager', programs: ['prometheus-alertmanager', 'amtool'] },
  { debian: 'postgresql', programs: ['postgres', 'initdb', 'pg_ctl'], folder: '/usr/lib/postgresql/*/bin' },
  { debian: 'chromium', programs: ['chromium'] },
  { debian: 'tmux', programs: ['tmux'] },
];
