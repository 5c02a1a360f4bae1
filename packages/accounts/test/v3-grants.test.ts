import { type Grant, type Simulator, startSimulator } from '@nylas-otel/simulator';
import { publishAccountSignal } from '@nylas-otel/telemetry';
import { afterEach, describe, expect, it } from 'vitest';
import { type Watching, watchGrants } from './watching.ts';

let simulator: Simulator;
afterEach(() => simulator.close());

/** The watch's counts in the simulator's own words. */
function counted({ watch }: Watching): { valid: number; invalid: number; total: number } {
  const { byState, total } = watch.snapshot();
  return { valid: byState.running, invalid: byState.invalid, total };
}

function truth(): { valid: number; invalid: number; total: number } {
  const { byStatus, total } = simulator.grants.counts();
  return { ...byStatus, total };
}

function listRequests(): string[] {
  return simulator.requests
    .list()
    .filter(({ path }) => path === '/v3/grants')
    .map(({ query }) => query);
}

function sweepRequests(): string[] {
  return listRequests().filter((query) => !query.includes('grant_status'));
}

describe('a sweep over v3 grants', () => {
  for (const count of [0, 1, 10, 200, 201, 1_000]) {
    it(`counts ${count} grants as they are`, async () => {
      simulator = await startSimulator({ grants: count, limits: false });
      for (let i = 0; i < count; i += 3)
        simulator.grants.setStatus(simulator.grants.list()[i]?.id ?? '', 'invalid');
      const watching = watchGrants(simulator);
      expect(await watching.watch.ready).toBe('success');
      await watching.runtime.idle();
      expect(counted(watching)).toEqual(truth());
      const { byProvider } = watching.watch.snapshot();
      for (const [provider, { valid, invalid }] of Object.entries(simulator.grants.counts().byProvider))
        expect(byProvider[provider]).toMatchObject({ running: valid, invalid });
    });
  }

  it('asks for pages of 200, oldest first, each overlapping the last by one', async () => {
    simulator = await startSimulator({ grants: 450, limits: false });
    await watchGrants(simulator).watch.ready;
    expect(listRequests()).toEqual([
      '?limit=200&offset=0&sort_by=created_at&order_by=asc',
      '?limit=200&offset=199&sort_by=created_at&order_by=asc',
      '?limit=200&offset=398&sort_by=created_at&order_by=asc',
      '?limit=200&offset=449&sort_by=created_at&order_by=asc',
    ]);
  });

  it('goes on at the page where it stopped, however long that was ago', async () => {
    simulator = await startSimulator({ grants: 1_000, limits: false });
    simulator.faults.add({ fault: 'internal_error', route: '/v3/grants', after: 2, times: 4 });
    const watching = watchGrants(simulator);
    await watching.sweep();
    const offsets = sweepRequests().map((query) => /offset=(\d+)/.exec(query)?.[1]);
    expect(offsets).toEqual(['0', '199', '398', '398', '398', '398', '398', '597', '796', '995', '999']);
    expect(counted(watching)).toEqual(truth());
  });

  it('goes on where it stopped after the server was gone', async () => {
    simulator = await startSimulator({ grants: 1_000, limits: false });
    simulator.faults.add({ fault: 'reset_before_headers', route: '/v3/grants', after: 2, times: 2 });
    const watching = watchGrants(simulator);
    await watching.sweep();
    expect(counted(watching)).toEqual(truth());
    expect(sweepRequests().filter((query) => query.includes('offset=0&'))).toHaveLength(1);
  });

  it('loses and doubles nothing when grants go away while it reads', async () => {
    simulator = await startSimulator({ grants: 1_000, limits: false });
    simulator.faults.add({ fault: 'slow', route: '/v3/grants', options: { ms: 20 } });
    const watching = watchGrants(simulator);
    const third = await simulator.requests.waitFor(({ query }) => query.includes('offset=398'));
    expect(third.status).toBeUndefined();
    for (const grant of simulator.grants.list().slice(10, 17)) simulator.grants.delete(grant.id);
    simulator.grants.create();
    expect(await watching.watch.ready).toBe('success');
    await watching.runtime.idle();
    expect(counted(watching)).toEqual(truth());
  });
});

