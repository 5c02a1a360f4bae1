import { startSimulator } from '@nylas-otel/simulator';
import { onTestFinished } from 'vitest';
import type { Running } from './child-process.ts';

/** No port for metrics. */
export const NO_METRICS = { NYLAS_OTEL_METRICS_PORT: 'off' };
/** Neither spans nor log records. */
export const QUIET = { OTEL_TRACES_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' };

/** What the fixtures that call Nylas need. */
export async function simulated(): Promise<Record<string, string>> {
  const simulator = await startSimulator({ grants: 1 });
  onTestFinished(() => simulator.close());
  return {
    SIMULATOR: simulator.url,
    NYLAS_API_KEY: simulator.apiKey,
    GRANT: simulator.grants.list()[0]?.id as string,
    NYLAS_OTEL_HOSTS: new URL(simulator.url).host,
  };
}

/** The port a fixture printed. */
export async function portOf({ printed, output }: Running): Promise<number> {
  await printed(';\n');
  return Number(/port (\d+);/.exec(output())?.[1]);
}
