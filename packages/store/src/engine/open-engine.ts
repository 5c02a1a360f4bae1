import { fromPglite, PgBoss } from 'pg-boss';
import type { StoreSettings } from '../options.ts';
import { jobsSchema } from '../schema/tables.ts';
import type { Database } from './database.ts';
import { PgliteDatabase } from './pglite.ts';
import { connectFailure, PostgresDatabase } from './postgres.ts';

/** An engine that answers, and the job queues on it, not started yet. */
export interface Engine {
  readonly database: Database;
  readonly boss: PgBoss;
}

// What pg-boss and one process of ours do beside each other is little: fetches, completions, heartbeats, maintenance.
const BOSS_CONNECTIONS = 4;

/** @throws {NylasStoreError} when the engine cannot be used */
export async function openEngine({ place, schema }: StoreSettings): Promise<Engine> {
  const common = {
    schema: jobsSchema(schema),
    schedule: false,
    registerInstance: false,
    persistWarnings: false,
    openTelemetry: { enabled: false },
    // A lost process is found by its missed heartbeats, this often.
    superviseIntervalSeconds: 5,
    monitorIntervalSeconds: 5,
  };
  if (place.engine === 'pglite') {
    const database = await PgliteDatabase.open(place.folder);
    return { database, boss: new PgBoss({ ...common, backend: 'pglite', db: fromPglite(database.pglite) }) };
  }
  const database = new PostgresDatabase(place.url, place.poolSize);
  try {
    await database.query('SELECT 1');
  } catch (error) {
    await database.close();
    throw connectFailure(error, place.url);
  }
  return {
    database,
    boss: new PgBoss({
      ...common,
      connectionString: place.url,
      max: BOSS_CONNECTIONS,
      application_name: 'nylas-otel jobs',
    }),
  };
}
