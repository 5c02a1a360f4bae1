import type { Database } from '../engine/database.ts';
import { NylasStoreError } from '../errors.ts';
import { MIGRATIONS } from './migrations.ts';
import type { Tables } from './tables.ts';

/** The version of the tables that this package makes and uses. */
export const SCHEMA_VERSION: number = MIGRATIONS.length;

// Any number; who migrates any schema of ours in a database waits for the others.
const LOCK = 6_299_142_118;

/**
 * Brings our tables to {@link SCHEMA_VERSION}, in one transaction and one process at a time.
 *
 * @throws {NylasStoreError} `NYLAS_STORE_NEWER_SCHEMA`
 */
export async function migrate(database: Database, schema: string, tables: Tables): Promise<void> {
  await database.transaction(async (session) => {
    await session.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    // Looked for first: a user without CREATE on the database may use a schema that somebody made.
    const [found] = await session.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema]);
    if (found === undefined) await session.query(`CREATE SCHEMA ${schema}`);
    await session.query(`
      CREATE TABLE IF NOT EXISTS ${tables.migration} (
        version integer PRIMARY KEY,
        applied_at timestamptz NOT NULL DEFAULT now()
      )`);
    const [last] = await session.query<{ version: number | null }>(
      `SELECT max(version) AS version FROM ${tables.migration}`,
    );
    const version = last?.version ?? 0;
    if (version > SCHEMA_VERSION) {
      throw new NylasStoreError(
        'NYLAS_STORE_NEWER_SCHEMA',
        `The tables in schema ${schema} are of version ${version}, this package knows ${SCHEMA_VERSION}. Use the newer ` +
          'release of @nylas-otel/store that made them, or another `schema`.',
      );
    }
    for (const [index, migration] of MIGRATIONS.entries()) {
      if (index < version) continue;
      for (const statement of statements(migration(tables))) await session.query(statement);
      await session.query(`INSERT INTO ${tables.migration} (version) VALUES ($1)`, [index + 1]);
    }
  });
}

/** Statements of a script, for the protocol that takes one at a time. Our scripts have no `;` in strings or comments. */
function statements(script: string): string[] {
  return script
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}