describe('between sweeps', () => {
  it('asks for invalid grants every minute, and sees who became invalid and who came back', async () => {
    simulator = await startSimulator({ grants: 30, limits: false });
    const watching = watchGrants(simulator);
    await watching.watch.ready;
    const [a, b] = simulator.grants.list().slice(0, 2) as [Grant, Grant];
    simulator.grants.setStatus(a.id, 'invalid');
    await watching.runtime.advance(66);
    expect(listRequests().at(-1)).toContain('grant_status=invalid');
    expect(watching.watch.accounts({ state: 'invalid' }).map(({ id }) => id)).toEqual([a.id]);
    simulator.grants.setStatus(a.id, 'valid');
    simulator.grants.setStatus(b.id, 'invalid');
    await watching.runtime.advance(66);
    expect(watching.watch.accounts({ state: 'invalid' }).map(({ id }) => id)).toEqual([b.id]);
    expect(counted(watching)).toEqual(truth());
    expect(sweepRequests()).toHaveLength(2);
  });

  it('sweeps at once when very many came back', async () => {
    simulator = await startSimulator({ grants: 200, limits: false });
    for (const { id } of simulator.grants.list()) simulator.grants.setStatus(id, 'invalid');
    const watching = watchGrants(simulator);
    await watching.watch.ready;
    for (const { id } of simulator.grants.list()) simulator.grants.setStatus(id, 'valid');
    simulator.requests.clear();
    await watching.runtime.advance(70);
    expect(counted(watching)).toEqual({ valid: 200, invalid: 0, total: 200 });
    expect(simulator.requests.list().every(({ path }) => path === '/v3/grants')).toBe(true);
  });

  it('shows a new grant that is invalid before the next sweep', async () => {
    simulator = await startSimulator({ grants: 3, limits: false });
    const watching = watchGrants(simulator);
    await watching.watch.ready;
    simulator.grants.create({ status: 'invalid' });
    await watching.runtime.advance(70);
    expect(counted(watching)).toEqual({ valid: 3, invalid: 1, total: 4 });
  });
});

it('goes on at once when the clock is set back by hours', async () => {
  simulator = await startSimulator({ grants: 10, limits: false });
  const watching = watchGrants(simulator);
  await watching.watch.ready;
  const [a] = simulator.grants.list();
  simulator.grants.setStatus(a?.id ?? '', 'invalid');
  await watching.runtime.advance(70);
  watching.runtime.time -= 6 * 3_600_000;
  // The sleep that is under way ends by elapsed time, whatever the clock says.
  watching.runtime.wake();
  simulator.grants.setStatus(a?.id ?? '', 'valid');
  await watching.runtime.advance(130);
  expect(counted(watching)).toEqual(truth());
});

describe('grants that are gone', () => {
  it('become deleted and leave, a few after a look at each', async () => {
    simulator = await startSimulator({ grants: 10, limits: false });
    const watching = watchGrants(simulator);
    await watching.watch.ready;
    const gone = simulator.grants.list().slice(2, 4);
    for (const { id } of gone) simulator.grants.delete(id);
    simulator.requests.clear();
    await watching.sweep();
    expect(counted(watching)).toEqual(truth());
    expect(watching.watch.snapshot().byState.deleted).toBe(0);
    const asked = simulator.requests.list().filter(({ path }) => path.startsWith('/v3/grants/'));
    expect(asked.map(({ path, status }) => [path, status])).toEqual(
      gone.map(({ id }) => [`/v3/grants/${id}`, 404]),
    );
  });

  it('are believed without a look at each when they are many', async () => {
    simulator = await startSimulator({ grants: 500, limits: false });
    const watching = watchGrants(simulator);
    await watching.watch.ready;
    for (const { id } of simulator.grants.list().slice(100, 200)) simulator.grants.delete(id);
    await watching.sweep();
    expect(counted(watching)).toEqual(truth());
    expect(simulator.requests.list().filter(({ path }) => path.startsWith('/v3/grants/'))).toHaveLength(0);
  });

  it('need a second sweep when most vanish at once', async () => {
    simulator = await startSimulator({ grants: 100, limits: false });
    const watching = watchGrants(simulator);
    await watching.watch.ready;
    for (const { id } of simulator.grants.list().slice(0, 80)) simulator.grants.delete(id);
    await watching.sweep();
    expect(watching.watch.snapshot().total).toBe(100);
    await watching.runtime.advance(70);
    expect(counted(watching)).toEqual(truth());
  });

  it('are not those behind a page that is short by a fault', async () => {
    simulator = await startSimulator({ grants: 600, limits: false });
    let cut = false;
    const watching = watchGrants(simulator, {
      fetch: async (url: string, init: RequestInit) => {
        const response = await fetch(url, init);
        if (!cut || !url.includes('offset=199&')) return response;
        const page = (await response.json()) as { data: unknown[] };
        return Response.json({ ...page, data: page.data.slice(0, 160) });
      },
    });
    await watching.watch.ready;
    cut = true;
    await watching.sweep();
    expect(counted(watching)).toEqual(truth());
  });

  it('leave after a second sweep when nobody says that they are gone', async () => {
    simulator = await startSimulator({ grants: 10, limits: false });
    const watching = watchGrants(simulator);
    await watching.watch.ready;
    simulator.grants.delete(simulator.grants.list()[0]?.id ?? '');
    simulator.faults.add({ fault: 'forbidden_scopes', route: '/v3/grants/{grant_id}' });
    await watching.sweep();
    expect(watching.watch.snapshot().total).toBe(10);
    await watching.sweep();
    expect(counted(watching)).toEqual(truth());
  });
});

