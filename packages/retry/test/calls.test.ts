import { AsyncResource } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { VirtualTime } from '../bench/world/virtual-time.ts';
import {
  NylasDeadlineError,
  NylasHeldBackError,
  NylasRetryState,
  type RetryOptions,
  type RetryStateOptions,
  retryingFetch,
  retryReport,
  withRetryLimits,
} from '../src/index.ts';
import {
  type Answer,
  type Arrived,
  limited,
  MESSAGES,
  reset,
  ScriptedNylas,
  SEND,
} from './scripted-nylas.ts';

interface World {
  readonly time: VirtualTime;
  readonly nylas: ScriptedNylas;
  readonly fetch: typeof fetch;
  readonly state: NylasRetryState;
  /** Seconds from the start at which requests arrived. */
  arrivals(): number[];
}

/** A retrying fetch over a script: an answer for each request, the last one for all that follow. */
function world(
  script: readonly Answer[] | ((request: Arrived) => Answer),
  options: RetryOptions = {},
  stateOptions: RetryStateOptions = {},
): World {
  const time = new VirtualTime();
  const start = time.now();
  const answer =
    typeof script === 'function'
      ? script
      : ({ number }: Arrived) => script[Math.min(number, script.length) - 1] as Answer;
  const nylas = new ScriptedNylas(time, answer);
  const state = new NylasRetryState({ clock: time, random: () => 0.5, ...stateOptions });
  return {
    time,
    nylas,
    state,
    fetch: retryingFetch(nylas.fetch, { state, ...options }) as typeof fetch,
    arrivals: () => nylas.arrived.map(({ at }) => (at - start) / 1_000),
  };
}

const OK: Answer = { status: 200, body: { data: [] } };
const BAD_GATEWAY: Answer = { status: 502, body: '<html>502</html>' };

