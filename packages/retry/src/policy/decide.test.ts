import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Decision, decide, type PolicyNumbers, type Situation } from './decide.ts';
import { KEY_LIFETIME_MS } from './idempotent-send.ts';
import type { Verdict } from './verdict.ts';

const POLICY: PolicyNumbers = {
  attempts: 5,
  baseDelayMs: 200,
  throttleDelayMs: 1_000,
  maxDelayMs: 30_000,
  resendProviderFailures: false,
};
const NOW = 1_000_000;

function verdict(status: number, more: Partial<Verdict> = {}): Verdict {
  const limited = status === 429;
  const retryable = status === 0 || status === 408 || limited || status >= 500;
  return {
    status,
    outcome:
      status === 0 ? 'network_error' : limited ? 'rate_limited' : retryable ? 'server_error' : 'client_error',
    errorType: String(status),
    retryable,
    retryReason: !retryable ? undefined : limited ? 'rate_limited' : 'server_error',
    providerCaused: false,
    rateLimitSource: limited ? 'unknown' : undefined,
    retryAfterMs: undefined,
    replayed: false,
    stillRunning: false,
    requestId: undefined,
    ...more,
  };
}

function situation(of: Verdict, more: Partial<Situation> = {}): Situation {
  return {
    verdict: of,
    methodAllowed: true,
    replayable: true,
    send: undefined,
    keyIsCallers: false,
    attempts: 1,
    resends: 0,
    now: NOW,
    deadline: NOW + 120_000,
    ...more,
  };
}

const ask = (of: Verdict, more: Partial<Situation> = {}, policy: Partial<PolicyNumbers> = {}): Decision =>
  decide(situation(of, more), { ...POLICY, ...policy }, () => 0.5);
const SEND = { key: 'k', firstSentAt: NOW - 1_000, doubtful: false };
const why = (decision: Decision): string => (decision.action === 'stop' ? decision.why : decision.action);

describe('what is tried again', () => {
  it.each([0, 408, 429, 500, 502, 503, 504, 520])('status %i of a safe method', (status) => {
    expect(ask(verdict(status)).action).toBe('retry');
  });

  it.each([400, 401, 402, 403, 404, 409, 410, 422, 423])('never status %i', (status) => {
    expect(why(ask(verdict(status, { retryable: true, retryReason: 'server_error' })))).toMatch(
      status === 409 ? /retry/ : /not_retryable/,
    );
    expect(why(ask(verdict(status)))).toBe('not_retryable');
  });

  it('not a method that nobody opted in', () => {
    expect(why(ask(verdict(503), { methodAllowed: false }))).toBe('method');
  });

  it('not a stream that is gone', () => {
    expect(why(ask(verdict(503), { replayable: false }))).toBe('body');
  });

  it('not more often than allowed', () => {
    expect(why(ask(verdict(503), { attempts: 5 }))).toBe('attempts');
  });
});

describe('how long is waited', () => {
  it('is full jitter, longer after a throttle', () => {
    expect(ask(verdict(502))).toMatchObject({ delayMs: 100 });
    expect(ask(verdict(502), { attempts: 3 })).toMatchObject({ delayMs: 400 });
    expect(ask(verdict(429))).toMatchObject({ delayMs: 500 });
    expect(ask(verdict(503))).toMatchObject({ delayMs: 500 });
  });

  it('is Retry-After and some jitter on top', () => {
    expect(ask(verdict(429, { retryAfterMs: 20_000 }))).toMatchObject({ delayMs: 20_500 });
  });

  it('fails at once when Retry-After is beyond the deadline, and says when', () => {
    expect(ask(verdict(429, { retryAfterMs: 600_000 }))).toEqual({
      action: 'stop',
      why: 'deadline',
      retryAt: NOW + 600_000,
    });
  });

  it('draws on the shared half of the budget after a throttle only', () => {
    expect(ask(verdict(429))).toMatchObject({ kind: 'throttle' });
    expect(ask(verdict(503))).toMatchObject({ kind: 'outage' });
  });
});

