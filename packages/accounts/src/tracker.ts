import { ACCOUNT_STATES, type AccountState } from '@nylas-otel/nylas-api';
import type { AccountSignal } from '@nylas-otel/semantic-conventions';
import { type AccountStatus, isUnhealthy, judge, type Recovery, type StateNews } from './account-status.ts';
import { MinHeap } from './min-heap.ts';
import type { AccountReading } from './profile.ts';

/** One tracked account: a v2 account or a v3 grant. Read only outside the tracker. */
export interface TrackedAccount extends AccountStatus {
  readonly id: string;
  /** Lower case; for finding the account of a request, never for telemetry. */
  readonly email: string | undefined;
  /** A value of `nylas.provider`. */
  readonly provider: string;
}

/** A change of state. */
export interface Transition {
  readonly id: string;
  readonly provider: string;
  readonly from: AccountState;
  readonly to: AccountState;
  readonly raw: string;
  readonly signal: AccountSignal;
  /** Unix milliseconds. */
  readonly time: number;
  readonly recovery: Recovery | undefined;
}

/** When news is of, and what made us see it. */
export type NewsOrigin = Pick<StateNews, 'time' | 'signal' | 'event'>;

/** What became of news; see `Judgement`. `full`: the tracker holds as many accounts as it may. */
export type Verdict = 'first' | 'changed' | 'same' | 'stale' | 'contested' | 'full';

/** Limits of a tracker. */
export interface TrackerLimits {
  /** Default 1,000,000; further accounts are not tracked. */
  readonly accounts?: number;
  /** How many deleted accounts are remembered, so that late news does not bring them back. Default 10,000. */
  readonly tombstones?: number;
}

type Mutable = { -readonly [K in keyof TrackedAccount]: TrackedAccount[K] } & { heapIndex: number };

/** The accounts of one provider: how many in each state, and the unhealthy ones, longest first. */
interface ProviderCell {
  readonly counts: Record<AccountState, number>;
  readonly unhealthy: Map<AccountState, MinHeap<Mutable>>;
}

const enteredBefore = (a: AccountStatus, b: AccountStatus): boolean => a.since < b.since;
const placed = (account: Mutable, index: number): void => {
  account.heapIndex = index;
};

/**
 * The accounts of one application in memory. Counts and the oldest account of each unhealthy state are kept as they
 * change (O(log n) a change), so reading them costs the same with 10 and with 100,000 accounts: one number for each
 * provider and state.
 */
export class AccountTracker {
  readonly #accounts = new Map<string, Mutable>();
  readonly #byEmail = new Map<string, Mutable | Mutable[]>();
  readonly #providers = new Map<string, ProviderCell>();
  readonly #tombstones = new Map<string, number>();
  readonly #onTransition: (transition: Transition) => void;
  readonly #mostAccounts: number;
  readonly #mostTombstones: number;

  /** @param onTransition called at each change of state, never at first sight */
  constructor(onTransition: (transition: Transition) => void, limits: TrackerLimits = {}) {
    this.#onTransition = onTransition;
    this.#mostAccounts = limits.accounts ?? 1_000_000;
    this.#mostTombstones = limits.tombstones ?? 10_000;
  }

  /** Number of accounts. */
  get size(): number {
    return this.#accounts.size;
  }

  get(id: string): TrackedAccount | undefined {
    return this.#accounts.get(id);
  }

  /** All accounts, in the order they were first seen. */
  accounts(): Iterable<TrackedAccount> {
    return this.#accounts.values();
  }

  /**
   * The accounts that a request's name of one may mean: an id, `grant:` and an id, an address, or `email:` and an
   * address. Several only where one address has several accounts.
   */
  resolve(name: string): readonly TrackedAccount[] {
    const known = this.#accounts.get(name.startsWith('grant:') ? name.slice(6) : name);
    if (known !== undefined) return [known];
    const found = this.#byEmail.get((name.startsWith('email:') ? name.slice(6) : name).toLowerCase());
    if (found === undefined) return [];
    return Array.isArray(found) ? found : [found];
  }

