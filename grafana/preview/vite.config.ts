import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  // Grafana's code reads it; browsers have none.
  define: { 'process.env.NODE_ENV': '"production"', 'process.env': '{}' },
  build: { outDir: 'dist', chunkSizeWarningLimit: 10_000, sourcemap: false },
  logLevel: 'warn',
});
