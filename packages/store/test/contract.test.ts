// Debian: apt install postgresql
import { afterAll, beforeAll, describe } from 'vitest';
import { type NylasStore, openStore } from '../src/index.ts';
import { hasPostgres, type PostgresServer, startPostgres } from '../src/testing.ts';
import { accountsSuite } from './contract/accounts.ts';
import type { Suite } from './contract/harness.ts';
import { inboxSuite } from './contract/inbox.ts';
import { jobsSuite } from './contract/jobs.ts';
import { rowsSuite } from './contract/rows.ts';
import { toldAgainSuite } from './contract/told-again.ts';
import { toldModelSuite } from './contract/told-model.ts';
import { uptimeSuite } from './contract/uptime.ts';

// One specification, and every engine has to meet it.
const SUITES: readonly Suite[] = [
  inboxSuite,
  toldAgainSuite,
  toldModelSuite,
  jobsSuite,
  accountsSuite,
  rowsSuite,
  uptimeSuite,
];

describe('PGlite in memory', () => {
  let store: NylasStore;
  beforeAll(async () => {
    store = await openStore({ memory: true });
  }, 600_000);
  afterAll(() => store.close());
  for (const suite of SUITES) suite(() => ({ store }));
});

describe.runIf(hasPostgres())('PostgreSQL', () => {
  let server: PostgresServer;
  let store: NylasStore;
  beforeAll(async () => {
    server = await startPostgres();
    store = await openStore({ databaseUrl: await server.createDatabase() });
  }, 600_000);
  afterAll(async () => {
    await store.close();
    await server.stop();
  });
  for (const suite of SUITES) suite(() => ({ store }));
});