describe('sends with an Idempotency-Key (NYLAS 3.8)', () => {
  it.each([
    ['no answer', verdict(0), 'same'],
    ['408', verdict(408), 'same'],
    ['a limit', verdict(429), 'new'],
    ['a limit that the key store replays', verdict(429, { replayed: true }), 'new'],
    ['an error of Nylas', verdict(500), 'same'],
    ['a page of the edge', verdict(502), 'same'],
    ['a 504 of Nylas itself', verdict(504), 'same'],
    ['a send that still runs', verdict(409, { stillRunning: true }), 'same'],
  ])('%s: again, with the %s key', (_name, of, key) => {
    expect(ask(of, { methodAllowed: false, send: SEND })).toMatchObject({ action: 'retry', key });
  });

  it('a limit after an attempt that went unanswered keeps the key: that one may have been sent', () => {
    expect(ask(verdict(429), { send: { ...SEND, doubtful: true } })).toMatchObject({ key: 'same' });
  });

  it('a limit that is replayed ends the doubt: the first request was limited', () => {
    expect(ask(verdict(429, { replayed: true }), { send: { ...SEND, doubtful: true } })).toMatchObject({
      key: 'new',
      doubtful: false,
    });
  });

  it('an error the provider caused is never sent again by itself', () => {
    const failed = verdict(504, { providerCaused: true, retryReason: 'provider_error' });
    expect(why(ask(failed, { send: SEND }))).toBe('send');
    expect(ask(failed, { send: SEND }, { resendProviderFailures: true })).toMatchObject({ key: 'new' });
  });

  it('a replayed error is the real result', () => {
    expect(why(ask(verdict(500, { replayed: true }), { send: SEND }))).toBe('send');
  });

  it("a caller's key is kept, so a limit is the caller's", () => {
    expect(why(ask(verdict(429), { send: SEND, keyIsCallers: true }))).toBe('send');
    expect(ask(verdict(502), { send: SEND, keyIsCallers: true })).toMatchObject({ key: 'same' });
  });

  it('asks for a send that still runs as often as the deadline allows', () => {
    const running = verdict(409, { stillRunning: true });
    expect(ask(running, { send: SEND, attempts: 5 })).toMatchObject({ action: 'retry', kind: 'throttle' });
  });

  it('never uses a key that Nylas may have forgotten', () => {
    const old = { ...SEND, firstSentAt: NOW - KEY_LIFETIME_MS };
    expect(why(ask(verdict(502), { send: old }))).toBe('key_expired');
  });
});