describe('signals of requests', () => {
  const signal = (account: string): void =>
    publishAccountSignal({ account, version: 'v3', signal: 'invalid_credentials', time: Date.now() });

  it('have one account read again, by its id or address, and set its state at once', async () => {
    simulator = await startSimulator({ grants: 5, limits: false });
    const watching = watchGrants(simulator);
    await watching.watch.ready;
    await watching.runtime.idle();
    const [a, b] = simulator.grants.list().slice(0, 2) as [Grant, Grant];
    simulator.grants.setStatus(a.id, 'invalid');
    simulator.grants.setStatus(b.id, 'invalid');
    simulator.requests.clear();
    signal(a.id);
    signal(b.email.toUpperCase());
    await watching.runtime.idle();
    expect(simulator.requests.list().map(({ path }) => path)).toEqual([
      `/v3/grants/${a.id}`,
      `/v3/grants/${b.id}`,
    ]);
    expect(counted(watching)).toEqual({ valid: 3, invalid: 2, total: 5 });
  });

  it('are coalesced: at most one re-read a minute for each account', async () => {
    simulator = await startSimulator({ grants: 5, limits: false });
    const watching = watchGrants(simulator, { invalidInterval: 3_600 });
    await watching.watch.ready;
    await watching.runtime.idle();
    const id = simulator.grants.list()[0]?.id ?? '';
    simulator.requests.clear();
    for (let i = 0; i < 100; i++) signal(id);
    await watching.runtime.advance(30);
    for (let i = 0; i < 100; i++) signal(id);
    await watching.runtime.advance(20);
    expect(simulator.requests.total).toBe(1);
    await watching.runtime.advance(20);
    signal(id);
    await watching.runtime.idle();
    expect(simulator.requests.total).toBe(2);
  });

  it('of accounts nobody knows, of v2, or of `me` ask nothing', async () => {
    simulator = await startSimulator({ grants: 5, limits: false });
    const watching = watchGrants(simulator);
    await watching.watch.ready;
    await watching.runtime.idle();
    simulator.requests.clear();
    signal('e19f8e1a-0000-41c0-b6a6-d2e59daf7f47');
    signal('nobody@example.com');
    signal('me');
    publishAccountSignal({
      account: simulator.grants.list()[0]?.id ?? '',
      version: 'v2',
      signal: 'stopped',
      time: Date.now(),
    });
    await watching.runtime.advance(1);
    expect(simulator.requests.total).toBe(0);
  });

  it('find out that it is the key: the list is asked, and no account fails', async () => {
    simulator = await startSimulator({ grants: 50, limits: false });
    const watching = watchGrants(simulator, { invalidInterval: 3_600 });
    await watching.watch.ready;
    await watching.runtime.advance(60);
    simulator.faults.add({ fault: 'unauthorized' });
    simulator.requests.clear();
    for (const { id } of simulator.grants.list()) signal(id);
    await watching.runtime.idle();
    expect(simulator.requests.list().map(({ path }) => path)).toEqual([
      `/v3/grants/${simulator.grants.list()[0]?.id}`,
      '/v3/grants',
    ]);
    expect(counted(watching)).toEqual({ valid: 50, invalid: 0, total: 50 });
    expect(watching.watch.snapshot().problem?.kind).toBe('invalid_credentials');
    for (const { id } of simulator.grants.list()) signal(id);
    await watching.runtime.advance(1);
    expect(simulator.requests.total).toBe(2);
  });

  it('leave an account as it is when only its own reply is 401', async () => {
    simulator = await startSimulator({ grants: 5, limits: false });
    const watching = watchGrants(simulator, { invalidInterval: 3_600 });
    await watching.watch.ready;
    await watching.runtime.advance(60);
    simulator.faults.add({ fault: 'unauthorized', route: '/v3/grants/{grant_id}' });
    signal(simulator.grants.list()[0]?.id ?? '');
    await watching.runtime.idle();
    expect(watching.watch.snapshot()).toMatchObject({ problem: undefined, total: 5 });
    expect(counted(watching)).toEqual({ valid: 5, invalid: 0, total: 5 });
  });
});

