import { type NylasStore, openStore } from '@nylas-otel/store';

/** Opens the store as a service would that an orchestrator restarts: until PostgreSQL is there. */
export async function opened(databaseUrl: string): Promise<NylasStore> {
  for (;;) {
    try {
      return await openStore({ databaseUrl, poolSize: 6 });
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}