describe('over 10,000 situations', () => {
  // Mostly what leads to a retry: the properties speak of those.
  const mostly = <T>(usual: fc.Arbitrary<T>, rare: fc.Arbitrary<T>): fc.Arbitrary<T> =>
    fc.oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: rare });
  const likely = mostly(fc.constant(true), fc.constant(false));
  const anyVerdict: fc.Arbitrary<Verdict> = fc
    .record({
      status: mostly(
        fc.constantFrom(0, 408, 409, 429, 429, 500, 502, 503, 504, 520),
        fc.constantFrom(200, 400, 401, 402, 403, 404, 410, 422, 423),
      ),
      outcome: mostly(
        fc.constantFrom(
          'rate_limited',
          'provider_limited',
          'server_error',
          'provider_error',
          'timeout',
          'network_error',
        ),
        fc.constantFrom('success', 'client_error', 'invalid_credentials', 'cancelled'),
      ),
      retryable: likely,
      providerCaused: fc.boolean(),
      replayed: fc.boolean(),
      stillRunning: fc.boolean(),
      retryAfterMs: fc.option(
        mostly(fc.integer({ min: 0, max: 60_000 }), fc.integer({ min: 0, max: 7_200_000 })),
        { nil: undefined },
      ),
    })
    .map(({ status, ...more }) => verdict(status, more as Partial<Verdict>));
  const anySituation: fc.Arbitrary<Situation> = fc.record({
    verdict: anyVerdict,
    methodAllowed: likely,
    replayable: likely,
    send: fc.option(
      fc.record({
        key: fc.constant('k'),
        firstSentAt: mostly(
          fc.integer({ min: NOW - KEY_LIFETIME_MS, max: NOW }),
          fc.integer({ min: NOW - 7_200_000, max: NOW }),
        ),
        doubtful: fc.boolean(),
      }),
      { nil: undefined },
    ),
    keyIsCallers: fc.boolean(),
    attempts: fc.integer({ min: 1, max: 4 }),
    resends: fc.integer({ min: 0, max: 200 }),
    now: fc.constant(NOW),
    deadline: fc.oneof(
      fc.constant(Number.POSITIVE_INFINITY),
      fc.integer({ min: NOW - 1_000, max: NOW + 600_000 }),
    ),
  });
  const anyPolicy: fc.Arbitrary<PolicyNumbers> = fc.record({
    attempts: fc.integer({ min: 2, max: 8 }),
    baseDelayMs: fc.integer({ min: 0, max: 5_000 }),
    throttleDelayMs: fc.integer({ min: 0, max: 5_000 }),
    maxDelayMs: fc.integer({ min: 0, max: 60_000 }),
    resendProviderFailures: fc.boolean(),
  });
  const anyRandom = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

  /** Holds for every decision to retry. */
  function whenRetried(
    holds: (
      decision: Extract<Decision, { action: 'retry' }>,
      situation: Situation,
      policy: PolicyNumbers,
    ) => void,
  ): void {
    let retried = 0;
    fc.assert(
      fc.property(anySituation, anyPolicy, anyRandom, (given, policy, random) => {
        const decision = decide(given, policy, () => random);
        if (decision.action !== 'retry') return;
        retried++;
        holds(decision, given, policy);
      }),
      { numRuns: 10_000 },
    );
    expect(retried).toBeGreaterThan(3_000);
  }

  it('Retry-After is never undercut', () => {
    whenRetried(({ delayMs }, given) =>
      expect(delayMs).toBeGreaterThanOrEqual(given.verdict.retryAfterMs ?? 0),
    );
  });

  it('401 and an invalid grant are never retried, nor is anything a human must mend', () => {
    whenRetried((_decision, { verdict: of }) => {
      expect(of.outcome).not.toBe('invalid_credentials');
      expect([400, 401, 402, 403, 404, 410, 422, 423]).not.toContain(of.status);
      expect(of.outcome).not.toBe('cancelled');
    });
  });

  it('nothing that is not safe to repeat is repeated, and no body that is gone', () => {
    whenRetried((_decision, given) => {
      expect(given.methodAllowed || given.send !== undefined).toBe(true);
      expect(given.replayable).toBe(true);
    });
  });

  it('no attempt is planned for after the deadline, nor beyond the number allowed', () => {
    whenRetried(({ delayMs }, given, policy) => {
      expect(given.now + delayMs).toBeLessThan(given.deadline);
      if (!given.verdict.stillRunning) expect(given.attempts).toBeLessThan(policy.attempts);
    });
  });

  it('a send gets a new key only where the old one cannot have been delivered', () => {
    whenRetried(({ key }, { send, verdict: of, keyIsCallers }, policy) => {
      if (send === undefined) {
        expect(key).toBeUndefined();
        return;
      }
      if (key === 'same') return;
      expect(keyIsCallers).toBe(false);
      const limited = of.status === 429 && (!send.doubtful || of.replayed);
      expect(limited || (of.providerCaused && policy.resendProviderFailures)).toBe(true);
    });
  });

  it('a send keeps its key only while Nylas surely remembers it', () => {
    whenRetried(({ key, delayMs }, { send, now }) => {
      if (send !== undefined && key === 'same')
        expect(now + delayMs - send.firstSentAt).toBeLessThanOrEqual(KEY_LIFETIME_MS);
    });
  });
});
