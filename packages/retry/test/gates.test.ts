import { describe, expect, it } from 'vitest';
import { VirtualTime } from '../bench/world/virtual-time.ts';
import { NylasHeldBackError, NylasRetryState, retryingFetch, retryReport } from '../src/index.ts';
import { type Answer, type Arrived, limited, MESSAGES } from './scripted-nylas.ts';
import { BAD_GATEWAY, OK, world } from './world.ts';

describe('a gate', () => {
  const grant = (id: string, path = 'messages'): string => `https://api.us.nylas.com/v3/grants/${id}/${path}`;
  const limitA = ({ path, number }: Arrived): Answer =>
    path.includes('/grants/a/messages') && number === 1 ? limited(30) : OK;

  it('holds back other calls for the grant that was limited, and no others', async () => {
    const { fetch, time, nylas } = world(limitA);
    const start = time.now();
    const first = fetch(grant('a'));
    await time.run(start + 100);
    const later = [
      fetch(grant('a')),
      fetch(grant('b')),
      fetch(grant('a', 'messages/send'), { method: 'POST' }),
    ];
    await time.run(start + 1_000);
    expect(nylas.arrived.map(({ path }) => path)).toEqual([
      '/v3/grants/a/messages',
      '/v3/grants/b/messages',
      '/v3/grants/a/messages/send',
    ]);
    await time.until(Promise.all([first, ...later]));
    const heldBack = nylas.arrived.slice(3);
    expect(heldBack).toHaveLength(2);
    for (const { at } of heldBack) expect(at - start).toBeGreaterThanOrEqual(30_010);
  });

  it('of the application holds back the class, for all grants', async () => {
    const { fetch, time, nylas } = world(({ number }) => (number === 1 ? limited(30) : OK));
    const start = time.now();
    const first = fetch('https://api.us.nylas.com/v3/grants/a');
    await time.run(start + 100);
    const second = fetch('https://api.us.nylas.com/v3/webhooks');
    const data = fetch(MESSAGES);
    await time.run(start + 1_000);
    expect(nylas.arrived.map(({ path }) => path)).toEqual(['/v3/grants/a', '/v3/grants/g-1/messages']);
    await time.until(Promise.all([first, second, data]));
  });

  it('keeps two applications apart', async () => {
    const { fetch, time, nylas } = world(({ number }) => (number === 1 ? limited(30) : OK));
    const first = fetch(grant('a'), { headers: { authorization: 'Bearer one' } });
    await time.run(time.now() + 100);
    await time.until(fetch(grant('a'), { headers: { authorization: 'Bearer two' } }));
    expect(nylas.arrived).toHaveLength(2);
    await time.until(first);
  });

  it('beyond the deadline refuses a call without sending it', async () => {
    const { fetch, time, nylas } = world(({ path }) => (path.includes('/a/') ? limited(600) : OK));
    await time.until(fetch(grant('a')));
    const opens = time.now() + 600_000;
    const error = await time.until(fetch(grant('a')).catch((reason: unknown) => reason));
    expect(error).toBeInstanceOf(NylasHeldBackError);
    expect(error).toMatchObject({ statusCode: 429, type: 'rate_limit_error', retryAt: new Date(opens) });
    expect(nylas.arrived).toHaveLength(1);
  });

  it('lets one through first, then two, then four', async () => {
    const { fetch, time, nylas } = world(({ number }) => (number === 1 ? limited(10) : OK));
    const start = time.now();
    const calls = [fetch(grant('a'))];
    await time.run(start + 100);
    for (let i = 0; i < 20; i++) calls.push(fetch(grant('a')));
    await time.until(Promise.all(calls));
    const waves = new Map<number, number>();
    for (const { at } of nylas.arrived.slice(1)) waves.set(at, (waves.get(at) ?? 0) + 1);
    // 1, 2, 4 and 8; the rest, and the call that was limited, which waits its jitter.
    expect([...waves.values()].slice(0, 4)).toEqual([1, 2, 4, 8]);
  });

  it('that closes for longer refuses those who cannot wait, at once', async () => {
    const { fetch, time, nylas } = world(({ number }) => limited(number === 1 ? 10 : 600), {
      deadlineMs: 60_000,
    });
    const start = time.now();
    const first = fetch(grant('a'));
    await time.run(start + 100);
    const second = fetch(grant('a')).catch((error: unknown) => [error, time.now() - start]);
    const third = fetch(grant('a')).catch((error: unknown) => [error, time.now() - start]);
    await time.until(Promise.all([first, second, third]));
    const refused = [await second, await third].filter(Array.isArray) as [Error, number][];
    expect(refused).toHaveLength(1);
    expect(refused[0]?.[0]).toBeInstanceOf(NylasHeldBackError);
    expect(refused[0]?.[1]).toBeLessThan(11_000);
    expect(nylas.arrived).toHaveLength(2);
  });

  it('does not wait for a first one that hangs', async () => {
    const { fetch, time, arrivals } = world(({ number }) =>
      number === 1 ? limited(10) : number === 2 ? { ...OK, afterMs: 90_000 } : OK,
    );
    const start = time.now();
    const calls = [fetch(grant('a'))];
    await time.run(start + 100);
    calls.push(fetch(grant('a')), fetch(grant('a')));
    await time.until(Promise.all(calls));
    expect(arrivals()[1]).toBeCloseTo(10, 1);
    expect(arrivals()[2]).toBeGreaterThanOrEqual(15);
    expect(arrivals()[2]).toBeLessThan(16);
  });

  it('serves those who waited before those who come', async () => {
    const { fetch, time, nylas } = world(({ number }) => (number === 1 ? limited(10) : OK));
    const start = time.now();
    const named = (name: string): Promise<Response> => fetch(grant('a'), { headers: { 'x-name': name } });
    const calls = [named('first')];
    await time.run(start + 100);
    for (const name of ['one', 'two', 'three', 'four']) calls.push(named(name));
    await time.run(start + 10_015);
    calls.push(named('late'));
    await time.until(Promise.all(calls));
    const names = nylas.arrived.map(({ headers }) => headers.get('x-name'));
    expect(names.indexOf('late')).toBeGreaterThan(names.indexOf('four'));
  });

  it('without Retry-After closes for some time, longer each time', async () => {
    const { fetch, time, arrivals } = world(({ number }) => (number < 4 ? limited() : OK), { attempts: 10 });
    await time.until(fetch(MESSAGES));
    const [one, two, three, four] = arrivals() as [number, number, number, number];
    expect(two - one).toBeGreaterThanOrEqual(0.5);
    expect(three - two).toBeGreaterThan(two - one);
    expect(four - three).toBeGreaterThan(three - two);
  });

  it('is forgotten after its time', async () => {
    const { fetch, time, state } = world(({ number }) => (number <= 1 ? limited(1) : OK));
    await time.until(fetch(MESSAGES));
    expect(state.gates.size).toBe(1);
    await time.until(time.sleep(62_000));
    await time.until(fetch(MESSAGES));
    expect(state.gates.size).toBe(0);
  });

  it('takes bounded memory, whatever is limited', async () => {
    const { state, time } = world([OK]);
    for (let i = 0; i < 30_000; i++)
      state.gates.limited(`grant ${i}`, 'nylas', () => time.now() + 60_000 + i);
    expect(state.gates.size).toBe(10_000);
    expect(state.gates.closed().nylas).toBe(10_000);
  });
});

