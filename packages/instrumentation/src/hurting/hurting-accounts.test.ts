import { describe, expect, it } from 'vitest';
import type { NylasRequestFacts } from '../requests/facts.ts';
import { HurtingAccounts } from './hurting-accounts.ts';

const START = Date.parse('2026-11-26T08:00:30Z');
const MINUTE = 60_000;

/** A count of hurting accounts on a clock of its own. */
function counted() {
  const clock = { now: START };
  const hurting = new HurtingAccounts(() => clock.now);
  const fail = (account: string | undefined, facts: Partial<NylasRequestFacts> = {}, times = 1) => {
    for (let i = 0; i < times; i++) hurting.failed({ ...LIMITED, account, ...facts });
  };
  return { clock, hurting, fail };
}

const LIMITED: NylasRequestFacts = {
  version: 'v3',
  method: 'GET',
  template: '/v3/grants/{grant_id}/messages',
  resource: 'messages',
  operation: 'list',
  status: 429,
  outcome: 'rate_limited',
  errorType: 'rate_limit_error',
  rateLimitSource: 'nylas',
  durationSeconds: 0.1,
  requestId: 'r-1',
  flowId: 'f-1',
  resendCount: 0,
  account: undefined,
};

describe('HurtingAccounts', () => {
  it('tells by account and kind who fails, the most hurt first', () => {
    const { hurting, fail } = counted();
    fail('a', { outcome: 'timeout', status: 0, errorType: 'timeout' });
    fail('b', { outcome: 'rate_limited' }, 2);
    fail('b', { outcome: 'provider_limited' });
    fail('b', { outcome: 'server_error', status: 500 });
    fail('b', { outcome: 'provider_error', status: 504 });
    fail('c', { outcome: 'invalid_credentials', status: 401 });
    fail('c', { outcome: 'client_error', status: 403 });
    const { accounts, more } = hurting.report().last15Minutes;
    expect(more).toBe(0);
    expect(accounts).toMatchObject([
      { account: 'b', failures: 5, rateLimited: 3, unauthorized: 0, timedOut: 0, serverErrors: 2, missed: 0 },
      { account: 'c', failures: 2, unauthorized: 2 },
      { account: 'a', failures: 1, timedOut: 1 },
    ]);
  });

  it('leaves out what says nothing of an account: bad requests, the own network', () => {
    const { hurting, fail } = counted();
    fail('a', { outcome: 'client_error', status: 404 });
    fail('a', { outcome: 'network_error', status: 0 });
    expect(hurting.report().lastHour).toEqual({
      accounts: [],
      more: 0,
      unattributed: { rateLimited: 0, unauthorized: 0, timedOut: 0, serverErrors: 0 },
    });
  });

  it('keeps the last 5 failures with their request ids, the newest first', () => {
    const { clock, hurting, fail } = counted();
    for (let i = 1; i <= 7; i++) {
      clock.now += 1_000;
      fail('a', { requestId: `r-${i}` });
    }
    const [account] = hurting.report().last15Minutes.accounts;
    expect(account?.lastFailures.map(({ requestId }) => requestId)).toEqual([
      'r-7',
      'r-6',
      'r-5',
      'r-4',
      'r-3',
    ]);
    expect(account?.lastFailures[0]).toEqual({
      time: '2026-11-26T08:00:37.000Z',
      kind: 'rateLimited',
      method: 'GET',
      template: '/v3/grants/{grant_id}/messages',
      status: 429,
      errorType: 'rate_limit_error',
      requestId: 'r-7',
      flowId: 'f-1',
    });
  });

  it('forgets after 15 minutes in one window and after an hour in the other', () => {
    const { clock, hurting, fail } = counted();
    fail('old');
    clock.now += 14 * MINUTE;
    fail('new');
    const accounts = (window: 'last15Minutes' | 'lastHour') =>
      hurting.report()[window].accounts.map(({ account }) => account);
    expect(accounts('last15Minutes')).toEqual(['old', 'new']);
    clock.now += MINUTE;
    expect(accounts('last15Minutes')).toEqual(['new']);
    expect(accounts('lastHour')).toEqual(['old', 'new']);
    clock.now += 45 * MINUTE;
    expect(accounts('lastHour')).toEqual(['new']);
    clock.now += 24 * 60 * MINUTE;
    expect(accounts('lastHour')).toEqual([]);
  });

  it('counts failures whose account is not known by themselves', () => {
    const { clock, hurting, fail } = counted();
    fail(undefined, {}, 3);
    expect(hurting.report().last15Minutes).toMatchObject({ accounts: [], unattributed: { rateLimited: 3 } });
    clock.now += 60 * MINUTE;
    expect(hurting.report().lastHour.unattributed.rateLimited).toBe(0);
  });

  it('shows 50 accounts and says how many more there are', () => {
    const { hurting, fail } = counted();
    for (let i = 0; i < 120; i++) fail(`account-${i}`);
    const { accounts, more } = hurting.report().last15Minutes;
    expect(accounts).toHaveLength(50);
    expect(more).toBe(70);
  });

  it('finds one who keeps failing among 20,000 who fail once, and says what it may have missed', () => {
    const { clock, hurting, fail } = counted();
    for (let i = 0; i < 20_000; i++) {
      fail(`once-${i}`);
      if (i % 100 === 99) fail('steady', { outcome: 'server_error', status: 503 });
      if (i % 500 === 0) clock.now += MINUTE;
    }
    const { accounts, more } = hurting.report().lastHour;
    const [worst] = accounts;
    expect(worst?.account).toBe('steady');
    // 200 in truth: never more are shown, and what may be missing is said.
    expect(worst?.failures).toBeLessThanOrEqual(200);
    expect((worst?.failures ?? 0) + (worst?.missed ?? 0)).toBeGreaterThanOrEqual(200);
    expect(accounts.length + more).toBeLessThanOrEqual(200);
    clock.now += 60 * MINUTE;
    expect(hurting.report().lastHour).toMatchObject({ accounts: [], more: 0 });
  });

  it('goes on when the clock is set back', () => {
    const { clock, hurting, fail } = counted();
    fail('a');
    clock.now -= 30 * MINUTE;
    fail('a');
    expect(hurting.report().last15Minutes.accounts).toMatchObject([{ account: 'a', failures: 2 }]);
  });
});
