// @ts-check
/**
 * @typedef {import('../servers/bring-servers.mjs').Missing} Missing
 * @typedef {import('../servers/servers.mjs').Server} Server
 *
 * @typedef {object} Results What vitest's JSON reporter writes, as far as we read it.
 * @property {readonly FileResult[]} testResults
 *
 * @typedef {object} FileResult
 * @property {string} name Path of the file.
 * @property {string} status `failed` too when the file could not be loaded.
 * @property {readonly { status: string }[]} assertionResults
 *
 * @typedef {object} Run
 * @property {Results | undefined} results Nothing, when vitest did not get so far as to write them.
 * @property {number} exitCode Of vitest.
 * @property {string} root Folder of the workspace.
 * @property {ReadonlyMap<Server, readonly string[]>} asked
 * @property {readonly Missing[]} missing
 * @property {boolean} selected Whether a name pattern chose some tests and so skipped the rest.
 */

/**
 * What `npm test` says at its end, for people and for programs: what was skipped and why, then the counts.
 *
 * @param {Run} run
 * @returns {{ lines: string[], ok: boolean }}
 */
export function closingLines({ results, exitCode, root, asked, missing, selected }) {
  const files = results?.testResults ?? [];
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const lines = [];
  for (const file of files) {
    const passed = count(file, 'passed');
    const failed = count(file, 'failed');
    const skipped = file.assertionResults.length - passed - failed;
    counts.passed += passed;
    counts.failed += failed || (file.status === 'failed' ? 1 : 0);
    counts.skipped += skipped;
    if (skipped === 0 || selected) continue;
    const path = file.name.startsWith(`${root}/`) ? file.name.slice(root.length + 1) : file.name;
    const lacks = missing.filter(({ server }) => asked.get(server)?.includes(path));
    const why = lacks.map(({ server, why }) => `${server.debian} is missing (${why})`).join(' and ');
    lines.push(`skipped: ${skipped} in ${path}: ${why || 'the test says so itself'}`);
  }
  if (counts.passed + counts.failed === 0) {
    lines.push('No test ran: nothing is proved.');
    counts.failed = 1;
  } else if (exitCode !== 0 && counts.failed === 0) {
    lines.push('Every test passed, yet vitest reported an error of its own: see above.');
    counts.failed = 1;
  }
  lines.push(`tests: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  return { lines, ok: exitCode === 0 && counts.failed === 0 };
}

/**
 * @param {FileResult} file
 * @param {string} status
 */
function count(file, status) {
  return file.assertionResults.filter((result) => result.status === status).length;
}
