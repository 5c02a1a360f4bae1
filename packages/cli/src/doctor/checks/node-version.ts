import { type Check, fail, pass, warn } from '../check.ts';

const LEAST = [22, 15] as const;

export const nodeVersion: Check = {
  name: 'node-version',
  looksAt: 'the Node that runs this command',
  async run() {
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
    const version = `Node ${process.versions.node}`;
    if (major < LEAST[0] || (major === LEAST[0] && minor < LEAST[1])) {
      return fail(`${version} is too old.`, 'Use Node 22.15 or newer; the current LTS is best.');
    }
    if (major % 2 === 1) {
      return warn(
        `${version} is no LTS line: it is supported for a few months only.`,
        'Use an even version.',
      );
    }
    return pass(`${version}.`);
  },
};
