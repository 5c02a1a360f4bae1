import { Pacer, type Runtime } from '@nylas-otel/accounts/tracking';
import { type ApiVersion, LIMITS, type Limit } from '@nylas-otel/nylas-api';
import { Allowance } from './allowance.ts';

/** What a budget is made of. */
export interface BudgetOptions {
  readonly version: ApiVersion;
  /** Which part of the documented limits may be used, at most 0.5. */
  readonly share: number;
  /** Highest rate over all accounts, where it is lower than that part. */
  readonly requestsPerSecond: number;
  readonly runtime: Runtime;
}

/** Which limit a request counts against: an account's data, or the application's own lists. */
export type BudgetClass = 'data' | 'application';

/** What one request cost the mail provider, as Nylas says it in headers. */
export interface ProviderCost {
  readonly calls: number;
  readonly quotaUnits: number;
}

/** Milliseconds that must still pass until what was used is paid for. Survives JSON. */
export interface Debts {
  /** Of the application's project at Google. */
  readonly project: number;
  /** By account; what is next to nothing is left out. */
  readonly accounts: Readonly<Record<string, number>>;
}

const MOST_PER_SECOND: Readonly<Record<ApiVersion, number>> = {
  // Google's limit for a project; v3 itself names none over all grants.
  v3: perSecond(LIMITS.providers.google, 'project'),
  v2: perSecond(LIMITS.nylas.v2_application, 'application_endpoint'),
};

const PAGE = 200;
/** Of Google, Nylas lists ids and gets each object: a page costs as many calls. Several must fit into a minute. */
const GOOGLE_PAGE_SHARE = 1 / 6;
const GOOGLE_PAGE = 50;
const UNITS_PER_CALL = 5;
const UNPRICED = 8;
// A header that says more is not to be believed.
const MOST_CALLS = 201;
const MOST_UNITS = 5_000;
const WORTH_A_NOTE_MS = 500;

interface AccountBudget {
  readonly pacer: Pacer;
  /** At the provider; undefined where no limit is known. */
  readonly calls: Allowance | undefined;
  readonly quotaUnits: Allowance | undefined;
}

/**
 * Spaces requests so that recovery takes at most a part of every documented limit: of the application, of each grant or
 * account, of the mail provider behind it. The rest is left to the service itself.
 */
export class RequestBudget {
  readonly #options: BudgetOptions;
  readonly #all: Pacer;
  readonly #application: Pacer;
  readonly #project: Allowance;
  readonly #accounts = new Map<string, AccountBudget>();
  readonly #notBefore = new Map<string, number>();
  readonly #leaving = new Set<string>();
  #until = 0;

  constructor(options: BudgetOptions) {
    const { version, share, requestsPerSecond } = options;
    this.#options = options;
    this.#all = new Pacer(Math.min(requestsPerSecond, MOST_PER_SECOND[version] * share));
    const admin = version === 'v3' ? LIMITS.nylas.admin : LIMITS.nylas.v2_application;
    this.#application = new Pacer(Math.min(requestsPerSecond, firstRate(admin) * share));
    this.#project = this.#allowance(limitOf('google', 'requests', 'project'), this.#dearest, UNPRICED);
  }

