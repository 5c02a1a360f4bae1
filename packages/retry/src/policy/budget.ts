/** How much may be resent. */
export interface BudgetLimits {
  /** Resends earned by each answered request: 0.1 is one resend for ten requests. */
  readonly ratio: number;
  /** Resends earned in a second in which requests earned fewer. */
  readonly floorPerSecond: number;
}

/**
 * What a resend is for. `outage`: the request failed. `throttle`: a limit was reached, or another attempt of the same
 * send still runs. Throttled resends leave half of the budget alone, so that one limited grant cannot starve the
 * others.
 */
export type ResendKind = 'outage' | 'throttle';

const SECONDS_KEPT = 10;
// A full budget: what a healthy service earned in five seconds, and never below ten seconds of the floor.
const BURST_SECONDS = 5;
const FLOOR_BURST_SECONDS = 10;

/**
 * The retry budget: a token a resend. A request that is answered earns `ratio` of a token, one that fails earns
 * nothing (so an outage is not multiplied, it starves its own retries), and every second earns `floorPerSecond` at
 * least. Over any time, resends are at most the burst + the sum over its seconds of max(ratio * answered, floor).
 */
export class Budget {
  readonly #limits: BudgetLimits;
  #tokens: number;
  /** The second, counted from the epoch, that is being filled. */
  #second = Number.NEGATIVE_INFINITY;
  /** Requests answered in each of the last seconds, by second modulo SECONDS_KEPT. */
  readonly #answered = new Array<number>(SECONDS_KEPT).fill(0);
  #answeredKept = 0;
  #earnedThisSecond = 0;

  constructor(limits: BudgetLimits) {
    this.#limits = limits;
    this.#tokens = this.capacity;
  }

  /** Tokens a full budget holds at the moment. */
  get capacity(): number {
    const { ratio, floorPerSecond } = this.#limits;
    const perSecond = (ratio * this.#answeredKept) / SECONDS_KEPT;
    return Math.max(perSecond * BURST_SECONDS, floorPerSecond * FLOOR_BURST_SECONDS);
  }

  /** A request was answered by something other than a failure worth a retry. */
  answered(now: number): void {
    this.#advance(now);
    const slot = this.#slot(this.#second);
    this.#answered[slot] = (this.#answered[slot] as number) + 1;
    this.#answeredKept++;
    this.#earnedThisSecond += this.#limits.ratio;
    this.#earn(this.#limits.ratio);
  }

  /** True when there is a token for a resend of this kind. */
  canTake(now: number, kind: ResendKind): boolean {
    this.#advance(now);
    const reserve = kind === 'throttle' ? this.capacity / 2 : 0;
    // Tokens are earned in tenths, and ten times 0.1 is not 1.
    return this.#tokens - reserve >= 1 - 1e-9;
  }

  /** Takes a token for one resend; false when there is none for this kind. */
  tryTake(now: number, kind: ResendKind): boolean {
    if (!this.canTake(now, kind)) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Tokens that will be earned in the next `ms` if the last seconds go on; bounds how many calls may wait. */
  expected(now: number, ms: number): number {
    this.#advance(now);
    const perSecond = (this.#limits.ratio * this.#answeredKept) / SECONDS_KEPT;
    return (Math.max(perSecond, this.#limits.floorPerSecond) * ms) / 1000;
  }

  /** Share of the budget that is left, 0 to 1. */
  share(now: number): number {
    this.#advance(now);
    const { capacity } = this;
    return capacity === 0 ? 0 : Math.min(1, Math.max(0, this.#tokens / capacity));
  }

  #advance(now: number): void {
    const second = Math.floor(now / 1000);
    if (second <= this.#second) return;
    if (this.#second === Number.NEGATIVE_INFINITY) {
      this.#second = second;
      return;
    }
    const passed = second - this.#second;
    const { floorPerSecond } = this.#limits;
    const topUp = Math.max(0, floorPerSecond - this.#earnedThisSecond) + floorPerSecond * (passed - 1);
    for (let s = this.#second + 1; s <= this.#second + Math.min(passed, SECONDS_KEPT); s++) {
      const slot = this.#slot(s);
      this.#answeredKept -= this.#answered[slot] as number;
      this.#answered[slot] = 0;
    }
    this.#second = second;
    this.#earnedThisSecond = 0;
    this.#earn(topUp);
  }

  #earn(tokens: number): void {
    this.#tokens = Math.min(this.#tokens + tokens, Math.max(this.capacity, 0));
  }

  #slot(second: number): number {
    return ((second % SECONDS_KEPT) + SECONDS_KEPT) % SECONDS_KEPT;
  }
}
