import type { Clock, Job } from '../clock/clock.ts';
import { hashOf } from '../data/random.ts';
import { accountNotice } from '../notices/account-notices.ts';
import type { NoticeDraft } from '../notices/notice.ts';
import { type Account, type AccountSeed, AccountStore, type SyncState } from '../stores/account-store.ts';
import { checkPlan, type RepairOutcome, type RepairPlan } from './repair-plan.ts';

/** What the life of an account touches. */
export interface AccountSurroundings {
  readonly clock: Clock;
  readonly publish: (notice: NoticeDraft) => void;
  /** The account may sync again, after a time in which it did not. */
  readonly resumed: (account: Account) => void;
}

/** A restarted account runs within this time after the upgrade. */
const RESTARTED_WITHIN_MS = 60_000;

/** The triggers that tell of a state; the other states are told by none. */
const TRIGGERS: Readonly<Partial<Record<SyncState, string>>> = {
  running: 'account.running',
  stopped: 'account.stopped',
  invalid: 'account.invalid',
  sync_error: 'account.sync_error',
};
/** In these states the account's own mailbox is not read. */
const NOT_SYNCING: ReadonlySet<SyncState> = new Set(['stopped', 'invalid', 'exception']);

/** Whether changes at the provider reach Nylas. */
export const isSyncing = (account: Account): boolean =>
  account.billingState === 'paid' && !NOT_SYNCING.has(account.syncState);

/** The v2 accounts with their life cycle: these calls are news, and told to whoever is subscribed. */
export class Accounts extends AccountStore {
  readonly #around: AccountSurroundings;
  readonly #plans = new Map<string, { upgrade: RepairOutcome[]; reauthenticate: RepairOutcome[] }>();
  readonly #coming = new Map<string, Job>();
  #restarts = 0;

  constructor(seed: number, epoch: number, around: AccountSurroundings) {
    super(seed, epoch);
    this.#around = around;
  }

  /** Adds an account, and tells of it (`account.connected`, then its state). */
  override create(seed: AccountSeed = {}): Account {
    const account = super.create(seed);
    this.#around.publish(accountNotice(account, 'account.connected'));
    this.#tell(account);
    return account;
  }

  /** Removes an account for good; false when there was none. */
  override delete(identifier: string): boolean {
    const account = this.get(identifier);
    if (account === undefined || !super.delete(identifier)) return false;
    this.#coming.get(account.id)?.cancel();
    this.#coming.delete(account.id);
    this.#plans.delete(account.id);
    return true;
  }

  /** Sync runs. Tells `account.running`. */
  run(identifier: string): Account {
    return this.#become(identifier, 'running');
  }

  /** Some folders are behind. v2 has no trigger for it. */
  degrade(identifier: string): Account {
    return this.#become(identifier, 'partial');
  }

  /** Sync halted after repeated errors: writes and searches answer 403. Tells `account.stopped`. */
  stop(identifier: string): Account {
    return this.#become(identifier, 'stopped');
  }

  /** The credentials are out of date: writes and searches answer 403. Tells `account.invalid`. */
  invalidate(identifier: string): Account {
    return this.#become(identifier, 'invalid');
  }

  /** A persistent error, with sync going on. Tells `account.sync_error`. */
  failSync(identifier: string): Account {
    return this.#become(identifier, 'sync_error');
  }

  /**
   * Says what the next restarts and re-authentications of an account come to, in order; the last one stays.
   * @throws {SimulatorError} code `not_found`, or `invalid_option` for a plan that is not one
   */
  plan(identifier: string, plan: RepairPlan): Account {
    const account = this.need(identifier);
    const { upgrade = [], reauthenticate = [] } = checkPlan(plan);
    this.#plans.set(account.id, { upgrade: [...upgrade], reauthenticate: [...reauthenticate] });
    return account;
  }

  /** `POST .../downgrade`: cancelled, which blocks the API. */
  downgrade(identifier: string): Account {
    const account = this.setBillingState(identifier, 'cancelled');
    this.#coming.get(account.id)?.cancel();
    return account;
  }

  /**
   * `POST .../upgrade`: paid again, and up to a minute later the account runs, or becomes what its plan says. Invalid
   * credentials stay invalid.
   */
  upgrade(identifier: string): Account {
    const account = this.setBillingState(identifier, 'paid');
    const planned = this.#next(account, 'upgrade');
    if (planned === undefined && account.syncState === 'invalid') return account;
    const delay = hashOf(account.key, 92, this.#restarts++) % (RESTARTED_WITHIN_MS + 1);
    this.#follow(account, planned ?? { state: 'running' }, delay);
    if (isSyncing(account)) this.#around.resumed(account);
    return account;
  }

  /** The user agreed again: a new access token, older ones live until revoked, and the account runs or does as planned. */
  reauthenticate(identifier: string): Account {
    const account = this.need(identifier);
    this.issueToken(account.id);
    this.#follow(account, this.#next(account, 'reauthenticate') ?? { state: 'running' }, 0);
    return account;
  }

  /** What a completed login does: a known address re-authenticates its account, a new one gets one. */
  connect(email: string): Account {
    const known = this.get(email);
    return known === undefined ? this.create({ email }) : this.reauthenticate(known.id);
  }

  override clear(): void {
    super.clear();
    this.#plans.clear();
    this.#coming.clear();
    this.#restarts = 0;
  }

  #next(account: Account, what: 'upgrade' | 'reauthenticate'): RepairOutcome | undefined {
    const planned = this.#plans.get(account.id)?.[what];
    return planned !== undefined && planned.length > 1 ? planned.shift() : planned?.[0];
  }

  #follow(account: Account, outcome: RepairOutcome, defaultDelay: number): void {
    this.#coming.get(account.id)?.cancel();
    this.#coming.delete(account.id);
    const delay = outcome.afterMs ?? defaultDelay;
    const come = (): void => {
      this.#coming.delete(account.id);
      if (this.get(account.id) !== account) return;
      this.#become(account.id, outcome.state);
      if (outcome.next !== undefined) this.#follow(account, outcome.next, 0);
    };
    if (delay === 0) come();
    else this.#coming.set(account.id, this.#around.clock.after(delay, come));
  }

  #become(identifier: string, state: SyncState): Account {
    const before = this.need(identifier);
    const was = { syncing: isSyncing(before), state: before.syncState };
    const account = this.setState(identifier, state);
    if (was.state !== state) this.#tell(account);
    if (!was.syncing && isSyncing(account)) this.#around.resumed(account);
    return account;
  }

  #tell(account: Account): void {
    const trigger = TRIGGERS[account.syncState];
    if (trigger !== undefined) this.#around.publish(accountNotice(account, trigger));
  }
}