  /** Takes what a list, a re-read or a webhook said of one account. */
  apply(reading: AccountReading, news: NewsOrigin): Verdict {
    const known = this.#accounts.get(reading.id);
    const stateNews: StateNews = { ...news, state: reading.state, raw: reading.raw };
    if (known === undefined) return this.#add(reading, stateNews);
    if (reading.state === 'deleted' && this.remove(reading.id, news)) return 'changed';
    const judgement = judge(known, stateNews);
    if (!('next' in judgement)) return judgement.verdict;
    if (news.time >= known.time) this.#describe(known, reading);
    if (judgement.verdict === 'changed') {
      const from = known.state;
      this.#leave(known);
      assignStatus(known, judgement.next);
      this.#enter(known);
      this.#tell(known, from, news, judgement.recovery);
    } else {
      assignStatus(known, judgement.next);
    }
    return judgement.verdict;
  }

  /** An account is gone at Nylas: it becomes `deleted` and leaves. False when it is not known or the news is stale. */
  remove(id: string, news: NewsOrigin): boolean {
    const account = this.#accounts.get(id);
    if (account === undefined || news.time < account.time) return false;
    const from = account.state;
    this.#leave(account);
    this.#forgetEmail(account);
    this.#accounts.delete(id);
    this.#bury(id, news.time);
    account.state = 'deleted';
    account.raw = 'deleted';
    this.#tell(account, from, news, undefined);
    return true;
  }

  /** The clock was set back to `now`: nothing is known from later than that. */
  setBack(now: number): void {
    for (const account of this.#accounts.values()) {
      account.time = Math.min(account.time, now);
      // Keeps the order of the heaps.
      account.since = Math.min(account.since, now);
      if (account.brokenSince !== undefined) account.brokenSince = Math.min(account.brokenSince, now);
    }
    for (const [id, time] of this.#tombstones) this.#tombstones.set(id, Math.min(time, now));
  }

  /** Reports the number of accounts for every provider seen and every state, 0 included. */
  counts(report: (provider: string, state: AccountState, count: number) => void): void {
    for (const [provider, { counts }] of this.#providers) {
      for (const state of ACCOUNT_STATES) report(provider, state, counts[state]);
    }
  }

  /**
   * Reports since when the account longest in a state is there, for every provider seen and every unhealthy state;
   * undefined where no account is in the state.
   */
  oldest(report: (provider: string, state: AccountState, since: number | undefined) => void): void {
    for (const [provider, { unhealthy }] of this.#providers) {
      for (const [state, heap] of unhealthy) report(provider, state, heap.peek()?.since);
    }
  }

  /** Accounts in an unhealthy state. */
  unhealthyCount(): number {
    let count = 0;
    for (const { unhealthy } of this.#providers.values())
      for (const heap of unhealthy.values()) count += heap.size;
    return count;
  }

  /** All accounts in one unhealthy state, in no order. */
  *inState(state: AccountState): Iterable<TrackedAccount> {
    for (const { unhealthy } of this.#providers.values()) yield* unhealthy.get(state)?.items() ?? [];
  }

  /**
   * The `most` accounts longest in their unhealthy state, longest first. Walks down the heaps, so it costs
   * O(most * log most) whatever the number of accounts.
   */
  longestUnhealthy(most: number): TrackedAccount[] {
    type Candidate = { readonly account: Mutable; readonly heap: MinHeap<Mutable>; readonly index: number };
    const candidates = new MinHeap<Candidate>((a, b) => enteredBefore(a.account, b.account));
    const add = (heap: MinHeap<Mutable>, index: number): void => {
      const account = heap.at(index);
      if (account !== undefined) candidates.push({ account, heap, index });
    };
    for (const { unhealthy } of this.#providers.values()) for (const heap of unhealthy.values()) add(heap, 0);
    const found: TrackedAccount[] = [];
    while (found.length < most) {
      const next = candidates.pop();
      if (next === undefined) break;
      found.push(next.account);
      add(next.heap, 2 * next.index + 1);
      add(next.heap, 2 * next.index + 2);
    }
    return found;
  }

  #add(reading: AccountReading, news: StateNews): Verdict {
    if (news.state === 'deleted') return 'stale';
    const buried = this.#tombstones.get(reading.id);
    if (buried !== undefined && news.time <= buried) return 'stale';
    if (this.#accounts.size >= this.#mostAccounts) return 'full';
    this.#tombstones.delete(reading.id);
    const judgement = judge(undefined, news);
    if (judgement.verdict !== 'first') return judgement.verdict;
    const { state, raw, since, time, brokenSince, brokenState } = judgement.next;
    // One literal, one hidden class: an account costs about as much as its strings.
    const account: Mutable = {
      id: reading.id,
      email: reading.email?.toLowerCase(),
      provider: reading.provider,
      state,
      raw,
      since,
      time,
      brokenSince,
      brokenState,
      heapIndex: -1,
    };
    this.#accounts.set(account.id, account);
    this.#rememberEmail(account);
    this.#enter(account);
    return 'first';
  }

  /** Takes over what is no state: the provider and the address. News that does not say keeps what is known. */
  #describe(account: Mutable, reading: AccountReading): void {
    const email = reading.email?.toLowerCase();
    if (email !== undefined && email !== account.email) {
      this.#forgetEmail(account);
      account.email = email;
      this.#rememberEmail(account);
    }
    if (reading.provider !== 'unknown' && reading.provider !== account.provider) {
      this.#leave(account);
      account.provider = reading.provider;
      this.#enter(account);
    }
  }

  #enter(account: Mutable): void {
    const cell = this.#cell(account.provider);
    cell.counts[account.state]++;
    cell.unhealthy.get(account.state)?.push(account);
  }

  #leave(account: Mutable): void {
    const cell = this.#cell(account.provider);
    cell.counts[account.state]--;
    cell.unhealthy.get(account.state)?.remove(account.heapIndex);
  }

  #cell(provider: string): ProviderCell {
    let cell = this.#providers.get(provider);
    if (cell === undefined) {
      cell = {
        counts: Object.fromEntries(ACCOUNT_STATES.map((state) => [state, 0])) as Record<AccountState, number>,
        unhealthy: new Map(
          ACCOUNT_STATES.filter(isUnhealthy).map((state) => [state, new MinHeap(enteredBefore, placed)]),
        ),
      };
      this.#providers.set(provider, cell);
    }
    return cell;
  }