describe('a call', () => {
  it('begins before fetch returns, as fetch itself does', () => {
    const { fetch, nylas } = world([OK]);
    void fetch(MESSAGES);
    expect(nylas.arrived).toHaveLength(1);
  });

  it('that fails is made again until it succeeds', async () => {
    const { fetch, time, nylas, arrivals } = world([{ error: reset() }, BAD_GATEWAY, OK]);
    const response = await time.until(fetch(MESSAGES));
    expect(response.status).toBe(200);
    expect(nylas.arrived).toHaveLength(3);
    expect(arrivals()).toEqual([0, 0.11, 0.32]);
    expect(retryReport(response)).toMatchObject({
      stopped: undefined,
      attempts: [
        { number: 1, status: 0, outcome: 'network_error', errorType: 'UND_ERR_SOCKET', delayMs: 0 },
        { number: 2, status: 502, outcome: 'server_error', delayMs: 100 },
        { number: 3, status: 200, outcome: 'success', delayMs: 200 },
      ],
    });
  });

  it('that keeps failing gives its last answer, whole', async () => {
    const { fetch, time, nylas } = world([BAD_GATEWAY]);
    const response = await time.until(fetch(MESSAGES));
    expect(response.status).toBe(502);
    expect(await response.text()).toBe('<html>502</html>');
    expect(nylas.arrived).toHaveLength(5);
    expect(retryReport(response)?.stopped).toBe('attempts');
  });

  it("that keeps breaking rejects with fetch's own error, with the attempts on it", async () => {
    const error = reset();
    const { fetch, time } = world([{ error }], { attempts: 2 });
    await expect(time.until(fetch(MESSAGES))).rejects.toBe(error);
    expect((error as Error & { attempts: unknown[] }).attempts).toHaveLength(2);
    expect(Object.keys(error)).not.toContain('attempts');
  });

  it('to another host goes through untouched', async () => {
    const { fetch, time, nylas } = world([BAD_GATEWAY]);
    const init = { method: 'GET' };
    const response = await time.until(fetch('https://example.org/v3/grants/g/messages', init));
    expect(response.status).toBe(502);
    expect(nylas.calls).toEqual([['https://example.org/v3/grants/g/messages', init]]);
    expect(nylas.calls[0]?.[1]).toBe(init);
  });

  it('to a host of the options is taken for Nylas', async () => {
    const { fetch, time } = world([BAD_GATEWAY, OK], { hosts: ['localhost:4010'] });
    const response = await time.until(fetch('http://localhost:4010/v3/grants/g/messages'));
    expect(response.status).toBe(200);
  });

  it('sends no header of ours', async () => {
    const { fetch, time, nylas } = world([BAD_GATEWAY, OK]);
    await time.until(fetch(MESSAGES, { headers: { authorization: 'Bearer k' } }));
    for (const { headers } of nylas.arrived) expect([...headers.keys()]).toEqual(['authorization']);
  });

  it('leaves no timer behind: a process that is done can end', async () => {
    const { fetch, time } = world([BAD_GATEWAY, OK]);
    await time.until(fetch(MESSAGES));
    expect(time.pending).toBe(0);
  });

  it('lets go of an answer that is not given on', async () => {
    let cancelled = false;
    const time = new VirtualTime();
    const endless = (): Response =>
      new Response(
        new ReadableStream({
          start: (controller) => controller.enqueue(Buffer.from('<html>')),
          cancel: () => {
            cancelled = true;
          },
        }),
        { status: 502 },
      );
    let requests = 0;
    const fetch = retryingFetch(async () => (++requests === 1 ? endless() : new Response('{}')), {
      state: new NylasRetryState({ clock: time }),
    });
    expect((await time.until((fetch as unknown as typeof globalThis.fetch)(MESSAGES))).status).toBe(200);
    expect(cancelled).toBe(true);
  });

  it('from what an earlier call left behind is retried like any other', async () => {
    const { fetch, time, nylas } = world([OK, BAD_GATEWAY, OK]);
    // Sockets and streams keep the async context of the attempt that made them.
    let later: () => Promise<Response> = () => Promise.reject(new Error('not bound'));
    const binding = retryingFetch(
      (...args: Parameters<typeof nylas.fetch>) => {
        later = AsyncResource.bind(() => fetch(MESSAGES));
        return nylas.fetch(...args);
      },
      { state: new NylasRetryState({ clock: time }) },
    );
    await time.until(binding(MESSAGES));
    expect((await time.until(later())).status).toBe(200);
    expect(nylas.arrived).toHaveLength(3);
  });

  it('of another face inside an attempt is not retried twice', async () => {
    const time = new VirtualTime();
    const nylas = new ScriptedNylas(time, () => BAD_GATEWAY);
    const state = new NylasRetryState({ clock: time });
    const twice = retryingFetch(retryingFetch(nylas.fetch, { state }), { state });
    await time.until(twice(MESSAGES));
    expect(nylas.arrived).toHaveLength(5);
  });
});

describe('what is not made again', () => {
  it.each([400, 401, 403, 404, 423])('status %i', async (status) => {
    const { fetch, time, nylas } = world([{ status, body: { error: { type: 'x' } } }]);
    expect((await time.until(fetch(MESSAGES))).status).toBe(status);
    expect(nylas.arrived).toHaveLength(1);
  });

  it('a POST, unless opted in', async () => {
    const post = { method: 'POST', body: '{}' };
    const events = MESSAGES.replace('messages', 'events');
    const refused = world([BAD_GATEWAY]);
    await refused.time.until(refused.fetch(events, post));
    expect(refused.nylas.arrived).toHaveLength(1);
    const allowed = world([BAD_GATEWAY, OK], { resend: ({ template }) => template.endsWith('/events') });
    expect((await allowed.time.until(allowed.fetch(events, post))).status).toBe(200);
  });

  it('a body that is a stream', async () => {
    const { fetch, time, nylas } = world([BAD_GATEWAY]);
    const body = new ReadableStream();
    const response = await time.until(
      fetch(MESSAGES, { method: 'PUT', body, duplex: 'half' } as RequestInit),
    );
    expect(nylas.arrived).toHaveLength(1);
    expect(retryReport(response)?.stopped).toBe('body');
  });

  it('but a Request with a body is: each attempt gets a copy', async () => {
    const { fetch, time, nylas } = world([BAD_GATEWAY, BAD_GATEWAY, OK]);
    const response = await time.until(fetch(new Request(MESSAGES, { method: 'PUT', body: '{"a":1}' })));
    expect(response.status).toBe(200);
    expect(nylas.arrived).toHaveLength(3);
  });
});

