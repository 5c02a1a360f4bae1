import { startSimulator } from '@nylas-otel/simulator';
import { npxExporter } from '../../e2e/npx-exporter.ts';
import type { Row } from '../row.ts';

const NAME = 'cli: npx in an empty folder to live /metrics';
const LIMIT_S = 60;

export const names: readonly string[] = [NAME];

/**
 * From `npx nylas-otel exporter`, with nothing in npm's cache, to a `/metrics` that counts the simulator's accounts. The
 * speed of the registry is in it.
 */
export async function rows(): Promise<Row[]> {
  const simulator = await startSimulator({ grants: 10 });
  try {
    await using running = await npxExporter(simulator);
    const value = running.seconds;
    return [
      {
        name: NAME,
        value,
        unit: 's',
        limit: LIMIT_S,
        holds: value <= LIMIT_S,
        peer: 'none: all packages are fetched',
      },
    ];
  } finally {
    await simulator.close();
  }
}
