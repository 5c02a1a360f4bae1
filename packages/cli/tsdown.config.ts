import { defineConfig } from 'tsdown';
import { copyAssets } from './scripts/copy-assets.ts';

// A command is not required by anybody: ESM alone.
export default defineConfig({
  entry: ['src/index.ts', 'src/bin.ts'],
  format: ['esm'],
  target: 'node22.15',
  hooks: { 'build:done': copyAssets },
});
