import { Pool, type PoolClient, type PoolConfig, type QueryConfig, types } from 'pg';
import { NylasStoreError, sqlState } from '../errors.ts';
import { type Database, GENERIC_PLANS, type Row, type Session, type TransactionOptions } from './database.ts';
import { TransactionGuard } from './transaction-guard.ts';

const INT8 = 20;
const CONNECT_MS = 10_000;
// Our transactions wait for each other and look then; a database whose default is another level would have them look first.
const BEGIN = 'BEGIN ISOLATION LEVEL READ COMMITTED';

// Our bigints are times in milliseconds, ids and counts: all well below 2^53.
const customTypes = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === INT8 && format !== 'binary' ? Number : types.getTypeParser(oid, format),
} as NonNullable<PoolConfig['types']>;

/** A pool of connections to a PostgreSQL server. Nothing is connected yet. */
export class PostgresDatabase implements Database {
  readonly engine = 'postgresql';
  readonly #pool: Pool;
  readonly #guard = new TransactionGuard();

  constructor(url: string, poolSize: number) {
    this.#pool = new Pool({
      connectionString: url,
      max: poolSize,
      connectionTimeoutMillis: CONNECT_MS,
      idleTimeoutMillis: 30_000,
      keepAlive: true,
      types: customTypes,
      application_name: 'nylas-otel',
    });
    // A connection that breaks while nobody uses it leaves the pool; whoever uses one sees its own error.
    this.#pool.on('error', () => {});
    // From the first moment on: a server that ends may say so in the same breath in which it lets us in, before whoever
    // asked for the connection has it in hand, and an error without a listener ends the process.
    this.#pool.on('connect', (client) => client.on('error', () => {}));
  }

  async query<Result extends Row>(text: string, values?: readonly unknown[]): Promise<Result[]> {
    this.#guard.check();
    return (await this.#pool.query<Result>(config(text, values))).rows;
  }

  assertOutside(): void {
    this.#guard.check();
  }

  async transaction<Result>(
    work: (session: Session) => Promise<Result>,
    { genericPlans = false }: TransactionOptions = {},
  ): Promise<Result> {
    this.#guard.check();
    const client = await this.#pool.connect();
    let broken: Error | undefined;
    try {
      // In one message: each more is a turn that this process and the server wait for each other.
      await client.query(genericPlans ? `${BEGIN}; ${GENERIC_PLANS}` : BEGIN);
      const result = await this.#guard.run(() => work(sessionOf(client)));
      await client.query('COMMIT');
      return result;
    } catch (error) {
      broken = await rolledBack(client);
      throw error;
    } finally {
      client.release(broken);
    }
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}

/** An error of the first connection, in words that say what to do. */
export function connectFailure(error: unknown, url: string): unknown {
  const state = sqlState(error);
  const code = (error as { code?: unknown } | null)?.code;
  const where = placeOf(url);
  if (state?.startsWith('28') || state === '3D000' || state === '42501') {
    return new NylasStoreError(
      'NYLAS_STORE_REFUSED',
      `PostgreSQL at ${where} refused the connection or its rights do not suffice (SQLSTATE ${state}). Check user, ` +
        'password and database of `databaseUrl`; the user needs CREATE on the database, or on the schemas that are there.',
      { cause: error },
    );
  }
  if (state === '57P03' || state?.startsWith('08') || state === '53300' || isNetwork(code, error)) {
    return new NylasStoreError(
      'NYLAS_STORE_UNREACHABLE',
      `No connection to PostgreSQL at ${where}: is it running, and does it take connections from here? See \`cause\`.`,
      { cause: error },
    );
  }
  return error;
}

function isNetwork(code: unknown, error: unknown): boolean {
  return (
    (typeof code === 'string' && /^E[A-Z]+$/.test(code)) ||
    (error instanceof AggregateError && error.errors.length > 0) ||
    (error instanceof Error && /timeout|terminated|ended/i.test(error.message))
  );
}

/** Host and database only: the rest of a URL is secret. */
function placeOf(url: string): string {
  try {
    const { host, pathname } = new URL(url);
    return `${host || 'a local socket'}${pathname}`;
  } catch {
    return 'a local socket';
  }
}

function config(text: string, values: readonly unknown[] | undefined): QueryConfig {
  return values === undefined ? { text } : { text, values: values as unknown[] };
}

function sessionOf(client: PoolClient): Session {
  return {
    async query<Result extends Row>(text: string, values?: readonly unknown[]): Promise<Result[]> {
      return (await client.query<Result>(config(text, values))).rows;
    },
  };
}

/** The error where not even that worked: such a connection must not be used again. */
async function rolledBack(client: PoolClient): Promise<Error | undefined> {
  try {
    await client.query('ROLLBACK');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error('ROLLBACK failed');
  }
}
