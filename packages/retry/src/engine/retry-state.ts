import { processState } from '@nylas-otel/telemetry';
import { type Clock, systemClock } from '../clock.ts';
import { NylasRetryOptionsError } from '../errors.ts';
import { integer, milliseconds, oneFunction, refuse } from '../option-checks.ts';
import type { Random } from '../policy/backoff.ts';
import { BudgetKeeper } from './budget-keeper.ts';
import { Gatekeeper } from './gatekeeper.ts';
import { type MailboxConcurrency, MailboxLimiter } from './mailbox-limiter.ts';
import { watchState } from './state-metrics.ts';

/** The retry budget. */
export interface BudgetOptions {
  /** Resends for each answered request: 0 to 1. Default 0.1, one resend for ten requests. */
  readonly ratio?: number;
  /** Resends allowed in a second however few requests there are: 0 to 1,000. Default 1. */
  readonly floorPerSecond?: number;
  /** Longest wait of a call for the budget, in milliseconds. Default 30,000. */
  readonly maxWaitMs?: number;
}

/** Options of {@link NylasRetryState}. */
export interface RetryStateOptions {
  /** The retry budget; `false` for none, which multiplies an outage. */
  readonly budget?: BudgetOptions | false;
  /**
   * Most requests under way at once on one mailbox: a number, or a function of the grant or account id. Microsoft
   * allows 4. Default: any number.
   */
  readonly mailboxConcurrency?: MailboxConcurrency;
  /** Time. Default: that of the process. */
  readonly clock?: Clock;
  /** Randomness of the jitter. Default `Math.random`. */
  readonly random?: Random;
}

const KNOWN_OPTIONS: readonly string[] = ['budget', 'mailboxConcurrency', 'clock', 'random'];
const KNOWN_BUDGET: readonly string[] = ['ratio', 'floorPerSecond', 'maxWaitMs'];
// Recognises a state of another copy of this package.
const MARK = Symbol.for('nylas-otel.retry-state.1');

/**
 * What retries share: budget, gates and limiter. All faces of a process share one by default, so that a 429 seen by the
 * SDK holds back a fetch too. Make your own to keep two applications apart.
 */
export class NylasRetryState {
  /** The retry budget. */
  readonly budget: BudgetKeeper;
  /** The gates of the limited grants. */
  readonly gates: Gatekeeper;
  /** The limiter of requests at a time. */
  readonly mailboxes: MailboxLimiter;
  readonly clock: Clock;
  readonly random: Random;

  /** @throws {NylasRetryOptionsError} naming the option, the type of its value and the fix */
  constructor(options: RetryStateOptions = {}) {
    refuseUnknown('', options, KNOWN_OPTIONS);
    this.clock = options.clock === undefined ? systemClock : checkedClock(options.clock);
    this.random = oneFunction('random', options.random) ?? Math.random;
    this.budget = new BudgetKeeper(this.clock, budgetSettings(options.budget));
    this.gates = new Gatekeeper(this.clock);
    this.mailboxes = new MailboxLimiter(this.clock, checkedConcurrency(options.mailboxConcurrency));
    Object.defineProperty(this, MARK, { value: true });
    watchState(this);
  }

  /** The state that all faces of this process share. */
  static ofProcess(): NylasRetryState {
    return processState('retry-state', () => new NylasRetryState());
  }

  /** True for a state of this or another copy of the package. */
  static isState(value: unknown): value is NylasRetryState {
    return typeof value === 'object' && value !== null && MARK in value;
  }
}

function budgetSettings(
  budget: BudgetOptions | false | undefined,
): { ratio: number; floorPerSecond: number; maxWaitMs: number } | undefined {
  if (budget === false) return undefined;
  if (budget !== undefined && (typeof budget !== 'object' || budget === null))
    refuse('budget', budget, 'an object such as { ratio: 0.1, floorPerSecond: 1 }, or false');
  if (budget !== undefined) refuseUnknown('budget.', budget, KNOWN_BUDGET);
  return {
    ratio: between('budget.ratio', budget?.ratio, 0.1, 0, 1),
    floorPerSecond: between('budget.floorPerSecond', budget?.floorPerSecond, 1, 0, 1_000),
    maxWaitMs: milliseconds('budget.maxWaitMs', budget?.maxWaitMs, 30_000),
  };
}

function between(option: string, value: unknown, otherwise: number, least: number, most: number): number {
  if (value === undefined) return otherwise;
  if (typeof value !== 'number' || !(value >= least && value <= most))
    refuse(option, value, `a number from ${least} to ${most}`);
  return value;
}

function checkedConcurrency(value: MailboxConcurrency | undefined): MailboxConcurrency | undefined {
  if (value === undefined || typeof value === 'function') return value;
  return integer('mailboxConcurrency', value, 4, 1, 1_000);
}

function checkedClock(clock: Clock): Clock {
  const { now, setTimeout, clearTimeout } = (clock ?? {}) as Partial<Clock>;
  if (typeof now !== 'function' || typeof setTimeout !== 'function' || typeof clearTimeout !== 'function')
    refuse('clock', clock, 'an object with now(), setTimeout() and clearTimeout()');
  return clock;
}

function refuseUnknown(prefix: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null)
    refuse(prefix === '' ? 'options' : prefix.slice(0, -1), options, 'an object');
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw new NylasRetryOptionsError(
        `${prefix}${name}`,
        `Unknown option ${prefix}${name}. Known are ${known.map((option) => prefix + option).join(', ')}.`,
      );
    }
  }
}