describe('Retry-After', () => {
  it('in seconds is waited in full', async () => {
    const { fetch, time, arrivals } = world([limited(45), OK]);
    expect((await time.until(fetch(MESSAGES))).status).toBe(200);
    expect(arrivals()[1]).toBeGreaterThanOrEqual(45.01);
    expect(arrivals()[1]).toBeLessThan(46.1);
  });

  it('as a date is waited until then', async () => {
    const { fetch, time, arrivals } = world([limited('Thu, 01 Jan 2026 00:00:31 GMT'), OK]);
    expect((await time.until(fetch(MESSAGES))).status).toBe(200);
    expect(arrivals()[1]).toBeGreaterThanOrEqual(31);
  });

  it('beyond the deadline fails at once, with retryAt', async () => {
    const { fetch, time, nylas } = world([limited(600)]);
    const start = time.now();
    const response = await time.until(fetch(MESSAGES));
    expect(response.status).toBe(429);
    expect(time.now() - start).toBe(10);
    expect(retryReport(response)).toMatchObject({
      stopped: 'deadline',
      retryAt: new Date(start + 600_010),
    });
    expect(nylas.arrived).toHaveLength(1);
  });

  it('also of a 503', async () => {
    const { fetch, time, arrivals } = world([
      { status: 503, headers: { 'retry-after': '20' }, body: {} },
      OK,
    ]);
    await time.until(fetch(MESSAGES));
    expect(arrivals()[1]).toBeGreaterThanOrEqual(20);
  });
});

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

describe('deadlines and aborts', () => {
  it('an abort during a wait rejects at once with its reason', async () => {
    const { fetch, time, nylas } = world([limited(30), OK]);
    const controller = new AbortController();
    const call = fetch(MESSAGES, { signal: controller.signal });
    call.catch(() => undefined);
    await time.run(time.now() + 1_000);
    const reason = new Error('the user left');
    controller.abort(reason);
    await expect(time.until(call)).rejects.toBe(reason);
    expect(nylas.arrived).toHaveLength(1);
  });

  it('an abort at a gate rejects at once and leaves the line', async () => {
    const { fetch, time } = world(({ number }) => (number === 1 ? limited(30) : OK));
    const first = fetch(MESSAGES);
    await time.run(time.now() + 100);
    const controller = new AbortController();
    const second = fetch(MESSAGES, { signal: controller.signal });
    second.catch(() => undefined);
    controller.abort(new Error('gone'));
    await expect(time.until(second)).rejects.toThrow('gone');
    expect((await time.until(first)).status).toBe(200);
  });

  it('an abort before the call sends nothing', async () => {
    const { fetch, time, nylas } = world([OK]);
    await expect(time.until(fetch(MESSAGES, { signal: AbortSignal.abort(new Error('no')) }))).rejects.toThrow(
      'no',
    );
    expect(nylas.arrived).toHaveLength(0);
  });

  it('a deadline ends an attempt that hangs', async () => {
    const { fetch, time } = world([{ ...OK, afterMs: 300_000 }], { deadlineMs: 5_000 });
    const start = time.now();
    const error = await time.until(fetch(MESSAGES).catch((reason: unknown) => reason));
    expect(error).toBeInstanceOf(NylasDeadlineError);
    expect(time.now() - start).toBe(5_000);
  });

  it('limits of a piece of code hold for every call in it', async () => {
    const { fetch, time, nylas } = world([BAD_GATEWAY]);
    const response = await time.until(withRetryLimits({ attempts: 2 }, () => fetch(MESSAGES)));
    expect(response.status).toBe(502);
    expect(nylas.arrived).toHaveLength(2);
    const controller = new AbortController();
    const call = withRetryLimits({ signal: controller.signal }, () => fetch(MESSAGES));
    call.catch(() => undefined);
    controller.abort(new Error('handler is gone'));
    await expect(time.until(call)).rejects.toThrow('handler is gone');
  });

  it('a thousand calls on one signal are no leak', async () => {
    const { fetch, time } = world([OK]);
    const warnings: unknown[] = [];
    const listen = (warning: unknown): void => void warnings.push(warning);
    process.on('warning', listen);
    const { signal } = new AbortController();
    await time.until(Promise.all(Array.from({ length: 1_000 }, () => fetch(MESSAGES, { signal }))));
    process.off('warning', listen);
    expect(warnings).toEqual([]);
  });
});

