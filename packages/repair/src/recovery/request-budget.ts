import { Pacer, type Runtime } from '@nylas-otel/accounts/tracking';
import { type ApiVersion, LIMITS, type Limit } from '@nylas-otel/nylas-api';

/** What a budget is made of. */
export interface BudgetOptions {
  readonly version: ApiVersion;
  /** Which part of the documented limits may be used, at most 0.5. */
  readonly share: number;
  /** Highest rate over all accounts, where it is lower than that part. */
  readonly requestsPerSecond: number;
  readonly runtime: Runtime;
}

// A header that says more is not to be believed.
const MOST_CHARGED = 200;

/** Which limit a request counts against: an account's data, or the application's own lists. */
export type BudgetClass = 'data' | 'application';

const MOST_PER_SECOND: Readonly<Record<ApiVersion, number>> = {
  // Google's limit for a project; v3 itself names none over all grants.
  v3: perSecond(LIMITS.providers.google, 'project'),
  v2: perSecond(LIMITS.nylas.v2_application, 'application_endpoint'),
};

/**
 * Spaces requests so that recovery takes at most a part of every documented limit: of the application, of each grant or
 * account, of the mail provider behind it. The rest is left to the service itself.
 */
export class RequestBudget {
  readonly #options: BudgetOptions;
  readonly #all: Pacer;
  readonly #application: Pacer;
  readonly #accounts = new Map<string, { readonly pacer: Pacer; until: number }>();
  #until = 0;

  constructor(options: BudgetOptions) {
    const { version, share, requestsPerSecond } = options;
    this.#options = options;
    this.#all = new Pacer(Math.min(requestsPerSecond, MOST_PER_SECOND[version] * share));
    const admin = version === 'v3' ? LIMITS.nylas.admin : LIMITS.nylas.v2_application;
    this.#application = new Pacer(Math.min(requestsPerSecond, firstRate(admin) * share));
  }

  /** Resolves when a request may be sent; at once when the signal aborts. */
  async take(account: string, provider: string, kind: BudgetClass, signal: AbortSignal): Promise<void> {
    const { runtime } = this.#options;
    const own = kind === 'application' ? this.#application : this.#account(account, provider).pacer;
    for (;;) {
      const now = runtime.now();
      const until = Math.max(this.#until, kind === 'data' ? (this.#accounts.get(account)?.until ?? 0) : 0);
      const wait = Math.max(this.#all.waitMs(now), own.waitMs(now), until - now);
      if (wait <= 0 || signal.aborted) break;
      await runtime.sleep(wait, signal, true);
    }
    const now = runtime.now();
    this.#all.take(now);
    own.take(now);
  }

  /** Holds an account's requests back until a time; all requests where the application is limited. */
  pause(account: string, kind: BudgetClass, until: number): void {
    if (kind === 'application') this.#until = Math.max(this.#until, until);
    const known = this.#accounts.get(account);
    if (known !== undefined) known.until = Math.max(known.until, until);
  }

  /** Counts provider requests that one request of ours caused beyond the first. */
  charge(account: string, provider: string, more: number): void {
    const known = this.#accounts.get(account);
    if (known === undefined || !(more > 0)) return;
    const { version, share, runtime } = this.#options;
    const spacingMs = 1_000 / (accountRate(version, provider) * share);
    known.until = Math.max(known.until, runtime.now()) + Math.min(more, MOST_CHARGED) * spacingMs;
  }

  /** Forgets an account that is done. */
  forget(account: string): void {
    this.#accounts.delete(account);
  }

  #account(account: string, provider: string): { readonly pacer: Pacer; until: number } {
    let known = this.#accounts.get(account);
    if (known === undefined) {
      const { version, share } = this.#options;
      known = { pacer: new Pacer(accountRate(version, provider) * share), until: 0 };
      this.#accounts.set(account, known);
    }
    return known;
  }
}

/** Requests a second that Nylas and the provider allow for one account. */
export function accountRate(version: ApiVersion, provider: string): number {
  // v2 reads what Nylas has stored, so the provider's limits do not come into it.
  if (version === 'v2') return perSecond(LIMITS.nylas.v2_account, 'account_endpoint');
  const nylas = perSecond(LIMITS.nylas.data, 'grant');
  const limits = provider === 'google' || provider === 'microsoft' ? LIMITS.providers[provider] : [];
  return Math.min(nylas, perSecond(limits, 'mailbox'));
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
