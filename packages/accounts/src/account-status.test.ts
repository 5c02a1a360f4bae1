import { ACCOUNT_STATES, type AccountState } from '@nylas-otel/nylas-api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AccountStatus, CLOCK_DOUBT_MS, isUnhealthy, judge, type StateNews } from './account-status.ts';

const T = 1_700_000_000_000;

function news(state: AccountState, time: number, signal: StateNews['signal'] = 'poll'): StateNews {
  return { state, raw: state, time, signal, event: signal === 'webhook' };
}

function after(...all: StateNews[]): AccountStatus | undefined {
  let status: AccountStatus | undefined;
  for (const one of all) {
    const judgement = judge(status, one);
    if ('next' in judgement) status = judgement.next;
  }
  return status;
}

describe('judging news of an account', () => {
  it('takes the first news as it is, without a transition', () => {
    const judgement = judge(undefined, news('invalid', T));
    expect(judgement.verdict).toBe('first');
    expect(judgement).toMatchObject({
      next: { state: 'invalid', since: T, brokenSince: T, brokenState: 'invalid' },
    });
  });

  it('tells a change from a confirmation', () => {
    const running = after(news('running', T));
    expect(judge(running, news('running', T + 1)).verdict).toBe('same');
    expect(judge(running, news('invalid', T + 1)).verdict).toBe('changed');
  });

  it('never goes back: news that is much older is stale', () => {
    const invalid = after(news('running', T), news('invalid', T + CLOCK_DOUBT_MS * 2));
    expect(judge(invalid, news('running', T + 5)).verdict).toBe('stale');
  });

  it('asks for a re-read when news contradicts a reading of about the same time', () => {
    const running = after(news('running', T + 900));
    expect(judge(running, news('invalid', T, 'webhook')).verdict).toBe('contested');
    expect(judge(running, news('invalid', T + 900 - CLOCK_DOUBT_MS, 'webhook')).verdict).toBe('contested');
    expect(judge(running, news('invalid', T + 899 - CLOCK_DOUBT_MS, 'webhook')).verdict).toBe('stale');
  });

  it('takes two webhooks of one second as contested, but a reading of that time as the answer', () => {
    const invalid = after(news('invalid', T, 'webhook'));
    expect(judge(invalid, news('running', T, 'webhook')).verdict).toBe('contested');
    expect(judge(invalid, news('running', T, 'request')).verdict).toBe('changed');
  });

  it('measures recovery from leaving running to being back, by the unhealthy state it left', () => {
    const status = after(
      news('running', T),
      news('stopped', T + 10_000),
      news('sync_error', T + 20_000),
      news('initializing', T + 25_000),
    );
    expect(judge(status, news('running', T + 70_000))).toMatchObject({
      verdict: 'changed',
      recovery: { state: 'sync_error', seconds: 60 },
      next: { brokenSince: undefined, brokenState: undefined },
    });
  });

  it('does not call it a recovery when an account was never unhealthy, or is deleted', () => {
    expect(judge(after(news('initializing', T)), news('running', T + 1))).toMatchObject({
      recovery: undefined,
    });
    expect(judge(after(news('unknown', T)), news('running', T + 1))).toMatchObject({ recovery: undefined });
    expect(judge(after(news('invalid', T)), news('deleted', T + 1))).toMatchObject({ recovery: undefined });
  });

  it('counts the time in a state from entering it, not from the last reading', () => {
    const status = after(news('running', T), news('invalid', T + 1_000));
    expect(judge(status, news('invalid', T + 9_000)).verdict).toBe('same');
    expect(status?.since).toBe(T + 1_000);
  });

  it('ends where the newest news is, in whatever order the news of different times comes', () => {
    const event = fc.record({
      state: fc.constantFrom(...ACCOUNT_STATES),
      time: fc.integer({ min: 0, max: 1_000 }),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(event, { selector: (one) => one.time, minLength: 1, maxLength: 12 }),
        (events) => {
          // Further apart than clocks may differ, so that nothing is contested.
          const all = events.map(({ state, time }) =>
            news(state, T + time * (CLOCK_DOUBT_MS + 1), 'webhook'),
          );
          const newest = all.reduce((a, b) => (a.time > b.time ? a : b));
          expect(after(...all)?.state).toBe(newest.state);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('keeps its times consistent whatever comes', () => {
    const event = fc.record({
      state: fc.constantFrom(...ACCOUNT_STATES),
      time: fc.integer({ min: 0, max: 3 * CLOCK_DOUBT_MS }),
      signal: fc.constantFrom('webhook' as const, 'poll' as const, 'request' as const),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 20 }), (events) => {
        let status: AccountStatus | undefined;
        for (const { state, time, signal } of events) {
          const before: AccountStatus | undefined = status;
          const judgement = judge(before, news(state, time, signal));
          if (!('next' in judgement)) continue;
          status = judgement.next;
          expect(status.time).toBeGreaterThanOrEqual(before?.time ?? 0);
          if (isUnhealthy(status.state)) expect(status.brokenSince).toBeLessThanOrEqual(status.since);
          if (status.state === 'running') expect(status.brokenSince).toBeUndefined();
          if (judgement.verdict === 'changed' && judgement.recovery !== undefined)
            expect(judgement.recovery.seconds).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
