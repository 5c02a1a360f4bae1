import manifest from '../../package.json' with { type: 'json' };

const exact = /pnpm@[\d.]+/.exec(manifest.scripts.setup)?.[0];
if (!exact) throw new Error('The script `setup` in package.json names no exact version of pnpm.');

/** The command that calls the workspace's pnpm: program, then arguments. */
export const PNPM: readonly [string, ...string[]] = ['npx', '-y', exact];
