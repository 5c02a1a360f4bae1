import { owner } from '../data/names.ts';
import { hashOf, hashText, hex8, stableUuid } from '../data/random.ts';
import { SimulatorError } from '../simulator-error.ts';

/** `grant_status` of the v3 API: it has no other values. */
export type GrantStatus = 'valid' | 'invalid';

/** Providers a v3 grant can have. */
export type GrantProvider =
  | 'google'
  | 'microsoft'
  | 'imap'
  | 'icloud'
  | 'yahoo'
  | 'ews'
  | 'zoom'
  | 'virtual-calendar'
  | 'nylas';

/** Every provider a seed or a control request may name. */
export const GRANT_PROVIDERS: readonly GrantProvider[] = [
  'google',
  'microsoft',
  'imap',
  'icloud',
  'yahoo',
  'ews',
  'zoom',
  'virtual-calendar',
  'nylas',
];

/** What a grant starts as; everything left out is invented from the seed. */
export interface GrantSeed {
  /** A UUID. Default: derived from the seed and the grant's number. */
  readonly id?: string;
  /** Mailbox address, unique within the simulator. */
  readonly email?: string;
  /** Default: mixed over providers, about half of them Google. */
  readonly provider?: GrantProvider;
  /** Default `valid`. */
  readonly status?: GrantStatus;
  /** Default false. */
  readonly blocked?: boolean;
  /** Display name of the owner. */
  readonly name?: string;
  /** Scopes granted at the provider. */
  readonly scope?: readonly string[];
  /** Unix seconds. */
  readonly createdAt?: number;
}

/** One v3 grant, as the simulator knows it. Read it; change it through the store. */
export interface Grant {
  readonly id: string;
  readonly email: string;
  readonly provider: GrantProvider;
  readonly name: string;
  readonly status: GrantStatus;
  readonly blocked: boolean;
  /** The provider refuses the credential, so data calls answer 401; `status` follows when Nylas notices. */
  readonly expired: boolean;
  readonly scope: readonly string[];
  /** Unix seconds. */
  readonly createdAt: number;
  /** Unix seconds. */
  readonly updatedAt: number;
  /** Position of creation, from 0; never reused. */
  readonly index: number;
  /** Number from which the grant's mailbox is generated. */
  readonly key: number;
  /** `settings` as last sent by a client, or empty. */
  readonly settings: Readonly<Record<string, unknown>>;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** How many grants there are, for comparing gauges with the truth. */
export interface GrantCounts {
  readonly total: number;
  readonly byStatus: Readonly<Record<GrantStatus, number>>;
  /** Only providers that have a grant. */
  readonly byProvider: Readonly<Record<string, Readonly<Record<GrantStatus, number>>>>;
}

/** What the grants list of the API can be filtered and sorted by. */
export interface GrantFilter {
  readonly status?: string | undefined;
  readonly provider?: string | undefined;
  readonly email?: string | undefined;
  /** Unix seconds, inclusive, on the creation time. */
  readonly since?: number | undefined;
  /** Unix seconds, inclusive, on the creation time. */
  readonly before?: number | undefined;
  readonly sortBy?: 'created_at' | 'updated_at' | undefined;
  readonly orderBy?: 'asc' | 'desc' | undefined;
}

// Half Google, a quarter Microsoft, the rest spread: twelve slots.
const PROVIDER_MIX: readonly GrantProvider[] = [
  'google',
  'microsoft',
  'google',
  'imap',
  'google',
  'microsoft',
  'google',
  'icloud',
  'google',
  'microsoft',
  'google',
  'ews',
];
const SCOPES: Readonly<Record<string, readonly string[]>> = {
  google: [
    'https://www.googleapis.com/auth/gmail.modify',
    'https://www.googleapis.com/auth/calendar',
    'https://www.googleapis.com/auth/contacts',
  ],
  microsoft: ['Mail.ReadWrite', 'Mail.Send', 'Calendars.ReadWrite', 'Contacts.ReadWrite', 'offline_access'],
};
const NO_SCOPES: readonly string[] = [];
const NO_SETTINGS: Readonly<Record<string, unknown>> = {};
/** Life of a v3 grant access token, as `expires_in` says. */
const ACCESS_TOKEN_SECONDS = 3600;

/**
 * The v3 grants and their true states. Cheap with 100,000: one small record each, counts kept as they change, a
 * filtered list remembered until something changes.
 */
export class GrantStore {
  readonly #seed: number;
  readonly #epoch: number;
  readonly #now: () => number;
  #ordered: Mutable<Grant>[] = [];
  readonly #byId = new Map<string, Mutable<Grant>>();
  readonly #byEmail = new Map<string, Mutable<Grant>>();
  readonly #byProvider = new Map<string, { valid: number; invalid: number }>();
  readonly #tokens = new Map<string, { grantId: string; expiresAt: number }>();
  #nextIndex = 0;
  #issued = 0;
  #lastList: { readonly filter: string; readonly grants: readonly Grant[] } | undefined;

