// Debian: apt install postgresql
import { hasPostgres, type PostgresServer, startPostgres } from '@nylas-otel/store/testing';
import { publishAccountSignal } from '@nylas-otel/telemetry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { monitorWorld } from './monitor-world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe.skipIf(!hasPostgres())('grants of v3 on PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  it('that expire are found by the poll of a minute, and the user is asked with a link that works', async () => {
    const { simulator, monitor, work, pass, prompts } = await monitorWorld(
      await server.createDatabase(),
      'v3',
      {
        simulator: { grants: 450 },
      },
    );
    await work();
    expect((await monitor.status()).accounts.running).toBe(450);
    const { id, email, provider } = simulator.grants.list()[7] ?? { id: '', email: '', provider: 'imap' };
    simulator.grants.setStatus(id, 'invalid');
    await pass(2 * MINUTE);
    expect(prompts).toEqual([
      {
        account: { id, email, provider, state: 'invalid', since: expect.any(Date) },
        reason: 'invalid',
        url: expect.stringContaining(`${simulator.url}/v3/connect/auth?`),
        attempt: 1,
        key: expect.stringContaining(id),
      },
    ]);

    // The user follows the link, Nylas leads back with a code, the application exchanges it.
    const back = await fetch(prompts[0]?.url ?? '', { redirect: 'manual' });
    const code = new URL(back.headers.get('location') ?? '').searchParams.get('code');
    const answer = await fetch(`${simulator.url}/v3/connect/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        client_id: simulator.clientId,
        client_secret: simulator.apiKey,
        grant_type: 'authorization_code',
        code,
        redirect_uri: 'https://app.example.com/callback',
      }),
    });
    expect(await answer.json()).toMatchObject({ grant_id: id });
    await pass(3 * MINUTE);
    expect((await monitor.account(id))?.state).toBe('running');
    expect((await monitor.repair(id))?.step).toBe('recovered');
    expect(prompts).toHaveLength(1);
  });

  it('that answer 401 are read again before any webhook tells of them', async () => {
    const { simulator, monitor, work, parts } = await monitorWorld(await server.createDatabase(), 'v3');
    await work();
    const { id = '' } = simulator.grants.list()[0] ?? {};
    simulator.grants.setStatus(id, 'invalid');
    await parts.rereads.want(id, 'request');
    await parts.jobs
      .find(({ name }) => name === 'accounts.reread')
      ?.run({ signal: new AbortController().signal });
    expect((await monitor.account(id))?.state).toBe('invalid');
    expect((await monitor.history(id))[1]?.data.signal ?? (await monitor.history(id))[0]?.data.signal).toBe(
      'request',
    );
  });

  it('are never asked about when it is the key that is wrong', async () => {
    const { simulator, monitor, work, pass, prompts } = await monitorWorld(
      await server.createDatabase(),
      'v3',
      {
        simulator: { grants: 30 },
      },
    );
    await work();
    simulator.faults.add({ fault: 'wrong_region' });
    publishAccountSignal({
      account: simulator.grants.list()[0]?.id ?? '',
      version: 'v3',
      signal: 'invalid_credentials',
      time: 0,
    });
    await pass(2 * HOUR, 10 * MINUTE);
    const { accounts, problems } = await monitor.status();
    expect(accounts.running).toBe(30);
    expect(problems.map(({ kind }) => kind)).toContain('invalid_credentials');
    expect(problems[0]?.message).toMatch(/another region answers 401 to every key/);
    expect(prompts).toEqual([]);
    simulator.faults.clear();
    await pass(HOUR, 5 * MINUTE);
    expect((await monitor.status()).problems).toEqual([]);
  });

  it('that are deleted become so: a few by asking, many after a second sweep', async () => {
    const { simulator, monitor, work, pass } = await monitorWorld(await server.createDatabase(), 'v3', {
      simulator: { grants: 120 },
    });
    await work();
    for (const { id } of simulator.grants.list().slice(0, 3)) simulator.grants.delete(id);
    await pass(70 * MINUTE, 5 * MINUTE);
    expect((await monitor.status()).accounts.running).toBe(117);
    for (const { id } of simulator.grants.list().slice(0, 60)) simulator.grants.delete(id);
    await pass(90 * MINUTE, 5 * MINUTE);
    expect((await monitor.status()).accounts).toMatchObject({ running: 57 });
  });

  it('are read on where the sweep stopped, by whichever process comes next', async () => {
    const { simulator, monitor, parts } = await monitorWorld(await server.createDatabase(), 'v3', {
      simulator: { grants: 1_000 },
    });
    // One request at a time, and the process ends after the second.
    const ended = new AbortController();
    void simulator.requests.waitFor(() => simulator.requests.total === 2).then(() => ended.abort());
    await parts.sweep.run({ signal: ended.signal });
    const half = (await monitor.status()).accounts.running;
    expect(half).toBeGreaterThan(0);
    expect(half).toBeLessThan(1_000);
    await parts.sweep.run({ signal: new AbortController().signal });
    expect((await monitor.status()).accounts.running).toBe(1_000);
    const offsets = simulator.requests.list().map(({ query }) => new URLSearchParams(query).get('offset'));
    expect(new Set(offsets).size).toBe(offsets.length);
  });
});
