import { type AccountState, accountState, providerLabel } from '@nylas-otel/nylas-api';
import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import { publishAccountSignal } from '@nylas-otel/telemetry';
import { afterEach, describe, expect, it } from 'vitest';
import { type Watching, watchV2 } from './watching.ts';

let simulator: Simulator;
afterEach(() => simulator.close());

const STATES = [
  'running',
  'partial',
  'stopped',
  'invalid',
  'sync_error',
  'exception',
  'downloading',
] as const;

function spread(): void {
  simulator.accounts.list().forEach(({ id }, index) => {
    simulator.accounts.setState(id, STATES[index % STATES.length] ?? 'running');
  });
}

/** The simulator's counts in our words, without zeros. */
function truth(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [provider, states] of Object.entries(simulator.accounts.counts().byProvider)) {
    for (const [state, count] of Object.entries(states)) {
      const key = `${providerLabel(provider)} ${accountState('v2', state)}`;
      counts[key] = (counts[key] ?? 0) + count;
    }
  }
  return counts;
}

function counted({ watch }: Watching): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [provider, states] of Object.entries(watch.snapshot().byProvider)) {
    for (const [state, count] of Object.entries(states))
      if (count > 0) counts[`${provider} ${state}`] = count;
  }
  return counts;
}

describe('v2 accounts', () => {
  for (const count of [0, 1, 99, 100, 101, 3_000]) {
    it(`are counted as they are: ${count}`, async () => {
      simulator = await startSimulator({ accounts: count, limits: false });
      spread();
      const watching = watchV2(simulator);
      expect(await watching.watch.ready).toBe('success');
      await watching.runtime.idle();
      expect(counted(watching)).toEqual(truth());
      expect(watching.watch.snapshot().total).toBe(count);
    });
  }

  it('are swept every five minutes, as v2 lists no invalid ones', async () => {
    simulator = await startSimulator({ accounts: 10, limits: false });
    const watching = watchV2(simulator);
    await watching.watch.ready;
    spread();
    await watching.runtime.advance(340);
    expect(counted(watching)).toEqual(truth());
    expect(simulator.requests.list().every(({ path }) => path.endsWith('/accounts'))).toBe(true);
  });

  it('that are gone leave', async () => {
    simulator = await startSimulator({ accounts: 300, limits: false });
    const watching = watchV2(simulator);
    await watching.watch.ready;
    for (const { id } of simulator.accounts.list().slice(7, 10)) simulator.accounts.delete(id);
    await watching.sweep();
    expect(counted(watching)).toEqual(truth());
  });

  it('keep their place when others go while they are read', async () => {
    simulator = await startSimulator({ accounts: 500, limits: false });
    simulator.faults.add({ fault: 'slow', route: '/a/{client_id}/accounts', options: { ms: 20 } });
    const watching = watchV2(simulator);
    await simulator.requests.waitFor(({ query }) => query.includes('offset=198'));
    for (const { id } of simulator.accounts.list().slice(10, 17)) simulator.accounts.delete(id);
    await watching.watch.ready;
    await watching.runtime.idle();
    expect(counted(watching)).toEqual(truth());
  });

  it('are asked for with the client secret', async () => {
    simulator = await startSimulator({ accounts: 3 });
    const { watch } = watchV2(simulator, { clientSecret: 'wrong' });
    expect(await watch.ready).toBe('invalid_credentials');
    expect(watch.snapshot().problem?.message).toContain('clientId and clientSecret');
  });

  it.each<[(typeof STATES)[number], AccountState]>([
    ['stopped', 'stopped'],
    ['invalid', 'invalid'],
    ['sync_error', 'sync_error'],
  ])('are read again when a request says so: %s', async (syncState, expected) => {
    simulator = await startSimulator({ accounts: 3, limits: false });
    const watching = watchV2(simulator);
    await watching.watch.ready;
    await watching.runtime.idle();
    const { id } = simulator.accounts.list()[0] ?? { id: '' };
    simulator.accounts.setState(id, syncState);
    simulator.requests.clear();
    publishAccountSignal({ account: id, version: 'v2', signal: 'stopped', time: Date.now() });
    await watching.runtime.idle();
    expect(simulator.requests.list().map(({ path }) => path)).toEqual([
      `/a/${simulator.clientId}/accounts/${id}`,
    ]);
    expect(watching.watch.accounts({ unhealthy: true })).toMatchObject([{ id, state: expected }]);
  });
});
