import type { AccountState } from '@nylas-otel/nylas-api';
import { type AccountUpdate, type NylasStore, openStore } from '../src/index.ts';
import { startPostgres } from '../src/testing.ts';

/** A row of the bench; see `row.ts` there. */
interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly limit: number;
  readonly holds: boolean;
  readonly peer: string;
}

const UPDATES = 20_000;
const BATCH = 500;
const STATES: readonly AccountState[] = ['running', 'invalid', 'running', 'stopped'];
const SIZES = [1_000, 100_000, 1_000_000] as const;

const TIME = `store: ${UPDATES} account updates into PostgreSQL (limit: 5,000 a second)`;
const GROWTH = 'store: aggregates of 1,000,000 accounts beside those of 1,000';
export const names: readonly string[] = [TIME, GROWTH];

/** Account news of four workers at one time, half of it changes of state; and the aggregates as the table grows. */
export async function rows(): Promise<Row[]> {
  const server = await startPostgres();
  try {
    const store = await openStore({ databaseUrl: await server.createDatabase() });
    const seconds = await updates(store);
    await store.close();
    const pglite = await openStore({ memory: true });
    const beside = await updates(pglite);
    await pglite.close();
    const costs: number[] = [];
    const growing = await openStore({ databaseUrl: await server.createDatabase() });
    for (const size of SIZES) costs.push(await aggregates(growing, size));
    await growing.close();
    const [least = 1, middle = 1, most = 1] = costs;
    const limit = UPDATES / 5_000;
    return [
      {
        name: TIME,
        value: seconds,
        unit: 's',
        limit,
        holds: seconds <= limit,
        peer: `PGlite in memory: ${beside} s`,
      },
      {
        name: GROWTH,
        value: Math.round((most / least) * 100) / 100,
        unit: 'x',
        limit: 2,
        holds: most / least <= 2,
        peer: `${least} ms at 1,000, ${middle} ms at 100,000, ${most} ms at 1,000,000`,
      },
    ];
  } finally {
    await server.stop();
  }
}

async function updates({ accounts }: NylasStore): Promise<number> {
  const batches = Array.from({ length: UPDATES / BATCH }, (_, batch) =>
    Array.from({ length: BATCH }, (_, n): AccountUpdate => {
      const account = (batch * BATCH + n) % 5_000;
      const state = STATES[Math.floor(batch / 20) * 2 + (n % 2)] as AccountState;
      return {
        reading: {
          id: `account-${account}`,
          email: `${account}@example.com`,
          provider: 'google',
          state,
          raw: state,
        },
        time: 1_700_000_000_000 + batch * 600_000,
        signal: 'webhook',
      };
    }),
  );
  const started = performance.now();
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (let batch = batches.shift(); batch !== undefined; batch = batches.shift())
        await accounts.apply(batch);
    }),
  );
  return Math.round(performance.now() - started) / 1_000;
}

/** Milliseconds, the first decile of 40 readings. */
async function aggregates(store: NylasStore, size: number): Promise<number> {
  // By SQL: a million rows as the store writes them, every hundredth unhealthy.
  await store.query('TRUNCATE nylas_otel.account, nylas_otel.account_count');
  await store.query(
    `INSERT INTO nylas_otel.account (application, id, email, provider, state, raw, since, time)
     SELECT 'default', 'account-' || n, NULL, CASE n % 2 WHEN 0 THEN 'google' ELSE 'microsoft' END,
       CASE n % 100 WHEN 0 THEN 'invalid' WHEN 1 THEN 'stopped' ELSE 'running' END, 'x', n, n
     FROM generate_series(1, $1::integer) AS n`,
    [size],
  );
  await store.query(
    `INSERT INTO nylas_otel.account_count (application, provider, state, slot, count)
     SELECT application, provider, state, 0, count(*) FROM nylas_otel.account GROUP BY 1, 2, 3`,
  );
  await store.query('ANALYZE nylas_otel.account');
  const times: number[] = [];
  for (let n = 0; n < 40; n++) {
    const started = performance.now();
    await store.accounts.aggregates();
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  return Math.round((times[4] as number) * 100) / 100;
}
