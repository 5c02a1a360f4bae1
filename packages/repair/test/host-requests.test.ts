// Debian: apt install postgresql
import { instrumentFetch, NylasInstrumentation, withNylasAccount } from '@nylas-otel/instrumentation';
import { startSimulator } from '@nylas-otel/simulator';
import { openStore } from '@nylas-otel/store';
import { hasPostgres, type PostgresServer, startPostgres } from '@nylas-otel/store/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createAccountMonitor, supportBundle } from '../src/index.ts';

describe.skipIf(!hasPostgres())("what the host's own requests meet", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  it('reaches the tracker before any webhook or poll does, and the support bundle with its request id', {
    timeout: 90_000,
  }, async () => {
    const simulator = await startSimulator({ grants: 5, limits: false });
    const instrumentation = new NylasInstrumentation({
      hosts: [{ host: new URL(simulator.url).host }],
      mode: 'own',
    });
    const store = await openStore({ databaseUrl: await server.createDatabase() });
    const monitor = createAccountMonitor({
      apiKey: simulator.apiKey,
      baseUrl: simulator.url,
      store,
      // No poll comes in between.
      invalidInterval: 3_600,
      destinations: false,
      platform: false,
    });
    onTestFinished(async () => {
      await monitor.close();
      await store.close({ graceMs: 1_000 });
      instrumentation.disable();
      await simulator.close();
    });
    await monitor.start();
    expect(await monitor.ready).toBe('success');
    await simulator.requests.waitFor(({ query }) => query.includes('grant_status=invalid'), {
      timeoutMs: 60_000,
    });
    const { id = '' } = simulator.grants.list()[2] ?? {};
    const invalid = new Promise((resolve) => {
      monitor.on('transition', resolve);
    });
    simulator.grants.setStatus(id, 'invalid');
    const answer = await fetch(`${simulator.url}/v3/grants/${id}/messages`, {
      headers: { authorization: `Bearer ${simulator.apiKey}` },
    });
    expect(answer.status).toBe(401);
    await answer.text();
    expect(await invalid).toMatchObject({ id, from: 'running', to: 'invalid', signal: 'request' });
    await expect
      .poll(async () => (await store.journal.read({ accountId: id, kind: 'request_error' })).length)
      .toBe(1);
    const { json } = await supportBundle({ account: id, store });
    expect(json.errors).toMatchObject([
      {
        status: 401,
        method: 'GET',
        template: '/v3/grants/{grant_id}/messages',
        requestId: answer.headers.get('x-request-id'),
      },
    ]);
    expect(json.errors[0]?.flowId).toEqual(expect.any(String));
  });

  it.each(['invalid', 'stopped'] as const)(
    'is tied to an account of v2 (%s) by what the host says of it',
    {
      timeout: 90_000,
    },
    async (state) => {
      const simulator = await startSimulator({ grants: 0, accounts: 5, limits: false });
      const instrumentation = new NylasInstrumentation({
        hosts: [{ host: new URL(simulator.url).host, version: 'v2' }],
        mode: 'own',
      });
      const store = await openStore({ databaseUrl: await server.createDatabase() });
      const monitor = createAccountMonitor({
        clientId: simulator.clientId,
        clientSecret: simulator.clientSecret,
        baseUrl: simulator.url,
        store,
        destinations: false,
        platform: false,
      });
      onTestFinished(async () => {
        await monitor.close();
        await store.close({ graceMs: 1_000 });
        instrumentation.disable();
        await simulator.close();
      });
      await monitor.start();
      expect(await monitor.ready).toBe('success');
      const { id = '', accessToken = '' } = simulator.accounts.list()[2] ?? {};
      const seen = new Promise((resolve) => {
        monitor.on('transition', resolve);
      });
      simulator.accounts.setState(id, state);
      const answer = await withNylasAccount(id, () =>
        // Reads still work on a stopped account; and v2 says what is wrong in the words of the body.
        instrumentFetch(fetch)(`${simulator.url}/delta/latest_cursor`, {
          method: 'POST',
          headers: { authorization: `Bearer ${accessToken}` },
        }),
      );
      expect(answer.status).toBe(403);
      await answer.text();
      expect(await seen).toMatchObject({ id, from: 'running', to: state, signal: 'request' });
      await expect
        .poll(async () => (await store.journal.read({ accountId: id, kind: 'request_error' })).length)
        .toBe(1);
    },
  );
});
