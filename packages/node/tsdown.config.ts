import { defineConfig } from 'tsdown';

export default defineConfig({ entry: ['src/index.ts', 'src/register.ts', 'src/parts.ts', 'src/options.ts'] });
