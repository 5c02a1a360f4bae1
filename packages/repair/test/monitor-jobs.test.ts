// Debian: apt install postgresql
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import { type NylasStore, openStore } from '@nylas-otel/store';
import { hasPostgres, type PostgresServer, startPostgres } from '@nylas-otel/store/testing';
import { publishAccountSignal } from '@nylas-otel/telemetry';
import { nylasWebhooks } from '@nylas-otel/webhooks';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import {
  type AccountMonitor,
  type AccountTransition,
  createAccountMonitor,
  type MonitorExtras,
  type ReauthenticationRequest,
} from '../src/index.ts';
import { Readout } from './readout.ts';

interface Running {
  readonly simulator: Simulator;
  readonly store: NylasStore;
  readonly monitor: AccountMonitor;
  /** Resolves at the next prompt. */
  prompt(): Promise<ReauthenticationRequest>;
  /** Resolves when an account comes to a state. */
  transition(id: string, to: string): Promise<AccountTransition>;
}

/** A service as it is meant to be: a monitor, a webhook endpoint, and a worker. */
async function service(databaseUrl: string, more: Partial<MonitorExtras> = {}): Promise<Running> {
  const simulator = await startSimulator({ grants: 20, limits: false });
  const store = await openStore({ databaseUrl });
  const prompts: ((request: ReauthenticationRequest) => void)[] = [];
  const monitor = createAccountMonitor({
    apiKey: simulator.apiKey,
    baseUrl: simulator.url,
    store,
    requestsPerSecond: 40,
    repair: { dryRun: false },
    reauth: { clientId: simulator.clientId, redirectUri: 'https://app.example.com/callback' },
    onReauthenticationNeeded: (request) => prompts.shift()?.(request),
    platform: { page: simulator.status.url },
    destinations: { interval: 10 },
    ...more,
  });
  const secret = 'webhook-secret';
  const server = createServer(nylasWebhooks({ secret, inbox: store.inbox }));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(async () => {
    await monitor.close();
    server.closeAllConnections();
    server.close();
    await store.close({ graceMs: 5_000 });
    await simulator.close();
  });
  await monitor.start();
  await store.inbox.work({ onEvent: { ...monitor.webhookHandlers } });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await simulator.webhooks.subscribe({ url, secret });
  expect(await monitor.ready).toBe('success');
  // The next poll for invalid grants is a minute away: what happens now is told by webhooks first.
  await simulator.requests.waitFor(({ query }) => query.includes('grant_status=invalid'), {
    timeoutMs: 60_000,
  });
  return {
    simulator,
    store,
    monitor,
    prompt: () => new Promise((resolve) => void prompts.push(resolve)),
    transition: (id, to) =>
      new Promise((resolve) => {
        const off = monitor.on('transition', (transition) => {
          if (transition.id !== id || transition.to !== to) return;
          off();
          resolve(transition);
        });
      }),
  };
}

describe.skipIf(!hasPostgres())('a service with a monitor', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  it('prompts when a webhook tells of an expired grant, and sees that it is back', {
    timeout: 90_000,
  }, async () => {
    const readout = new Readout();
    const { simulator, monitor, prompt, transition } = await service(await server.createDatabase());
    const { id, email } = simulator.grants.list()[3] ?? { id: '', email: '' };
    const asked = prompt();
    const invalid = transition(id, 'invalid');
    simulator.grants.expire(id, { noticedAfterMs: 0 });
    expect(await invalid).toMatchObject({ from: 'running', signal: 'webhook' });
    expect(await asked).toMatchObject({ account: { id, email }, reason: 'invalid', attempt: 1 });

    const back = transition(id, 'running');
    simulator.grants.reauthenticate(id);
    expect((await back).recoveredAfter).toBeGreaterThanOrEqual(0);
    await expect.poll(async () => (await monitor.repair(id))?.step, { timeout: 30_000 }).toBe('recovered');

    await expect
      .poll(
        async () =>
          (await readout.values('nylas.accounts', { 'nylas.account.state': 'running' })).reduce(
            (sum, { value }) => sum + value,
            0,
          ),
        { timeout: 30_000 },
      )
      .toBe(20);
    const actions = await readout.values('nylas.repair.actions', { 'nylas.outcome': 'success' });
    const counted = Object.fromEntries(
      actions.map(({ attributes, value }) => [String(attributes['nylas.repair.action']), value]),
    );
    expect(counted).toMatchObject({ reauth_request: 1, restart: 0, revoke: 0, escalate: 0 });
    expect(counted.check).toBeGreaterThanOrEqual(2);
    expect(await readout.values('nylas.repair.paused')).toMatchObject([{ value: 0 }]);
    const steps = await readout.values('nylas.repair.pending');
    expect(steps.map(({ attributes }) => attributes['nylas.repair.step'])).toContain('awaiting_reauth');
  });

  it('reads a grant again when a request of its own was answered 401', { timeout: 90_000 }, async () => {
    const { simulator, transition } = await service(await server.createDatabase());
    const { id, email } = simulator.grants.list()[5] ?? { id: '', email: '' };
    const invalid = transition(id, 'invalid');
    // Nobody tells: no webhook, and the first poll for invalid grants is over.
    await simulator.requests.waitFor(
      ({ query, status }) => query.includes('grant_status=invalid') && status === 200,
      { timeoutMs: 60_000 },
    );
    simulator.grants.setStatus(id, 'invalid');
    publishAccountSignal({ account: email, version: 'v3', signal: 'invalid_credentials', time: Date.now() });
    expect(await invalid).toMatchObject({ signal: 'request' });
  });

  it('makes up for missed webhooks too, where it is told to', { timeout: 120_000 }, async () => {
    const { simulator, store, monitor } = await service(await server.createDatabase(), {
      recovery: { settle: 0 },
    });
    expect(monitor.recovery).toBeDefined();
    const { id } = simulator.grants.list()[0] ?? { id: '' };
    const [destination] = simulator.webhooks.destinations();
    const seen = (status: string): Promise<void> =>
      expect
        .poll(() => monitor.destinations?.destinations()[0]?.status, { timeout: 30_000, interval: 200 })
        .toBe(status);
    await seen('active');
    simulator.webhooks.setStatus(destination?.id ?? '', 'failed');
    await seen('failed');
    const missed = simulator.traffic.arrive(id, { subject: 'while it had failed' });
    simulator.webhooks.setStatus(destination?.id ?? '', 'active');
    await seen('active');
    await expect
      .poll(
        async () => {
          // Its own job looks every half minute.
          await monitor.recovery?.recoverNow();
          return (await store.journal.read({ kind: 'recovery' }))[0]?.data.recovered;
        },
        { timeout: 60_000, interval: 1_000 },
      )
      .toMatchObject({ messages: 1 });
    const known = await store.inbox.knownFrom('recovered');
    expect(known.join()).toContain(String(missed?.id));
  });
});
