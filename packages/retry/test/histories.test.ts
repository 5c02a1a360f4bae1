import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualTime } from '../bench/world/virtual-time.ts';
import { NylasRetryState, retryingFetch } from '../src/index.ts';
import { type Answer, type Arrived, reset, ScriptedNylas } from './scripted-nylas.ts';

/** One call of a history. */
interface PlannedCall {
  readonly atMs: number;
  readonly grant: 'a' | 'b' | 'c';
  readonly kind: 'list' | 'send' | 'grants';
  readonly deadlineMs: number;
}

/** One answer of a history; they are given out in turn. */
interface PlannedAnswer {
  readonly what:
    | 'ok'
    | 'reset'
    | 'html502'
    | 'limited'
    | 'unavailable'
    | 'provider504'
    | 'running'
    | 'unauthorized';
  readonly retryAfter: number | undefined;
  readonly asDate: boolean;
  readonly replayed: boolean;
  readonly afterMs: number;
}

const calls: fc.Arbitrary<PlannedCall[]> = fc.array(
  fc.record({
    atMs: fc.integer({ min: 0, max: 40_000 }),
    grant: fc.constantFrom('a' as const, 'b' as const, 'c' as const),
    kind: fc.constantFrom('list' as const, 'list' as const, 'send' as const, 'grants' as const),
    deadlineMs: fc.constantFrom(500, 5_000, 120_000, 4_000_000),
  }),
  { minLength: 2, maxLength: 10 },
);
const answers: fc.Arbitrary<PlannedAnswer[]> = fc.array(
  fc.record({
    what: fc.constantFrom(
      'ok' as const,
      'limited' as const,
      'limited' as const,
      'limited' as const,
      'unavailable' as const,
      'unavailable' as const,
      'reset' as const,
      'html502' as const,
      'provider504' as const,
      'running' as const,
      'unauthorized' as const,
    ),
    retryAfter: fc.option(
      fc.oneof(
        fc.integer({ min: 0, max: 30 }),
        fc.integer({ min: 0, max: 90 }),
        fc.integer({ min: 0, max: 3_700 }),
      ),
      {
        nil: undefined,
        freq: 12,
      },
    ),
    asDate: fc.boolean(),
    replayed: fc.boolean(),
    afterMs: fc.integer({ min: 0, max: 3_000 }),
  }),
  { minLength: 3, maxLength: 12 },
);

interface Seen extends Arrived {
  readonly call: number;
  readonly gate: string;
  readonly answer: PlannedAnswer;
  readonly answeredAt: number;
}

interface History {
  readonly seen: readonly Seen[];
  readonly planned: readonly PlannedCall[];
  readonly start: number;
  readonly attempts: number;
}

const PATHS = { list: '/messages', send: '/messages/send', grants: '' } as const;

/** Lives a history and tells what arrived at the server. */
async function live(
  planned: readonly PlannedCall[],
  script: readonly PlannedAnswer[],
  seed: number,
): Promise<History> {
  const time = new VirtualTime();
  const start = time.now();
  const seen: Seen[] = [];
  const nylas = new ScriptedNylas(time, (request) => {
    const answer = script[(request.number - 1) % script.length] as PlannedAnswer;
    const answeredAt = time.now() + answer.afterMs;
    const path = request.path;
    const gate = path.split('/').length === 4 ? 'application' : path.replace(/messages$/, 'data');
    seen.push({ ...request, call: Number(request.headers.get('x-call')), gate, answer, answeredAt });
    return toAnswer(answer, answeredAt);
  });
  const state = new NylasRetryState({ clock: time, random: jitter(seed) });
  const attempts = 4;
  const all = planned.map(async ({ atMs, grant, kind, deadlineMs }, index) => {
    const fetch = retryingFetch(nylas.fetch, { state, attempts, deadlineMs });
    await time.sleep(atMs);
    const init = { method: kind === 'send' ? 'POST' : 'GET', headers: { 'x-call': String(index) } };
    await fetch(`https://api.us.nylas.com/v3/grants/${grant}${PATHS[kind]}`, init).catch(() => undefined);
  });
  await time.until(Promise.all(all));
  expect(state.mailboxes.size).toBe(0);
  expect(state.budget.waiting).toBe(0);
  return { seen, planned, start, attempts };
}

