import { join } from 'node:path';
import { startSimulator } from '@nylas-otel/simulator';
import { expect, it, vi } from 'vitest';
import { npxExporter } from './npx-exporter.ts';

// npm installs some hundred packages, on a machine that may be busy. How long it takes is a row of the bench.
vi.setConfig({ testTimeout: 400_000 });

const CACHE = join(import.meta.dirname, '../../node_modules/.cache/nylas-otel-npx');

it('npx runs the exporter in an empty folder, and its metrics show the accounts of the simulator', async () => {
  const simulator = await startSimulator({ grants: 4 });
  try {
    await using running = await npxExporter(simulator, CACHE);
    for (const name of ['nylas_client_requests_total', 'nylas_platform_component_status', 'target_info']) {
      expect(running.page, name).toContain(name);
    }
  } finally {
    await simulator.close();
  }
});
