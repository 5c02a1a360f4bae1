import { type Check, type Finding, fail, pass, warn } from '../check.ts';

const LEAST = [22, 15] as const;

export const nodeVersion: Check = {
  name: 'node-version',
  looksAt: 'the Node that runs this command',
  async run() {
    return findingOn(process.versions.node);
  },
};

/** What is to be said of a version of Node. */
export function findingOn(node: string): Finding {
  const [major = 0, minor = 0] = node.split('.').map(Number);
  const version = `Node ${node}`;
  if (major < LEAST[0] || (major === LEAST[0] && minor < LEAST[1])) {
    return fail(`${version} is too old.`, 'Use Node 22.15 or newer; the current LTS is best.');
  }
  if (major % 2 === 1) {
    return warn(`${version} is no LTS line: it is supported for a few months only.`, 'Use an even version.');
  }
  return pass(`${version}.`);
}
