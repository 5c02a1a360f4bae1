import type { Clock } from '../clock.ts';
import { Budget, type BudgetLimits, type ResendKind } from '../policy/budget.ts';
import { type WaitFailure, WaitLine } from './wait-line.ts';

/** The limits of the budget and of the wait for it. */
export interface BudgetSettings extends BudgetLimits {
  /** Longest wait of a call for a token, in milliseconds. */
  readonly maxWaitMs: number;
}

const TOKEN = { token: true } as const;
type Token = typeof TOKEN;

// Tokens come with answers and with seconds; looking ten times a second is soon enough for both.
const LOOK_EVERY_MS = 100;

/**
 * The retry budget with those who wait for it. Calls that failed come before calls that were throttled, and only as
 * many may wait as the budget is expected to serve in time: the others get their error at once, so that an outage does
 * not pile up calls.
 */
export class BudgetKeeper {
  readonly #clock: Clock;
  readonly #settings: BudgetSettings | undefined;
  readonly #budget: Budget;
  readonly #lines: Record<ResendKind, WaitLine<Token>>;
  #timer: unknown;

  /** @param settings undefined for no budget: every resend is allowed */
  constructor(clock: Clock, settings: BudgetSettings | undefined) {
    this.#clock = clock;
    this.#settings = settings;
    this.#budget = new Budget(settings ?? { ratio: 0, floorPerSecond: 0 });
    this.#lines = { outage: new WaitLine(clock), throttle: new WaitLine(clock) };
  }

  /** Share of the budget that is left, 0 to 1. */
  get share(): number {
    return this.#settings === undefined ? 1 : this.#budget.share(this.#clock.now());
  }

  /** Calls that wait for a token. */
  get waiting(): number {
    return this.#lines.outage.length + this.#lines.throttle.length;
  }

  /** A call got an answer that is not worth a retry: it earns. */
  answered(): void {
    this.#budget.answered(this.#clock.now());
    if (this.waiting > 0) this.#pump();
  }

  /** True when a call may hope for a token: there is one, or there is room in the line. */
  hasRoom(kind: ResendKind): boolean {
    if (this.#settings === undefined || this.#budget.canTake(this.#clock.now(), kind)) return true;
    return this.#isRoom(kind, this.#settings);
  }

  /** Takes a token, now or within the longest wait. */
  take(
    kind: ResendKind,
    deadline: number,
    signal: AbortSignal | undefined,
  ): 'taken' | 'budget' | Promise<'taken' | 'budget' | 'deadline' | 'aborted'> {
    const settings = this.#settings;
    if (settings === undefined) return 'taken';
    const now = this.#clock.now();
    const ahead = kind === 'outage' ? this.#lines.outage.length : this.waiting;
    if (ahead === 0 && this.#budget.tryTake(now, kind)) return 'taken';
    if (!this.#isRoom(kind, settings)) return 'budget';
    const latest = Math.min(deadline, now + settings.maxWaitMs);
    const waiting = this.#lines[kind].wait(latest, signal);
    this.#watch();
    return waiting.then((outcome) => afterWait(outcome, latest < deadline));
  }

  #isRoom(kind: ResendKind, settings: BudgetSettings): boolean {
    const served = Math.floor(this.#budget.expected(this.#clock.now(), settings.maxWaitMs));
    const ahead = kind === 'outage' ? this.#lines.outage.length : this.waiting;
    return ahead < served;
  }

  #pump(): void {
    const now = this.#clock.now();
    for (const kind of ['outage', 'throttle'] as const) {
      while (this.#lines[kind].length > 0 && this.#budget.tryTake(now, kind)) this.#lines[kind].serve(TOKEN);
    }
    this.#watch();
  }

  #watch(): void {
    if (this.#timer !== undefined || this.waiting === 0) return;
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined;
      this.#pump();
    }, LOOK_EVERY_MS);
  }
}

function afterWait(
  outcome: Token | WaitFailure,
  ownLimit: boolean,
): 'taken' | 'budget' | 'deadline' | 'aborted' {
  if (outcome === 'aborted') return 'aborted';
  if (outcome === 'deadline') return ownLimit ? 'budget' : 'deadline';
  return 'taken';
}
