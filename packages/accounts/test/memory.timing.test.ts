import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { PROFILE_V3 } from '../src/profile-v3.ts';
import { AccountTracker } from '../src/tracker.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const ACCOUNTS = 100_000;
const PAGE = 200;

/** A reply as Nylas sends it, with everything a grant has, parsed anew. */
function page(from: number, status: string): unknown {
  const data = Array.from({ length: PAGE }, (_, index) => ({
    id: `e19f8e1a-eb1c-41c0-b6a6-${String(from + index).padStart(12, '0')}`,
    provider: 'google',
    grant_status: status,
    email: `mailbox-${from + index}@customer.example.com`,
    name: `Customer ${from + index}`,
    scope: ['https://www.googleapis.com/auth/gmail.modify', 'https://www.googleapis.com/auth/calendar'],
    ip: '203.0.113.7',
    user_agent: 'Mozilla/5.0 (X11; Linux x86_64)',
    settings: {},
    created_at: 1_617_817_109,
  }));
  return JSON.parse(JSON.stringify({ request_id: `r-${from}`, data, limit: PAGE, offset: from }));
}

it('costs under 450 bytes an account, its id and address included, and no more after many sweeps', () => {
  const tracker = new AccountTracker(() => {});
  let time = 1_700_000_000_000;
  const sweep = (): number => {
    for (let from = 0; from < ACCOUNTS; from += PAGE) {
      for (const account of PROFILE_V3.readPage(page(from, from % 1_000 === 0 ? 'invalid' : 'valid'))
        ?.accounts ?? []) {
        if (account !== undefined) tracker.apply(account, { time, signal: 'poll' });
      }
    }
    time += 3_600_000;
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  const first = sweep();
  sweep();
  const last = sweep();
  expect(tracker.size).toBe(ACCOUNTS);
  expect((first - before) / ACCOUNTS).toBeLessThan(450);
  expect((last - first) / ACCOUNTS).toBeLessThan(20);
});
