import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';

const tests = ['{packages,examples}/*/**', 'grafana/**', 'test/**'].map((folder) => `${folder}/*.test.ts`);
const timings = tests.map((pattern) => pattern.replace('*.test.ts', '*.timing.test.ts'));
const notOurs = [...configDefaults.exclude, '**/dist/**', '**/fixtures/**'];

// Tests read the sources; what is published is tested from `dist` in child processes. No more conditions than this one:
// vitest hands them to its workers, where `import` would make `require` load ES modules.
const conditions = ['nylas-otel-source'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // On a shared machine of two cores a test with sockets and processes may be late once; what is broken fails twice.
    retry: process.env.CI === undefined ? 0 : 1,
    projects: [
      {
        extends: true,
        test: {
          name: 'tests',
          include: tests,
          exclude: [...notOurs, ...timings],
          // Two at least: most tests wait on sockets and child processes.
          maxWorkers: Math.max(2, availableParallelism() - 1),
          sequence: { groupOrder: 0 },
        },
      },
      {
        // What measures time or memory runs when the others are done, one file at a time.
        extends: true,
        test: {
          name: 'timings',
          include: timings,
          exclude: notOurs,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
