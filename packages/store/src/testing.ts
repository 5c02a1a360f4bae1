/** For tests: a real PostgreSQL server of their own. Not for applications. */
export {
  hasPostgres,
  type PostgresServer,
  type PostgresServerOptions,
  startPostgres,
} from './testing/postgres-server.ts';