  #tell(
    account: Mutable,
    from: AccountState,
    { time, signal }: NewsOrigin,
    recovery: Recovery | undefined,
  ): void {
    const { id, provider, state: to, raw } = account;
    this.#onTransition({ id, provider, from, to, raw, signal, time, recovery });
  }

  #bury(id: string, time: number): void {
    this.#tombstones.set(id, time);
    if (this.#tombstones.size > this.#mostTombstones) {
      for (const oldest of this.#tombstones.keys()) {
        this.#tombstones.delete(oldest);
        break;
      }
    }
  }

  #rememberEmail(account: Mutable): void {
    if (account.email === undefined) return;
    const found = this.#byEmail.get(account.email);
    if (found === undefined) this.#byEmail.set(account.email, account);
    else if (Array.isArray(found)) found.push(account);
    else this.#byEmail.set(account.email, [found, account]);
  }

  #forgetEmail(account: Mutable): void {
    if (account.email === undefined) return;
    const found = this.#byEmail.get(account.email);
    if (Array.isArray(found)) {
      const others = found.filter((other) => other !== account);
      this.#byEmail.set(account.email, others.length === 1 ? (others[0] as Mutable) : others);
    } else if (found === account) {
      this.#byEmail.delete(account.email);
    }
  }
}

function assignStatus(account: Mutable, status: AccountStatus): void {
  account.state = status.state;
  account.raw = status.raw;
  account.since = status.since;
  account.time = status.time;
  account.brokenSince = status.brokenSince;
  account.brokenState = status.brokenState;
}