function toAnswer(
  { what, retryAfter, asDate, replayed, afterMs }: PlannedAnswer,
  answeredAt: number,
): Answer {
  const headers: Record<string, string> = replayed ? { 'idempotent-response': 'true' } : {};
  if (retryAfter !== undefined && (what === 'limited' || what === 'unavailable')) {
    headers['retry-after'] = asDate
      ? new Date(Math.ceil(answeredAt / 1_000) * 1_000 + retryAfter * 1_000).toUTCString()
      : String(retryAfter);
  }
  switch (what) {
    case 'ok':
      return { status: 200, headers, body: {}, afterMs };
    case 'reset':
      return { error: reset(), afterMs };
    case 'html502':
      return { status: 502, headers, body: '<html>', afterMs };
    case 'limited':
      return { status: 429, headers, body: { error: { type: 'rate_limit_error' } }, afterMs };
    case 'unavailable':
      return { status: 503, headers, body: { error: { type: 'api_error' } }, afterMs };
    case 'provider504':
      return {
        status: 504,
        headers,
        body: { error: { type: 'provider_error', provider_error: 'x' } },
        afterMs,
      };
    case 'running':
      return {
        status: 409,
        headers,
        body: { error: { type: 'api.concurrent_idempotent_request' } },
        afterMs,
      };
    case 'unauthorized':
      return { status: 401, headers, body: { error: { type: 'unauthorized' } }, afterMs };
  }
}

/** A jitter that is different in each history and the same in each run. */
function jitter(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 16_807 + 11) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

async function inEveryHistory(numRuns: number, holds: (history: History) => void): Promise<void> {
  await fc.assert(
    fc.asyncProperty(calls, answers, fc.integer({ min: 1, max: 1_000_000 }), async (planned, script, seed) =>
      holds(await live(planned, script, seed)),
    ),
    { numRuns },
  );
}

describe('in thousands of histories of calls and answers', () => {
  it('everything that is promised holds on the wire, 10,000 Retry-Afters among it', {
    timeout: 180_000,
  }, async () => {
    let undercutChances = 0;
    await inEveryHistory(4_000, ({ seen, planned, start, attempts }) => {
      for (const [index, request] of seen.entries()) {
        const { answer, answeredAt, gate } = request;
        const { atMs, deadlineMs } = planned[request.call] as PlannedCall;
        const promised =
          (answer.what === 'limited' || answer.what === 'unavailable') &&
          answer.retryAfter !== undefined &&
          // An answer after the caller's deadline is seen by nobody.
          answeredAt < start + atMs + deadlineMs;
        if (promised) {
          undercutChances++;
          const until = answeredAt + (answer.retryAfter as number) * 1_000;
          // Nobody asks the same of the same grant again, neither this call nor another, until the server's time.
          for (const later of seen.slice(index + 1)) {
            if (later.gate === gate && later.at > answeredAt) expect(later.at).toBeGreaterThanOrEqual(until);
          }
        }
      }
      for (const [index, call] of planned.entries()) {
        const mine = seen.filter((request) => request.call === index);
        const polls = mine.filter(({ answer }) => answer.what === 'running').length;
        expect(mine.length - polls).toBeLessThanOrEqual(attempts);
        for (const [number, request] of mine.entries()) {
          expect(request.at).toBeLessThan(start + call.atMs + call.deadlineMs + (number === 0 ? 1 : 0));
          const last = number === mine.length - 1;
          if (request.answer.what === 'ok' || request.answer.what === 'unauthorized') expect(last).toBe(true);
          if (request.answer.what === 'provider504' && call.kind === 'send') expect(last).toBe(true);
          if (request.answer.what === 'running' && call.kind !== 'send') expect(last).toBe(true);
        }
        if (call.kind === 'send') checkKeys(mine);
        else for (const { headers } of mine) expect(headers.get('idempotency-key')).toBeNull();
      }
      // Nothing here succeeds often enough to earn more than the start's ten and one a second.
      const resends = seen.length - new Set(seen.map(({ call }) => call)).size;
      const seconds = Math.ceil(((seen.at(-1)?.at ?? start) - start) / 1_000) + 1;
      expect(resends).toBeLessThanOrEqual(10 + seconds);
    });
    expect(undercutChances).toBeGreaterThan(10_000);
  });
});

/** A key is changed only where no attempt with it can have been accepted, and never used for longer than an hour. */
function checkKeys(attempts: readonly Seen[]): void {
  let doubtful = false;
  let key: string | null = null;
  let since = 0;
  for (const [index, { headers, at }] of attempts.entries()) {
    const mine = headers.get('idempotency-key');
    expect(mine).not.toBeNull();
    const before = attempts[index - 1]?.answer;
    if (mine !== key) {
      if (before !== undefined) {
        expect(before.what).toBe('limited');
        expect(doubtful && !before.replayed).toBe(false);
      }
      key = mine;
      since = at;
      doubtful = false;
    }
    expect(at - since).toBeLessThan(3_600_000);
    doubtful ||= attempts[index]?.answer.what !== 'limited';
  }
}