describe('news from webhooks', () => {
  it('set the state by event time; a contradiction of about the same time is settled by a re-read', async () => {
    simulator = await startSimulator({ grants: 5, limits: false });
    const { watch, runtime } = watchGrants(simulator);
    await watch.ready;
    await runtime.idle();
    const id = simulator.grants.list()[0]?.id ?? '';
    const at = (seconds: number): Date => new Date(runtime.now() + seconds * 1_000);
    await runtime.advance(10);
    expect(watch.applySignal({ id, state: 'invalid', time: at(0) })).toBe('changed');
    expect(watch.applySignal({ id, state: 'invalid', time: at(0) })).toBe('same');
    expect(watch.applySignal({ id, state: 'valid', time: at(-3_600) })).toBe('stale');
    expect(watch.applySignal({ id, state: 'valid', time: at(-2) })).toBe('contested');
    await runtime.idle();
    expect(simulator.requests.list().at(-1)?.path).toBe(`/v3/grants/${id}`);
    expect(watch.accounts().find((account) => account.id === id)?.state).toBe('running');
  });

  it('from the future count as of now, so that they do not shut out readings', async () => {
    simulator = await startSimulator({ grants: 5, limits: false });
    const { watch, runtime } = watchGrants(simulator);
    await watch.ready;
    await runtime.idle();
    const id = simulator.grants.list()[0]?.id ?? '';
    await runtime.advance(1);
    watch.applySignal({ id, state: 'invalid', time: new Date(runtime.now() + 86_400_000) });
    expect(watch.accounts({ state: 'invalid' })).toHaveLength(1);
    await runtime.advance(70);
    expect(watch.accounts({ state: 'invalid' })).toHaveLength(0);
  });

  it('of a new account are taken at once, and the rest of it is read', async () => {
    simulator = await startSimulator({ grants: 2, limits: false });
    const { watch, runtime } = watchGrants(simulator);
    await watch.ready;
    await runtime.idle();
    const created = simulator.grants.create({ provider: 'imap' });
    expect(watch.applySignal({ id: created.id, state: 'valid', time: new Date(runtime.now()) })).toBe(
      'first',
    );
    await runtime.idle();
    expect(watch.accounts({ provider: 'imap' })).toMatchObject([{ id: created.id, email: created.email }]);
  });

  it('of a deleted grant take it out', async () => {
    simulator = await startSimulator({ grants: 2, limits: false });
    const { watch, runtime } = watchGrants(simulator);
    await watch.ready;
    await runtime.advance(1);
    const id = simulator.grants.list()[0]?.id ?? '';
    expect(watch.applySignal({ id, state: 'deleted', time: new Date(runtime.now()) })).toBe('changed');
    expect(watch.snapshot().total).toBe(1);
  });

  it('that cannot be used are refused without an error', async () => {
    simulator = await startSimulator({ grants: 2, limits: false });
    const { watch } = watchGrants(simulator);
    for (const news of [
      undefined,
      {},
      { id: 1 },
      { id: 'a', state: 'valid', time: 'now' },
      { id: 'a', time: new Date() },
    ])
      expect(watch.applySignal(news as never)).toBe('unreadable');
  });
});
