// Debian: apt install postgresql
import { hasPostgres, type PostgresServer, startPostgres } from '@nylas-otel/store/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { monitorWorld } from './monitor-world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe.skipIf(!hasPostgres())('accounts of v2 on PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  it('are found by the first sweep, and their states are followed', async () => {
    const { simulator, monitor, work, pass } = await monitorWorld(await server.createDatabase(), 'v2', {
      simulator: { accounts: 250 },
    });
    const seen: string[] = [];
    monitor.on('transition', ({ from, to }) => seen.push(`${from} -> ${to}`));
    await work();
    expect((await monitor.status()).accounts.running).toBe(250);
    const [account] = simulator.accounts.list();
    simulator.accounts.setState(account?.id ?? '', 'partial');
    await pass(6 * MINUTE);
    expect(seen).toEqual(['running -> partial']);
    expect((await monitor.account(account?.email ?? ''))?.state).toBe('partial');
  });

  it('that stop are restarted, and what Nylas got was one downgrade and one upgrade', async () => {
    const { simulator, monitor, work, pass } = await monitorWorld(await server.createDatabase(), 'v2');
    await work();
    const id = simulator.accounts.list()[0]?.id ?? '';
    simulator.accounts.stop(id);
    await pass(40 * MINUTE);
    expect(simulator.accounts.get(id)).toMatchObject({ syncState: 'running', billingState: 'paid' });
    const posts = simulator.requests.list().filter(({ method }) => method === 'POST');
    expect(posts.map(({ path }) => path.split('/').at(-1))).toEqual(['downgrade', 'upgrade']);
    expect((await monitor.repair(id))?.step).toBe('recovered');
    const steps = (await monitor.history(id)).map(({ kind, data }) => `${kind} ${data.event ?? data.to}`);
    expect(steps).toContain('repair recovered');
    expect(steps).toContain('transition stopped');
  });

  it('that a restart does not help are asked about, and their old tokens revoked after the new one', async () => {
    const { simulator, monitor, work, pass, prompts } = await monitorWorld(
      await server.createDatabase(),
      'v2',
      {
        repair: { dryRun: false, revokeTokens: true },
      },
    );
    await work();
    const [account] = simulator.accounts.list();
    const { id = '', email, accessToken = '' } = account ?? {};
    simulator.accounts.plan(id, { upgrade: { state: 'stopped' } });
    simulator.accounts.stop(id);
    await pass(40 * MINUTE);
    expect(prompts).toHaveLength(1);
    expect(prompts[0]).toEqual({
      account: { id, email, provider: expect.any(String), state: 'stopped', since: expect.any(Date) },
      reason: 'stopped',
      url: expect.stringContaining(`${simulator.url}/oauth/authorize?`),
      attempt: 1,
      key: expect.stringContaining(id),
    });
    expect(new URL(prompts[0]?.url ?? '').searchParams.get('login_hint')).toBe(email);

    simulator.accounts.reauthenticate(id);
    await pass(10 * MINUTE);
    expect(simulator.accounts.byToken(accessToken)).toBeUndefined();
    expect(simulator.accounts.byToken(simulator.accounts.get(id)?.accessToken ?? '')?.id).toBe(id);
    expect((await monitor.repair(id))?.step).toBe('recovered');
  });

  it('that are still stopped after a re-authentication are escalated with a support bundle', async () => {
    const { simulator, monitor, work, pass, prompts, escalations } = await monitorWorld(
      await server.createDatabase(),
      'v2',
    );
    await work();
    const id = simulator.accounts.list()[0]?.id ?? '';
    simulator.accounts.plan(id, { upgrade: { state: 'stopped' }, reauthenticate: { state: 'stopped' } });
    simulator.accounts.stop(id);
    await pass(40 * MINUTE);
    expect(prompts).toHaveLength(1);
    simulator.accounts.reauthenticate(id);
    await monitor.markReauthenticated(id);
    await work();
    expect(escalations).toHaveLength(1);
    expect(escalations[0]).toEqual({
      account: expect.objectContaining({ id, state: 'stopped' }),
      reason: 'stopped',
      bundle: { markdown: expect.stringContaining(id), json: expect.any(Object) },
      key: expect.stringContaining(id),
    });
    expect(escalations[0]?.bundle?.json.tried.map(({ kind }) => kind)).toContain('repair');
    expect((await monitor.repair(id))?.step).toBe('escalated');
  });

  it('that a person restarts are restarted at once, but not twice a day', async () => {
    const { simulator, monitor, work } = await monitorWorld(await server.createDatabase(), 'v2', {
      repair: { dryRun: true },
    });
    await work();
    const id = simulator.accounts.list()[0]?.id ?? '';
    await monitor.restart(id);
    expect(simulator.accounts.get(id)?.billingState).toBe('paid');
    expect(simulator.requests.list().filter(({ path }) => path.endsWith('/upgrade'))).toHaveLength(1);
    await expect(monitor.restart(id)).rejects.toMatchObject({ code: 'NYLAS_REPAIR_TOO_SOON' });
    await monitor.restart(id, { force: true });
    expect(simulator.requests.list().filter(({ path }) => path.endsWith('/upgrade'))).toHaveLength(2);
  });

  it('that fail by the dozen are not repaired until it is over, or somebody says so', async () => {
    const { simulator, monitor, work, pass } = await monitorWorld(await server.createDatabase(), 'v2', {
      simulator: { accounts: 100 },
      repair: { dryRun: false, massFailure: { accounts: 20 }, flapTime: 0 },
    });
    await work();
    const pauses: (string | undefined)[] = [];
    monitor.on('pause', (pause) => pauses.push(pause?.by));
    const all = simulator.accounts.list();
    for (const { id } of all.slice(0, 30)) simulator.accounts.stop(id);
    await pass(6 * MINUTE);
    expect(pauses).toEqual(['mass_failure']);
    expect(simulator.requests.list().filter(({ method }) => method === 'POST')).toEqual([]);
    await monitor.resume();
    await pass(3 * MINUTE);
    expect(pauses).toEqual(['mass_failure', undefined]);
    expect(simulator.requests.list().filter(({ path }) => path.endsWith('/upgrade')).length).toBeGreaterThan(
      0,
    );
    await pass(HOUR, 5 * MINUTE);
    expect(simulator.accounts.counts().byState).toEqual({ running: all.length });
  });
});
