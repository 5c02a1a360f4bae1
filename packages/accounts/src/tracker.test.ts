import { ACCOUNT_STATES, type AccountState } from '@nylas-otel/nylas-api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLOCK_DOUBT_MS, isUnhealthy } from './account-status.ts';
import type { AccountReading } from './profile.ts';
import { AccountTracker, type TrackerLimits, type Transition } from './tracker.ts';

const T = 1_700_000_000_000;

function reading(id: string, state: AccountState, more: Partial<AccountReading> = {}): AccountReading {
  return { id, state, raw: state, email: `${id}@example.com`, provider: 'google', ...more };
}

function tracking(limits?: TrackerLimits) {
  const transitions: Transition[] = [];
  const tracker = new AccountTracker((transition) => transitions.push(transition), limits);
  const poll = (one: AccountReading, time = T) => tracker.apply(one, { time, signal: 'poll' });
  return { tracker, transitions, poll };
}

function counts(tracker: AccountTracker): Record<string, number> {
  const found: Record<string, number> = {};
  tracker.counts((provider, state, count) => {
    found[`${provider} ${state}`] = count;
  });
  return found;
}

function nonZero(tracker: AccountTracker): Record<string, number> {
  return Object.fromEntries(Object.entries(counts(tracker)).filter(([, count]) => count !== 0));
}

