// Debian: apt install postgresql
import { startSimulator } from '@nylas-otel/simulator';
import { openStore } from '@nylas-otel/store';
import { hasPostgres, startPostgres } from '@nylas-otel/store/testing';
import { expect, it, onTestFinished } from 'vitest';
import { createAccountMonitor } from '../src/index.ts';

it.skipIf(!hasPostgres())(
  'ten replicas ask Nylas for what one would ask, and all know it',
  { timeout: 120_000 },
  async () => {
    const postgres = await startPostgres();
    onTestFinished(() => postgres.stop());
    const simulator = await startSimulator({ grants: 250, limits: false });
    onTestFinished(() => simulator.close());
    const databaseUrl = await postgres.createDatabase();
    const replica = async () => {
      const store = await openStore({ databaseUrl, poolSize: 3 });
      const monitor = createAccountMonitor({
        apiKey: simulator.apiKey,
        baseUrl: simulator.url,
        store,
        invalidInterval: 3_600,
        destinations: false,
        platform: false,
      });
      onTestFinished(async () => {
        await monitor.close();
        await store.close({ graceMs: 1_000 });
      });
      return monitor;
    };
    const replicas = await Promise.all(Array.from({ length: 10 }, replica));
    await Promise.all(replicas.map((monitor) => monitor.start()));
    expect(await Promise.all(replicas.map((monitor) => monitor.ready))).toEqual(
      replicas.map(() => 'success'),
    );
    await simulator.requests.waitFor(({ query }) => query.includes('grant_status=invalid'), {
      timeoutMs: 60_000,
    });
    for (const monitor of replicas) expect((await monitor.status()).accounts.running).toBe(250);
    const asked = simulator.requests.list().map(({ path, query }) => `${path}?${query}`);
    // Each page of the sweep, and the list of invalid grants.
    expect(new Set(asked).size).toBe(asked.length);
    expect(asked.filter((url) => url.includes('grant_status=invalid'))).toHaveLength(1);
  },
);
