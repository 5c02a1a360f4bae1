import { describe, expect, it } from 'vitest';
import { combinations } from './matrix.ts';
import { runMatrix } from './run-matrix.ts';

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
    const results = await runMatrix(wanted);
    expect(results.map(({ problem }) => problem)).toEqual(wanted.map(() => undefined));
  });

  it('names every combination once', () => {
    const labels = combinations().map(
      ({ node, line, sdk, style }) => `${node} ${line.name} ${sdk} ${style.name}`,
    );
    expect(new Set(labels).size).toBe(labels.length);
  });
});