describe('the budget', () => {
  it('ends retries of an outage, and gives callers the error at once', async () => {
    const { fetch, time, nylas, state } = world([BAD_GATEWAY]);
    const calls = Array.from({ length: 200 }, () => fetch(MESSAGES));
    const start = time.now();
    let early = 0;
    for (const call of calls) void call.then(() => (early += time.now() - start < 1_000 ? 1 : 0));
    const responses = await time.until(Promise.all(calls));
    const stopped = responses.map((response) => retryReport(response)?.stopped);
    // Ten tokens of the start, and one a second until the deadline of the last that waited.
    expect(nylas.arrived.length).toBeLessThanOrEqual(200 + 10 + 120);
    expect(stopped.filter((why) => why === 'budget').length).toBeGreaterThan(150);
    expect(early).toBeGreaterThanOrEqual(160);
    expect(state.budget.waiting).toBe(0);
  });

  it('can be switched off', async () => {
    const { fetch, time, nylas } = world([BAD_GATEWAY], {}, { budget: false });
    await time.until(Promise.all(Array.from({ length: 50 }, () => fetch(MESSAGES))));
    expect(nylas.arrived).toHaveLength(250);
  });
});

describe('the limiter', () => {
  it('keeps a mailbox at four requests at a time, and others free', async () => {
    let running = 0;
    let most = 0;
    const time = new VirtualTime();
    const state = new NylasRetryState({
      clock: time,
      mailboxConcurrency: (id) => (id === 'ms' ? 4 : undefined),
    });
    const counting = async (input: string): Promise<Response> => {
      const mine = input.includes('/ms/');
      if (mine) most = Math.max(most, ++running);
      await time.sleep(100);
      if (mine) running--;
      return new Response('{}');
    };
    const fetch = retryingFetch(counting, { state });
    const start = time.now();
    const calls = Array.from({ length: 12 }, () => fetch('https://api.us.nylas.com/v3/grants/ms/messages'));
    await time.until(fetch('https://api.us.nylas.com/v3/grants/google/messages'));
    expect(time.now() - start).toBe(100);
    await time.until(Promise.all(calls));
    expect(most).toBe(4);
    expect(time.now() - start).toBe(300);
    expect(state.mailboxes.size).toBe(0);
  });
});