  /**
   * @param seed the simulator's seed
   * @param epoch creation time of the oldest seeded grant, Unix seconds
   * @param now the simulator's clock, Unix milliseconds
   */
  constructor(seed: number, epoch: number, now: () => number) {
    this.#seed = seed;
    this.#epoch = epoch;
    this.#now = now;
  }

  /** Number of grants. */
  get size(): number {
    return this.#ordered.length;
  }

  /** The oldest grant. */
  first(): Grant | undefined {
    return this.#ordered[0];
  }

  /** The grant with this id or address; `grant:` and `email:` prefixes are understood. */
  get(identifier: string): Grant | undefined {
    const direct = this.#byId.get(identifier);
    if (direct !== undefined) return direct;
    if (identifier.startsWith('grant:')) return this.#byId.get(identifier.slice(6));
    const address = identifier.startsWith('email:') ? identifier.slice(6) : identifier;
    return this.#byEmail.get(address.toLowerCase());
  }

  /** All grants, oldest first, or those that fit a filter (then newest first, as the API lists them). */
  list(filter?: GrantFilter): readonly Grant[] {
    if (filter === undefined) return this.#ordered.slice();
    const key = JSON.stringify(filter);
    if (this.#lastList?.filter === key) return this.#lastList.grants;
    const grants = this.#select(filter);
    this.#lastList = { filter: key, grants };
    return grants;
  }

  #select(filter: GrantFilter): Grant[] {
    const { status, provider, since, before } = filter;
    const email = filter.email?.toLowerCase();
    const found = this.#ordered.filter(
      (grant) =>
        (status === undefined || grant.status === status) &&
        (provider === undefined || grant.provider === provider) &&
        (email === undefined || grant.email.toLowerCase() === email) &&
        (since === undefined || grant.createdAt >= since) &&
        (before === undefined || grant.createdAt <= before),
    );
    const field = filter.sortBy === 'updated_at' ? 'updatedAt' : 'createdAt';
    found.sort((a, b) => a[field] - b[field] || a.index - b.index);
    return filter.orderBy === 'asc' ? found : found.reverse();
  }

