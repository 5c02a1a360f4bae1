// Debian: apt install postgresql
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { instrumentFetch, NylasInstrumentation, withNylasAccount } from '@nylas-otel/instrumentation';
import { type SimulatorOptions, startSimulator } from '@nylas-otel/simulator';
import { openStore } from '@nylas-otel/store';
import { hasPostgres, type PostgresServer, startPostgres } from '@nylas-otel/store/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createAccountMonitor, supportBundle } from '../src/index.ts';

/** A request through `node:http`. */
async function overHttp(url: string, { method, headers }: RequestInit): Promise<Response> {
  const request = httpRequest(url, { method, headers: headers as OutgoingHttpHeaders }).end();
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  return new Response(await text(answer), { status: answer.statusCode ?? 0 });
}

describe.skipIf(!hasPostgres())("what the host's own requests meet", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  it('reaches the tracker before any webhook or poll does, and the support bundle with its request id', {
    timeout: 90_000,
  }, async () => {
    // No poll comes in between.
    const { simulator, store, monitor } = await monitored({ grants: 5 }, 'v3', { invalidInterval: 3_600 });
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

  it.each([
    ['invalid', 'instrumentFetch', instrumentFetch(fetch)],
    ['stopped', 'instrumentFetch', instrumentFetch(fetch)],
    // Of these nobody reads the body, where v2 says what it is: the account is read again.
    ['stopped', 'fetch', fetch],
    ['invalid', 'node:http', overHttp],
  ] as const)(
    'is tied to an account of v2 (%s) by what the host says of it (%s)',
    {
      timeout: 90_000,
    },
    async (state, _client, send) => {
      const { simulator, store, monitor } = await monitored({ grants: 0, accounts: 5 }, 'v2');
      const { id = '', accessToken = '' } = simulator.accounts.list()[2] ?? {};
      const seen = new Promise((resolve) => {
        monitor.on('transition', resolve);
      });
      simulator.accounts.setState(id, state);
      const answer = await withNylasAccount(id, () =>
        // Reads still work on a stopped account; and v2 says what is wrong in the words of the body.
        send(`${simulator.url}/delta/latest_cursor`, {
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

  /** A host whose requests are instrumented and whose accounts are monitored, after the first sweep; ends with the test. */
  async function monitored(simulated: SimulatorOptions, version: 'v2' | 'v3', more = {}) {
    const simulator = await startSimulator({ ...simulated, limits: false });
    const { apiKey, clientId, clientSecret, url } = simulator;
    const instrumentation = new NylasInstrumentation({
      hosts: [{ host: new URL(url).host, version }],
      mode: 'own',
    });
    const store = await openStore({ databaseUrl: await server.createDatabase() });
    const monitor = createAccountMonitor({
      ...(version === 'v3' ? { apiKey } : { clientId, clientSecret }),
      baseUrl: url,
      store,
      destinations: false,
      platform: false,
      ...more,
    });
    onTestFinished(async () => {
      await monitor.close();
      await store.close({ graceMs: 1_000 });
      instrumentation.disable();
      await simulator.close();
    });
    await monitor.start();
    expect(await monitor.ready).toBe('success');
    return { simulator, store, monitor };
  }
});