  /** How many objects to ask for at once. */
  pageSize(provider: string): number {
    if (!this.#countsAtGoogle(provider)) return PAGE;
    const { max } = limitOf('google', 'requests', 'mailbox');
    return Math.max(1, Math.min(GOOGLE_PAGE, Math.floor(max * this.#options.share * GOOGLE_PAGE_SHARE)));
  }

  /** Milliseconds until a request may be sent; 0 when it may at once. */
  waitMs(account: string, provider: string, kind: BudgetClass): number {
    const now = this.#options.runtime.now();
    const common = Math.max(this.#all.waitMs(now), this.#until - now, 0);
    if (kind === 'application') return Math.max(common, this.#application.waitMs(now));
    const { pacer, calls, quotaUnits } = this.#account(account, provider);
    return Math.max(
      common,
      (this.#notBefore.get(account) ?? 0) - now,
      pacer.waitMs(now),
      calls?.waitMs(now) ?? 0,
      quotaUnits?.waitMs(now) ?? 0,
      this.#countsAtGoogle(provider) ? this.#project.waitMs(now) : 0,
    );
  }

  /** Notes that a request is sent; returns what tells what it cost the provider, when that is known. */
  take(account: string, provider: string, kind: BudgetClass): (cost: ProviderCost) => void {
    const now = this.#options.runtime.now();
    this.#all.take(now);
    if (kind === 'application') {
      this.#application.take(now);
      return () => {};
    }
    const { pacer, calls, quotaUnits } = this.#account(account, provider);
    pacer.take(now);
    const priceCalls = calls?.take(now);
    const priceUnits = quotaUnits?.take(now);
    const priceProject = this.#countsAtGoogle(provider) ? this.#project.take(now) : undefined;
    return (cost) => {
      const made = between(1, cost.calls, MOST_CALLS);
      priceCalls?.(made);
      priceProject?.(made);
      priceUnits?.(between(0, cost.quotaUnits, MOST_UNITS));
    };
  }

  /** Holds an account's requests back until a time; all requests where the application is limited. */
  pause(account: string, kind: BudgetClass, until: number): void {
    if (kind === 'application') this.#until = Math.max(this.#until, until);
    else this.#notBefore.set(account, Math.max(this.#notBefore.get(account) ?? 0, until));
  }

  /** Forgets an account that is done, as soon as nothing is owed for it. */
  forget(account: string): void {
    this.#leaving.add(account);
    for (const id of this.#leaving) {
      if (this.#debtMs(id) > 0) continue;
      this.#accounts.delete(id);
      this.#notBefore.delete(id);
      this.#leaving.delete(id);
    }
  }

  /** What is not paid for yet, for whoever goes on. */
  debts(): Debts {
    const accounts: Record<string, number> = {};
    for (const id of new Set([...this.#accounts.keys(), ...this.#notBefore.keys()])) {
      const ms = this.#debtMs(id);
      if (ms >= WORTH_A_NOTE_MS) accounts[id] = Math.ceil(ms);
    }
    return { project: Math.ceil(this.#project.debtMs(this.#options.runtime.now())), accounts };
  }

  /** Takes over what somebody else has used. */
  owe({ project, accounts }: Debts): void {
    const now = this.#options.runtime.now();
    this.#project.owe(project, now);
    for (const [id, ms] of Object.entries(accounts)) {
      this.pause(id, 'data', now + ms);
      this.#leaving.add(id);
    }
  }

  #debtMs(id: string): number {
    const now = this.#options.runtime.now();
    const { calls, quotaUnits } = this.#accounts.get(id) ?? {};
    return Math.max(
      calls?.debtMs(now) ?? 0,
      quotaUnits?.debtMs(now) ?? 0,
      (this.#notBefore.get(id) ?? 0) - now,
    );
  }

  #account(id: string, provider: string): AccountBudget {
    let known = this.#accounts.get(id);
    if (known === undefined) {
      const { version, share } = this.#options;
      known = {
        pacer: new Pacer(nylasRate(version) * share),
        calls: this.#mailbox(provider, 'requests', this.#dearest),
        quotaUnits: this.#mailbox(provider, 'gmail_quota_units', this.#dearest * UNITS_PER_CALL),
      };
      this.#accounts.set(id, known);
    }
    return known;
  }

  get #dearest(): number {
    return this.pageSize('google') + 1;
  }

  #mailbox(provider: string, what: Limit['what'], dearest: number): Allowance | undefined {
    // v2 reads what Nylas has stored, so the provider's limits do not come into it.
    if (this.#options.version === 'v2' || (provider !== 'google' && provider !== 'microsoft'))
      return undefined;
    const limit = LIMITS.providers[provider].find((one) => one.what === what && one.per === 'mailbox');
    return limit && this.#allowance(limit, dearest);
  }

  #allowance({ max, windowSeconds }: Limit, dearest: number, unpriced = 1): Allowance {
    return new Allowance({
      max: max * this.#options.share,
      windowMs: windowSeconds * 1_000,
      dearest,
      unpriced,
    });
  }

  #countsAtGoogle(provider: string): boolean {
    return this.#options.version === 'v3' && provider === 'google';
  }
}

function between(least: number, value: number, most: number): number {
  return Number.isFinite(value) ? Math.min(Math.max(value, least), most) : least;
}

/** Requests a second that Nylas itself allows for one account. */
function nylasRate(version: ApiVersion): number {
  return version === 'v2'
    ? perSecond(LIMITS.nylas.v2_account, 'account_endpoint')
    : perSecond(LIMITS.nylas.data, 'grant');
}

function limitOf(provider: 'google' | 'microsoft', what: Limit['what'], per: Limit['per']): Limit {
  return LIMITS.providers[provider].find((one) => one.what === what && one.per === per) as Limit;
}

function perSecond(limits: readonly Limit[], per: Limit['per']): number {
  const rates = limits
    .filter((limit) => limit.what === 'requests' && limit.per === per && limit.windowSeconds > 0)
    .map(({ max, windowSeconds }) => max / windowSeconds);
  return Math.min(Number.POSITIVE_INFINITY, ...rates);
}

function firstRate(limits: readonly Limit[]): number {
  return limits[0] === undefined ? Number.POSITIVE_INFINITY : limits[0].max / limits[0].windowSeconds;
}