  /**
   * Adds a grant.
   * @throws {SimulatorError} when the id or the address is taken
   */
  create(seed: GrantSeed = {}): Grant {
    const index = this.#nextIndex;
    const invented = seed.email === undefined || seed.name === undefined ? owner(index) : undefined;
    const id = seed.id ?? stableUuid(this.#seed, 1, index);
    const email = seed.email ?? (invented as { email: string }).email;
    if (this.#byId.has(id))
      throw new SimulatorError('taken', `grant id ${id} is taken; give each grant its own id`);
    if (this.#byEmail.has(email.toLowerCase())) {
      throw new SimulatorError(
        'taken',
        `a grant for ${email} exists; an address has one grant, change its status instead`,
      );
    }
    const provider = seed.provider ?? (PROVIDER_MIX[index % PROVIDER_MIX.length] as GrantProvider);
    const createdAt = seed.createdAt ?? this.#epoch + index;
    const grant: Mutable<Grant> = {
      id,
      email,
      provider,
      name: seed.name ?? (invented as { name: string }).name,
      status: seed.status ?? 'valid',
      blocked: seed.blocked ?? false,
      expired: seed.status === 'invalid',
      scope: seed.scope ?? SCOPES[provider] ?? NO_SCOPES,
      createdAt,
      updatedAt: createdAt,
      index,
      key: hashText(this.#seed, id),
      settings: NO_SETTINGS,
    };
    this.#nextIndex = index + 1;
    this.#ordered.push(grant);
    this.#byId.set(id, grant);
    this.#byEmail.set(email.toLowerCase(), grant);
    this.#count(grant, 1);
    this.#lastList = undefined;
    return grant;
  }

  /**
   * Makes a grant valid or invalid without a word to anybody; `expire` and
   * `reauthenticate` do it as Nylas does.
   * @throws {SimulatorError} when there is no such grant
   */
  setStatus(identifier: string, status: GrantStatus): Grant {
    const grant = this.#need(identifier);
    if (grant.status !== status) {
      this.#count(grant, -1);
      grant.status = status;
      this.#count(grant, 1);
    }
    grant.expired = status === 'invalid';
    this.#touch(grant);
    return grant;
  }

  /** The credential is dead, and nobody has noticed. */
  protected setExpired(identifier: string): Grant {
    const grant = this.#need(identifier);
    grant.expired = true;
    return grant;
  }

  /**
   * Sets or lifts `blocked`; a blocked grant answers 423 on data calls.
   * @throws {SimulatorError} when there is no such grant
   */
  setBlocked(identifier: string, blocked: boolean): Grant {
    const grant = this.#need(identifier);
    grant.blocked = blocked;
    this.#touch(grant);
    return grant;
  }

  /**
   * Changes what a client may change by PATCH.
   * @throws {SimulatorError} when there is no such grant
   */
  update(
    identifier: string,
    changes: { scope?: readonly string[]; settings?: Record<string, unknown> },
  ): Grant {
    const grant = this.#need(identifier);
    if (changes.scope !== undefined) grant.scope = changes.scope;
    if (changes.settings !== undefined) grant.settings = { ...grant.settings, ...changes.settings };
    this.#touch(grant);
    return grant;
  }

  /** Removes a grant for good; false when there was none. Its access tokens end with it. */
  delete(identifier: string): boolean {
    const grant = this.get(identifier) as Mutable<Grant> | undefined;
    if (grant === undefined) return false;
    this.#ordered.splice(this.#ordered.indexOf(grant), 1);
    this.#byId.delete(grant.id);
    this.#byEmail.delete(grant.email.toLowerCase());
    this.#count(grant, -1);
    for (const [token, entry] of this.#tokens) if (entry.grantId === grant.id) this.#tokens.delete(token);
    this.#lastList = undefined;
    return true;
  }

  /** Exact counts, kept as they change: O(providers). */
  counts(): GrantCounts {
    const byStatus = { valid: 0, invalid: 0 };
    const byProvider: Record<string, { valid: number; invalid: number }> = {};
    for (const [provider, count] of this.#byProvider) {
      if (count.valid + count.invalid === 0) continue;
      byProvider[provider] = { ...count };
      byStatus.valid += count.valid;
      byStatus.invalid += count.invalid;
    }
    return { total: this.#ordered.length, byStatus, byProvider };
  }

  /**
   * Issues a grant access token, good for one hour, to be used with `/v3/grants/me`.
   * @throws {SimulatorError} when there is no such grant
   */
  accessToken(identifier: string): string {
    const grant = this.#need(identifier);
    const serial = this.#issued++;
    const token = `nyat_${hex8(grant.key)}${hex8(hashOf(grant.key, 77, serial))}${hex8(hashOf(grant.key, 78, serial))}`;
    this.#tokens.set(token, { grantId: grant.id, expiresAt: this.#now() + ACCESS_TOKEN_SECONDS * 1000 });
    // Tokens are issued in order of expiry, so the oldest is first; a million exchanges must not fill the memory.
    if (this.#tokens.size > 100_000) this.#tokens.delete(this.#tokens.keys().next().value as string);
    return token;
  }

  /** The grant an access token stands for, while the token lives. */
  byAccessToken(token: string): Grant | undefined {
    const entry = this.#tokens.get(token);
    if (entry === undefined || entry.expiresAt <= this.#now()) return undefined;
    return this.#byId.get(entry.grantId);
  }

  /** Ends an access token; false when it was not known. */
  revokeToken(token: string): boolean {
    return this.#tokens.delete(token);
  }

  /** Forgets everything. */
  clear(): void {
    this.#ordered = [];
    this.#byId.clear();
    this.#byEmail.clear();
    this.#byProvider.clear();
    this.#tokens.clear();
    this.#nextIndex = 0;
    this.#issued = 0;
    this.#lastList = undefined;
  }

  #need(identifier: string): Mutable<Grant> {
    const grant = this.get(identifier);
    if (grant === undefined)
      throw new SimulatorError('not_found', `there is no grant ${identifier}; see grants.list()`);
    return grant as Mutable<Grant>;
  }

  #touch(grant: Mutable<Grant>): void {
    grant.updatedAt = Math.floor(this.#now() / 1000);
    this.#lastList = undefined;
  }

  #count(grant: Grant, by: 1 | -1): void {
    let count = this.#byProvider.get(grant.provider);
    if (count === undefined) {
      count = { valid: 0, invalid: 0 };
      this.#byProvider.set(grant.provider, count);
    }
    count[grant.status] += by;
  }
}
