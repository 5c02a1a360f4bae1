import { createRequire } from 'node:module';
import {
  type Account,
  type FaultName,
  type FaultOptions,
  type Simulator,
  startSimulator,
} from '@nylas-otel/simulator';
import type Nylas6 from 'nylas6';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NylasRetryState, type RetryOptions, withRetry, withRetryLimits } from '../src/index.ts';
import { rejection } from './sdks.ts';

type Class6 = typeof Nylas6;
type Connection = ReturnType<Class6['with']>;

const require = createRequire(import.meta.url);
let simulator: Simulator;
let account: Account;
let Nylas: Class6;

/** SDK 6 keeps its configuration in the module: a fresh copy for each test, so that wraps do not pile up. */
function freshSdk(): Class6 {
  for (const file of Object.keys(require.cache)) if (file.includes('nylas@6')) delete require.cache[file];
  const sdk = require('nylas6') as Class6;
  sdk.config({
    clientId: simulator.clientId,
    clientSecret: simulator.clientSecret,
    apiServer: simulator.url,
  });
  return sdk;
}

beforeAll(async () => {
  simulator = await startSimulator({ limits: false });
});
afterAll(() => simulator.close());
beforeEach(() => {
  simulator.reset();
  account = simulator.accounts.list()[0] as Account;
  Nylas = freshSdk();
});
afterEach(() => {
  Nylas.timeout = 0;
});

function fault(name: FaultName, times = 1, options: FaultOptions = {}): void {
  simulator.faults.add({ fault: name, times, options });
}

const quick = (options: RetryOptions = {}): RetryOptions => ({
  state: new NylasRetryState({ random: () => 0 }),
  ...options,
});
const connect = (options?: RetryOptions): Connection =>
  withRetry(Nylas.with(account.accessToken), quick(options));
const arrived = (): number => simulator.requests.total;
const statuses = (error: { attempts?: readonly { status: number }[] }): number[] =>
  (error.attempts ?? []).map(({ status }) => status);

describe('SDK 6', () => {
  it.each<[FaultName, FaultOptions]>([
    ['bad_gateway_html', {}],
    ['v2_500_without_type', {}],
    ['unavailable', {}],
    ['reset_before_headers', {}],
  ])('a list gets over two of %s', async (name, options) => {
    fault(name, 2, options);
    expect(await connect().messages.list({ limit: 3 })).toHaveLength(3);
    expect(arrived()).toBe(3);
  });

  it('waits until X-RateLimit-Reset, and for a Retry-After that the SDK drops', async () => {
    fault('rate_limit_nylas', 1);
    fault('unavailable', 1, { retryAfter: 1 });
    const began = Date.now();
    await connect().messages.list({ limit: 1 });
    expect(Date.now() - began).toBeGreaterThanOrEqual(2_000);
    expect(arrived()).toBe(3);
  });

  it('never retries 401 nor credentials out of date', async () => {
    const connection = connect();
    fault('v2_401_plain_text', 1);
    expect(await rejection(connection.messages.list({ limit: 1 }))).toMatchObject({ statusCode: 401 });
    simulator.faults.clear();
    fault('grant_expired', 9);
    expect(await rejection(connection.messages.list({ limit: 1 }))).toMatchObject({ statusCode: 403 });
    expect(arrived()).toBe(2);
  });

  it("gives up with the SDK's own error and the attempts on it", async () => {
    fault('bad_gateway_html', 99);
    const error = await rejection(connect({ attempts: 3 }).messages.list({ limit: 1 }));
    expect(error).toMatchObject({ statusCode: 502, type: 'Bad Gateway' });
    expect(statuses(error)).toEqual([502, 502, 502]);
  });

  it("retries the SDK's own time-out, which calls itself an abort", async () => {
    Nylas.timeout = 200;
    fault('stalled_headers', 1);
    expect(await connect().messages.list({ limit: 1 })).toHaveLength(1);
    expect(arrived()).toBe(2);
  });

  it('sends a changed object again as it was', async () => {
    const connection = connect();
    const [first] = await connection.messages.list({ limit: 1 });
    fault('internal_error', 2);
    if (first === undefined) throw new Error('no message');
    first.starred = true;
    await first.save();
    const bodies = simulator.requests.list().filter(({ method }) => method === 'PUT');
    expect(bodies.map(({ status }) => status)).toEqual([500, 500, 200]);
    expect(new Set(bodies.map(({ bodyBytes }) => bodyBytes)).size).toBeLessThanOrEqual(2);
    expect((await connection.messages.find(first.id as string)).starred).toBe(true);
  });

  it('never sends a message twice by itself: API v2 knows no idempotent sends', async () => {
    fault('bad_gateway_html', 9);
    const error = await rejection(
      connect().request({
        method: 'POST',
        path: '/send',
        body: { to: [{ email: 'a@example.com' }], subject: 's' },
      }),
    );
    expect(statuses(error)).toEqual([502]);
    expect(arrived()).toBe(1);
  });

  it('all connections of the class, also the managing one', async () => {
    withRetry(Nylas, quick());
    fault('internal_error', 2);
    expect(await Nylas.with(account.accessToken).messages.list({ limit: 1 })).toHaveLength(1);
    fault('internal_error', 2);
    const accounts = Nylas.accounts as unknown as { list(): Promise<unknown[]> };
    expect((await accounts.list()).length).toBeGreaterThan(0);
    expect(arrived()).toBe(6);
  });

  it('wrapped as a class and as a connection retries once', async () => {
    withRetry(Nylas, quick());
    fault('internal_error', 99);
    await rejection(connect({ attempts: 3 }).messages.list({ limit: 1 }));
    expect(arrived()).toBe(3);
  });

  it('a limit of one account holds back that account only', async () => {
    const state = new NylasRetryState({ random: () => 0 });
    withRetry(Nylas, { state, deadlineMs: 1_000 });
    fault('unavailable', 1, { retryAfter: 60 });
    await rejection(Nylas.with(account.accessToken).messages.list({ limit: 1 }));
    const held = await rejection(Nylas.with(account.accessToken).messages.list({ limit: 1 }));
    expect(held).toMatchObject({ name: 'NylasHeldBackError', statusCode: 429 });
    const [, other] = simulator.accounts.list() as [Account, Account];
    expect(await Nylas.with(other.accessToken).messages.list({ limit: 1 })).toHaveLength(1);
    expect(arrived()).toBe(2);
  });

  it('takes the deadline of a request handler', async () => {
    fault('stalled_headers', 9);
    const began = Date.now();
    const call = withRetryLimits({ deadlineMs: 300 }, () => connect().messages.list({ limit: 1 }));
    expect(await rejection(call)).toMatchObject({ name: 'NylasDeadlineError' });
    expect(Date.now() - began).toBeLessThan(2_000);
  });

  it('says what to pass instead of what is no client', () => {
    expect(() => withRetry({}, quick())).toThrow(/new Nylas\(\{ apiKey \}\)/);
  });
});
