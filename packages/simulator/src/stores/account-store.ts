import { owner } from '../data/names.ts';
import { encodeId, toV2Id } from '../data/object-id.ts';
import { hashOf, hashText, hex8 } from '../data/random.ts';
import { SimulatorError } from '../simulator-error.ts';

/** `sync_state` values of the v2 API that the simulator can set. */
export type SyncState =
  | 'running'
  | 'partial'
  | 'stopped'
  | 'invalid'
  | 'sync_error'
  | 'exception'
  | 'initializing'
  | 'downloading';

/** Every sync state a seed or a control request may name. */
export const SYNC_STATES: readonly SyncState[] = [
  'running',
  'partial',
  'stopped',
  'invalid',
  'sync_error',
  'exception',
  'initializing',
  'downloading',
];

/** Billing states of a v2 account; `cancelled` and `deleted` block the API. */
export type BillingState = 'paid' | 'cancelled' | 'deleted';

/** Providers a v2 account can have. */
export type AccountProvider = 'gmail' | 'office365' | 'exchange' | 'imap' | 'icloud' | 'yahoo';

/** Every provider a seed or a control request may name. */
export const ACCOUNT_PROVIDERS: readonly AccountProvider[] = [
  'gmail',
  'office365',
  'exchange',
  'imap',
  'icloud',
  'yahoo',
];

/** What a v2 account starts as; everything left out is invented from the seed. */
export interface AccountSeed {
  /** Default: 25 characters of base 36 derived from the seed. */
  readonly id?: string;
  /** Mailbox address. */
  readonly email?: string;
  /** Default: mixed over providers, about half of them Gmail. */
  readonly provider?: AccountProvider;
  /** Default `running`. */
  readonly syncState?: SyncState;
  /** Default `paid`. */
  readonly billingState?: BillingState;
  /** Display name of the owner. */
  readonly name?: string;
  /** The access token clients use. Default: 30 characters derived from the seed. */
  readonly accessToken?: string;
}

/** One v2 account, as the simulator knows it. Read it; change it through the store. */
export interface Account {
  readonly id: string;
  readonly email: string;
  readonly provider: AccountProvider;
  readonly name: string;
  readonly syncState: SyncState;
  readonly billingState: BillingState;
  /** The newest access token, or an empty string when all are revoked. */
  readonly accessToken: string;
  /** Unix seconds. */
  readonly linkedAt: number;
  /** Position of creation, from 0; never reused. */
  readonly index: number;
  /** Number from which the account's mailbox is generated. */
  readonly key: number;
  /** What a client stored by PUT. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** A stored account also knows all its live tokens. */
type StoredAccount = { -readonly [K in keyof Account]: Account[K] } & { readonly tokens: string[] };

/** How many accounts there are, for comparing gauges with the truth. */
export interface AccountCounts {
  readonly total: number;
  /** Only states that an account is in. */
  readonly byState: Readonly<Record<string, number>>;
  /** Only providers that have an account: provider to state to number. */
  readonly byProvider: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

const PROVIDER_MIX: readonly AccountProvider[] = [
  'gmail',
  'office365',
  'gmail',
  'imap',
  'gmail',
  'exchange',
  'gmail',
  'icloud',
  'gmail',
  'office365',
  'gmail',
  'yahoo',
];
const NO_METADATA: Readonly<Record<string, unknown>> = {};

/** The v2 accounts, their access tokens and their true states. Cheap with 100,000. */
export class AccountStore {
  readonly #seed: number;
  readonly #epoch: number;
  #ordered: StoredAccount[] = [];
  readonly #byId = new Map<string, StoredAccount>();
  readonly #byEmail = new Map<string, StoredAccount>();
  readonly #byToken = new Map<string, StoredAccount>();
  readonly #counts = new Map<string, Map<string, number>>();
  #nextIndex = 0;
  #issued = 0;

  /**
   * @param seed the simulator's seed
   * @param epoch link time of the oldest seeded account, Unix seconds
   */
  constructor(seed: number, epoch: number) {
    this.#seed = seed;
    this.#epoch = epoch;
  }

  /** Number of accounts. */
  get size(): number {
    return this.#ordered.length;
  }

  /** The account with this id or address. */
  get(identifier: string): Account | undefined {
    return this.#byId.get(identifier) ?? this.#byEmail.get(identifier.toLowerCase());
  }

  /** All accounts, oldest first. */
  list(): readonly Account[] {
    return this.#ordered.slice();
  }

  /** A page of the accounts, oldest first, without copying the rest. */
  page(offset: number, limit: number): readonly Account[] {
    return this.#ordered.slice(offset, offset + limit);
  }

