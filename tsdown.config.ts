import { defineConfig } from 'tsdown';

// One build for every package: ESM, CommonJS and types for both, from the entries its package.json `exports` names.
export default defineConfig({
  workspace: ['packages/*'],
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  dts: { generator: 'oxc' },
  platform: 'node',
  target: 'node20.19',
  sourcemap: true,
  // CommonJS is built on purpose: much of what runs in production still requires.
  checks: { pluginTimings: false, legacyCjs: false },
  logLevel: 'warn',
});
