import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { combinations } from './matrix.ts';
import { Results } from './results.ts';
import { matrixJobs, runJobs } from './run-matrix.ts';

/** The corners of the matrix; all of it is `npm run test:compat`. */
const QUICK: readonly (readonly [node: string, line: string, sdk: string, style: string])[] = [
  ['20.19.0', '2.x', '6.11.1', 'CommonJS, --require'],
  ['20.19.0', '2.x', '8.4.0', 'TypeScript commonjs'],
  ['24.21.0', '2.x', '8.4.0', 'ESM, --import'],
];

describe('packed packages in an application of their own', () => {
  it('trace and count a request at the corners of the matrix', { timeout: 300_000 }, async () => {
    const wanted = combinations().filter(({ node, line, sdk, style }) =>
      QUICK.some((corner) => `${corner}` === `${[node, line.name, sdk, style.name]}`),
    );
    expect(wanted).toHaveLength(QUICK.length);
    const results = Results.in(join(import.meta.dirname, '.cache/quick.json'), { fresh: true });
    await runJobs(matrixJobs(wanted), results);
    expect(wanted.map(({ label }) => results.of(label))).toEqual(wanted.map(() => null));
  });

  it('names every combination once', () => {
    const labels = combinations().map(({ label }) => label);
    expect(new Set(labels).size).toBe(labels.length);
  });
});