describe('counting accounts', () => {
  it('has every state of every provider it has seen, 0 included', () => {
    const { tracker, poll } = tracking();
    poll(reading('a', 'running'));
    poll(reading('b', 'invalid', { provider: 'imap' }));
    expect(Object.keys(counts(tracker))).toHaveLength(2 * ACCOUNT_STATES.length);
    expect(nonZero(tracker)).toEqual({ 'google running': 1, 'imap invalid': 1 });
  });

  it('keeps a provider at 0 when its last account is gone', () => {
    const { tracker, poll } = tracking();
    poll(reading('a', 'running'));
    tracker.remove('a', { time: T + 1, signal: 'poll' });
    expect(counts(tracker)['google running']).toBe(0);
    expect(tracker.size).toBe(0);
  });

  it('moves an account whose provider becomes known, without a transition', () => {
    const { tracker, transitions, poll } = tracking();
    tracker.apply(reading('a', 'invalid', { provider: 'unknown' }), { time: T, signal: 'webhook' });
    poll(reading('a', 'invalid', { provider: 'microsoft' }), T + 1);
    expect(nonZero(tracker)).toEqual({ 'microsoft invalid': 1 });
    tracker.apply(reading('a', 'invalid', { provider: 'unknown' }), { time: T + 2, signal: 'webhook' });
    expect(nonZero(tracker)).toEqual({ 'microsoft invalid': 1 });
    expect(transitions).toEqual([]);
  });

  it('agrees with counting by hand after anything that can happen', () => {
    const step = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
      state: fc.constantFrom(...ACCOUNT_STATES),
      provider: fc.constantFrom('google', 'microsoft', 'unknown'),
      signal: fc.constantFrom('poll' as const, 'webhook' as const, 'request' as const),
      time: fc.integer({ min: 0, max: 3 * CLOCK_DOUBT_MS }),
      remove: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { tracker } = tracking({ tombstones: 3 });
        for (const { id, state, provider, signal, time, remove } of steps) {
          if (remove) tracker.remove(id, { time, signal });
          else tracker.apply(reading(id, state, { provider }), { time, signal, event: signal === 'webhook' });
        }
        const byHand: Record<string, number> = {};
        const oldest: Record<string, number> = {};
        for (const account of tracker.accounts()) {
          const key = `${account.provider} ${account.state}`;
          byHand[key] = (byHand[key] ?? 0) + 1;
          if (isUnhealthy(account.state)) oldest[key] = Math.min(oldest[key] ?? Infinity, account.since);
          expect(tracker.resolve(account.id)).toEqual([account]);
          expect(tracker.resolve(`EMAIL:${account.id}@example.com`.replace('EMAIL', 'email'))).toEqual([
            account,
          ]);
        }
        expect(nonZero(tracker)).toEqual(byHand);
        const reported: Record<string, number> = {};
        tracker.oldest((provider, state, since) => {
          if (since !== undefined) reported[`${provider} ${state}`] = since;
        });
        expect(reported).toEqual(oldest);
        const unhealthy = [...tracker.accounts()].filter(({ state }) => isUnhealthy(state));
        expect(tracker.unhealthyCount()).toBe(unhealthy.length);
        const longest = tracker.longestUnhealthy(3).map(({ since }) => since);
        expect(longest).toEqual(
          unhealthy
            .map(({ since }) => since)
            .sort((a, b) => a - b)
            .slice(0, 3),
        );
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('transitions', () => {
  it('are told with what made us see them, never at first sight', () => {
    const { tracker, transitions, poll } = tracking();
    poll(reading('a', 'invalid'));
    expect(transitions).toEqual([]);
    tracker.apply(reading('a', 'running'), { time: T + 60_000, signal: 'request' });
    expect(transitions).toMatchObject([
      {
        id: 'a',
        from: 'invalid',
        to: 'running',
        signal: 'request',
        recovery: { state: 'invalid', seconds: 60 },
      },
    ]);
  });

  it('tell a deleted account, once', () => {
    const { tracker, transitions, poll } = tracking();
    poll(reading('a', 'invalid'));
    expect(tracker.remove('a', { time: T + 1, signal: 'poll' })).toBe(true);
    expect(tracker.remove('a', { time: T + 2, signal: 'poll' })).toBe(false);
    expect(transitions).toMatchObject([{ id: 'a', from: 'invalid', to: 'deleted', recovery: undefined }]);
  });
});

describe('deleted accounts', () => {
  it('leave when a webhook or a list says deleted', () => {
    const { tracker, poll } = tracking();
    poll(reading('a', 'running'));
    expect(tracker.apply(reading('a', 'deleted'), { time: T + 1, signal: 'webhook' })).toBe('changed');
    expect(tracker.size).toBe(0);
  });

  it('are not taken out by older news: close ones are contested, far ones stale', () => {
    const { tracker, poll } = tracking();
    poll(reading('a', 'running'));
    expect(tracker.apply(reading('a', 'deleted'), { time: T - 1, signal: 'webhook' })).toBe('contested');
    expect(tracker.apply(reading('a', 'deleted'), { time: T - CLOCK_DOUBT_MS * 2, signal: 'webhook' })).toBe(
      'stale',
    );
    expect(tracker.size).toBe(1);
  });

  it('do not come back through late news, but through a newer reading', () => {
    const { tracker, poll } = tracking();
    poll(reading('a', 'running'));
    tracker.remove('a', { time: T + 10, signal: 'poll' });
    expect(tracker.apply(reading('a', 'invalid'), { time: T + 5, signal: 'webhook' })).toBe('stale');
    expect(poll(reading('a', 'running'), T + 20)).toBe('first');
  });

  it('are remembered in a bounded number', () => {
    const { tracker, poll } = tracking({ tombstones: 2 });
    for (const id of ['a', 'b', 'c']) {
      poll(reading(id, 'running'));
      tracker.remove(id, { time: T + 10, signal: 'poll' });
    }
    expect(poll(reading('a', 'running'), T + 5)).toBe('first');
    expect(poll(reading('c', 'running'), T + 5)).toBe('stale');
  });
});

describe('finding the account of a request', () => {
  it('takes ids and addresses, with and without prefix, in any case', () => {
    const { tracker, poll } = tracking();
    poll(reading('id-1', 'running', { email: 'Nyla@Example.com' }));
    for (const name of [
      'id-1',
      'grant:id-1',
      'nyla@example.com',
      'NYLA@EXAMPLE.COM',
      'email:nyla@example.com',
    ])
      expect(tracker.resolve(name).map(({ id }) => id)).toEqual(['id-1']);
    for (const name of ['me', '', 'external:7', 'id-2', 'nobody@example.com'])
      expect(tracker.resolve(name)).toEqual([]);
  });

  it('knows every account of an address, until it has another one or is gone', () => {
    const { tracker, poll } = tracking();
    const email = 'both@example.com';
    poll(reading('a', 'running', { email }));
    poll(reading('b', 'running', { email }));
    expect(tracker.resolve(email).map(({ id }) => id)).toEqual(['a', 'b']);
    poll(reading('a', 'running', { email: 'new@example.com' }), T + 1);
    expect(tracker.resolve(email).map(({ id }) => id)).toEqual(['b']);
    expect(tracker.resolve('new@example.com').map(({ id }) => id)).toEqual(['a']);
    tracker.remove('b', { time: T + 2, signal: 'poll' });
    expect(tracker.resolve(email)).toEqual([]);
  });
});

describe('100,000 accounts', () => {
  it('are refused beyond the limit, the known ones stay tracked', () => {
    const { poll } = tracking({ accounts: 2 });
    poll(reading('a', 'running'));
    poll(reading('b', 'running'));
    expect(poll(reading('c', 'running'))).toBe('full');
    expect(poll(reading('a', 'invalid'), T + 1)).toBe('changed');
  });

  it('cost the same at a collect as 10: as many values are read', () => {
    const small = tracking();
    const large = tracking();
    const fill = ({ poll }: ReturnType<typeof tracking>, count: number): void => {
      for (let i = 0; i < count; i++) poll(reading(`id-${i}`, i % 7 === 0 ? 'invalid' : 'running'), T + i);
    };
    fill(small, 10);
    fill(large, 100_000);
    const reads = ({ tracker }: ReturnType<typeof tracking>): number => {
      let values = 0;
      tracker.counts(() => values++);
      tracker.oldest(() => values++);
      return values;
    };
    expect(reads(large)).toBe(reads(small));
    expect(large.tracker.longestUnhealthy(500)).toHaveLength(500);
  });
});
