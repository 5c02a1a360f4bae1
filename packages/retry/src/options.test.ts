import { describe, expect, it } from 'vitest';
import { withRetryLimits } from './engine/retry-limits.ts';
import { type BudgetOptions, NylasRetryState, type RetryStateOptions } from './engine/retry-state.ts';
import { NylasRetryOptionsError } from './errors.ts';
import { type RetryOptions, resolveOptions } from './options.ts';

const refused = (options: unknown): NylasRetryOptionsError =>
  thrown(() => resolveOptions(options as RetryOptions));
const refusedState = (options: unknown): NylasRetryOptionsError =>
  thrown(() => new NylasRetryState(options as RetryStateOptions));

function thrown(work: () => unknown): NylasRetryOptionsError {
  try {
    work();
  } catch (error) {
    if (error instanceof NylasRetryOptionsError) return error;
    throw error;
  }
  throw new Error('was accepted');
}

describe('options', () => {
  it('have defaults for everything', () => {
    expect(resolveOptions()).toMatchObject({
      attempts: 5,
      deadlineMs: 120_000,
      baseDelayMs: 200,
      throttleDelayMs: 1_000,
      maxDelayMs: 30_000,
      methods: new Set(['GET', 'HEAD', 'PUT', 'DELETE']),
      sends: true,
      resendProviderFailures: false,
    });
  });

  it('share the state of the process, unless they name one', () => {
    expect(resolveOptions().state).toBe(resolveOptions({}).state);
    const state = new NylasRetryState();
    expect(resolveOptions({ state }).state).toBe(state);
  });

  it.each<[string, unknown, RegExp]>([
    ['attempts', { attempts: 0 }, /attempts is the number 0; give a whole number from 1 to 100/],
    ['attempts', { attempts: '3' }, /attempts is of type string/],
    ['deadlineMs', { deadlineMs: -1 }, /above 0, or Infinity/],
    ['deadlineMs', { deadlineMs: Number.NaN }, /the number NaN/],
    ['maxDelayMs', { maxDelayMs: Number.POSITIVE_INFINITY }, /0 or more/],
    ['methods[1]', { methods: ['GET', 'get'] }, /upper case/],
    ['methods', { methods: 'GET' }, /a list of HTTP methods/],
    ['sends', { sends: 'yes' }, /true or false/],
    ['resend', { resend: true }, /a function/],
    ['hosts[0]', { hosts: ['https://localhost:4010'] }, /without scheme/],
    ['hosts[0]', { hosts: [5] }, /the number 5; give a host/],
    ['hosts[0].version', { hosts: [{ host: 'localhost', version: 'v4' }] }, /'v2', 'v3' or 'both'/],
    ['state', { state: {} }, /new NylasRetryState/],
    ['budget', { budget: false }, /options of NylasRetryState/],
    ['retries', { retries: 3 }, /Unknown option retries. Known are attempts/],
    ['options', [], /an object of options/],
  ])('%s that cannot be used says what is wrong and what to give', (option, options, message) => {
    const error = refused(options);
    expect(error.option).toBe(option);
    expect(error.message).toMatch(message);
    expect(error.code).toBe('NYLAS_RETRY_INVALID_OPTION');
  });

  it('never show a value that may be a secret', () => {
    expect(refused({ hosts: ['user:secret@host'] }).message).not.toContain('secret');
    expect(refused({ state: 'nyk_secret' }).message).not.toContain('secret');
  });

  it('take hosts as texts and as the objects of the instrumentation', () => {
    const { hosts } = resolveOptions({ hosts: ['LocalHost:4010', { host: 'proxy', version: 'v2' }] });
    expect([...hosts]).toEqual([
      ['localhost:4010', 'both'],
      ['proxy', 'v2'],
    ]);
  });
});

describe('the state', () => {
  it.each<[string, unknown]>([
    ['budget', { budget: 5 }],
    ['budget.ratio', { budget: { ratio: 2 } satisfies BudgetOptions }],
    ['budget.floorPerSecond', { budget: { floorPerSecond: -1 } }],
    ['budget.maxWaitMs', { budget: { maxWaitMs: 'long' } }],
    ['budget.share', { budget: { share: 1 } }],
    ['mailboxConcurrency', { mailboxConcurrency: 0 }],
    ['clock', { clock: { now: Date.now } }],
    ['random', { random: 0.5 }],
    ['attempts', { attempts: 5 }],
  ])('%s that cannot be used is refused at once', (option, options) => {
    expect(refusedState(options).option).toBe(option);
  });

  it('is one for the process, whoever asks', () => {
    expect(NylasRetryState.ofProcess()).toBe(NylasRetryState.ofProcess());
  });
});

describe('limits', () => {
  it.each<[string, unknown]>([
    ['deadlineMs', { deadlineMs: 0 }],
    ['signal', { signal: {} }],
    ['attempts', { attempts: 0 }],
    ['timeout', { timeout: 5 }],
  ])('%s that cannot be used is refused at once', (option, limits) => {
    expect(thrown(() => withRetryLimits(limits as never, () => undefined)).option).toBe(option);
  });
});