  /**
   * Adds an account.
   * @throws {SimulatorError} when the id, the address or the token is taken
   */
  create(seed: AccountSeed = {}): Account {
    const index = this.#nextIndex;
    const invented = seed.email === undefined || seed.name === undefined ? owner(index) : undefined;
    const id = seed.id ?? toV2Id(encodeId(this.#seed, 2, index));
    const email = seed.email ?? (invented as { email: string }).email;
    if (this.#byId.has(id))
      throw new SimulatorError('taken', `account id ${id} is taken; give each account its own id`);
    if (this.#byEmail.has(email.toLowerCase())) {
      throw new SimulatorError('taken', `an account for ${email} exists; change its state instead`);
    }
    const account: StoredAccount = {
      id,
      email,
      provider: seed.provider ?? (PROVIDER_MIX[index % PROVIDER_MIX.length] as AccountProvider),
      name: seed.name ?? (invented as { name: string }).name,
      syncState: seed.syncState ?? 'running',
      billingState: seed.billingState ?? 'paid',
      accessToken: '',
      linkedAt: this.#epoch + index,
      index,
      key: hashText(this.#seed, id),
      metadata: NO_METADATA,
      tokens: [],
    };
    const token = seed.accessToken ?? this.#inventToken(account.key);
    if (this.#byToken.has(token))
      throw new SimulatorError('taken', 'the access token belongs to another account');
    this.#grantToken(account, token);
    this.#nextIndex = index + 1;
    this.#ordered.push(account);
    this.#byId.set(id, account);
    this.#byEmail.set(email.toLowerCase(), account);
    this.#count(account, 1);
    return account;
  }

  /**
   * Moves an account to a sync state without a word to anybody; `run`, `stop` and so on tell it.
   * @throws {SimulatorError} when there is no such account
   */
  setState(identifier: string, syncState: SyncState): Account {
    const account = this.need(identifier);
    if (account.syncState !== syncState) {
      this.#count(account, -1);
      account.syncState = syncState;
      this.#count(account, 1);
    }
    return account;
  }

  /**
   * Sets the billing state, as downgrade and upgrade do.
   * @throws {SimulatorError} when there is no such account
   */
  setBillingState(identifier: string, billingState: BillingState): Account {
    const account = this.need(identifier);
    account.billingState = billingState;
    return account;
  }

  /**
   * Replaces the metadata of an account.
   * @throws {SimulatorError} when there is no such account
   */
  setMetadata(identifier: string, metadata: Record<string, unknown>): Account {
    const account = this.need(identifier);
    account.metadata = metadata;
    return account;
  }

  /** Removes an account for good; false when there was none. */
  delete(identifier: string): boolean {
    const account = this.get(identifier) as StoredAccount | undefined;
    if (account === undefined) return false;
    this.revokeTokens(account.id);
    this.#ordered.splice(this.#ordered.indexOf(account), 1);
    this.#byId.delete(account.id);
    this.#byEmail.delete(account.email.toLowerCase());
    this.#count(account, -1);
    return true;
  }

  /**
   * Issues a further access token, as a re-authentication does; older ones keep working until revoked.
   * @throws {SimulatorError} when there is no such account
   */
  issueToken(identifier: string): string {
    const account = this.need(identifier);
    const token = this.#inventToken(account.key);
    this.#grantToken(account, token);
    return token;
  }

  /** The account a token stands for. */
  byToken(token: string): Account | undefined {
    return this.#byToken.get(token);
  }

  /** Revokes one token; false when it was not known. */
  revokeToken(token: string): boolean {
    const account = this.#byToken.get(token);
    if (account === undefined) return false;
    this.#byToken.delete(token);
    account.tokens.splice(account.tokens.indexOf(token), 1);
    account.accessToken = account.tokens.at(-1) ?? '';
    return true;
  }

  /** Revokes every token of an account but `keep`. */
  revokeTokens(identifier: string, keep?: string): void {
    const account = this.get(identifier) as StoredAccount | undefined;
    for (const token of account?.tokens.slice() ?? []) if (token !== keep) this.revokeToken(token);
  }

  /** Exact counts, kept as they change. */
  counts(): AccountCounts {
    const byState: Record<string, number> = {};
    const byProvider: Record<string, Record<string, number>> = {};
    for (const [provider, states] of this.#counts) {
      for (const [state, count] of states) {
        if (count === 0) continue;
        byState[state] = (byState[state] ?? 0) + count;
        byProvider[provider] ??= {};
        byProvider[provider][state] = count;
      }
    }
    return { total: this.#ordered.length, byState, byProvider };
  }

  /** Forgets everything. */
  clear(): void {
    this.#ordered = [];
    this.#byId.clear();
    this.#byEmail.clear();
    this.#byToken.clear();
    this.#counts.clear();
    this.#nextIndex = 0;
    this.#issued = 0;
  }

  #grantToken(account: StoredAccount, token: string): void {
    account.tokens.push(token);
    account.accessToken = token;
    this.#byToken.set(token, account);
  }

  #inventToken(key: number): string {
    const serial = this.#issued++;
    const part = (n: number): string => hex8(hashOf(key, n, serial));
    return `${part(81)}${part(82)}${part(83)}${serial.toString(36).padStart(6, '0')}`;
  }

  protected need(identifier: string): StoredAccount {
    const account = this.get(identifier);
    if (account === undefined)
      throw new SimulatorError('not_found', `there is no account ${identifier}; see accounts.list()`);
    return account as StoredAccount;
  }

  #count(account: Account, by: 1 | -1): void {
    let states = this.#counts.get(account.provider);
    if (states === undefined) {
      states = new Map();
      this.#counts.set(account.provider, states);
    }
    states.set(account.syncState, (states.get(account.syncState) ?? 0) + by);
  }
}
