import { describe, expect, it } from 'vitest';
import { NylasDeadlineError, retryReport, withRetryLimits } from '../src/index.ts';
import { limited, MESSAGES, reset, type ScriptedNylas, SEND } from './scripted-nylas.ts';
import { BAD_GATEWAY, OK, world } from './world.ts';

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
