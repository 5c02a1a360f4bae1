import { AsyncResource } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { VirtualTime } from '../bench/world/virtual-time.ts';
import { NylasRetryState, retryingFetch, retryReport } from '../src/index.ts';
import { limited, MESSAGES, reset, ScriptedNylas } from './scripted-nylas.ts';
import { BAD_GATEWAY, OK, world } from './world.ts';

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
