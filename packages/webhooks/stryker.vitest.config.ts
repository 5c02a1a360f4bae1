import { defineConfig } from 'vitest/config';

const conditions = ['nylas-otel-source'];

// For the mutation score: the tests of one file each, which are quick and fail at the mistake.
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: { include: ['src/{signature,envelope,inbox,receiver}/*.test.ts'] },
});