describe('sends', () => {
  const send = { method: 'POST', body: '{"subject":"hi"}' };
  const keys = (nylas: ScriptedNylas): (string | null)[] =>
    nylas.arrived.map(({ headers }) => headers.get('idempotency-key'));
  const numbered = (): (() => string) => {
    let next = 1;
    return () => `key-${next++}`;
  };

  it('get an Idempotency-Key, and keep it while nobody knows what became of them', async () => {
    const running = { status: 409, body: { error: { type: 'api.concurrent_idempotent_request' } } };
    const { fetch, time, nylas } = world([{ error: reset() }, running, BAD_GATEWAY, OK], {
      idempotencyKey: numbered(),
    });
    expect((await time.until(fetch(SEND, send))).status).toBe(200);
    expect(keys(nylas)).toEqual(['key-1', 'key-1', 'key-1', 'key-1']);
  });

  it('take a new key after a limit', async () => {
    const { fetch, time, nylas } = world([limited(1), OK], { idempotencyKey: numbered() });
    await time.until(fetch(SEND, send));
    expect(keys(nylas)).toEqual(['key-1', 'key-2']);
  });

  it('that the provider failed are not sent again: it may have accepted them', async () => {
    const failed = { status: 504, body: { error: { type: 'provider_error', provider_error: 'timed out' } } };
    const { fetch, time, nylas } = world([failed]);
    const response = await time.until(fetch(SEND, send));
    expect(response.status).toBe(504);
    expect(nylas.arrived).toHaveLength(1);
    expect(retryReport(response)?.stopped).toBe('send');
  });

  it('ask for a send that still runs until it is over', async () => {
    const running = { status: 409, body: { error: { type: 'api.concurrent_idempotent_request' } } };
    const { fetch, time, nylas } = world(({ number }) => (number < 12 ? running : OK));
    expect((await time.until(fetch(SEND, send))).status).toBe(200);
    expect(new Set(keys(nylas)).size).toBe(1);
  });

  it("keep a caller's key", async () => {
    const { fetch, time, nylas } = world([BAD_GATEWAY, OK]);
    await time.until(fetch(SEND, { ...send, headers: { 'Idempotency-Key': 'mine' } }));
    expect(keys(nylas)).toEqual(['mine', 'mine']);
  });

  it('are left alone where the option says so', async () => {
    const { fetch, time, nylas } = world([BAD_GATEWAY], { sends: false });
    await time.until(fetch(SEND, send));
    expect(keys(nylas)).toEqual([null]);
  });

  it('of a draft have no key, so they are not sent again', async () => {
    const { fetch, time, nylas } = world([BAD_GATEWAY]);
    await time.until(fetch('https://api.us.nylas.com/v3/grants/g/drafts/d', { method: 'POST' }));
    expect(keys(nylas)).toEqual([null]);
  });
});

describe('hooks', () => {
  it('hear of each retry and of giving up, without ids; what they throw is dropped', async () => {
    const heard: unknown[] = [];
    const { fetch, time } = world([BAD_GATEWAY], {
      attempts: 2,
      onRetry: (event) => {
        heard.push(event);
        throw new Error('mine');
      },
      onGiveUp: (event) => {
        heard.push(event);
        throw new Error('mine');
      },
    });
    expect((await time.until(fetch(MESSAGES))).status).toBe(502);
    const request = {
      version: 'v3',
      method: 'GET',
      template: '/v3/grants/{grant_id}/messages',
      resource: 'messages',
      operation: 'list',
    };
    expect(heard).toEqual([
      { request, attempt: 1, reason: 'server_error', status: 502, errorType: '502', delayMs: 100 },
      { request, attempts: 2, reason: 'attempts', retryAt: undefined },
    ]);
  });
});
