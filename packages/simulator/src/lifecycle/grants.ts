import type { Clock, Job } from '../clock/clock.ts';
import { hashOf } from '../data/random.ts';
import { type GrantNews, grantNotice } from '../notices/account-notices.ts';
import type { NoticeDraft } from '../notices/notice.ts';
import {
  type Grant,
  type GrantProvider,
  type GrantSeed,
  type GrantStatus,
  GrantStore,
} from '../stores/grant-store.ts';

/** How a grant expires. */
export interface ExpiryOptions {
  /**
   * Simulated milliseconds until Nylas notices: until then data calls answer 401 already, while the grant still says
   * `valid` and no `grant.expired` was sent. Default: up to ten minutes, from the seed.
   */
  readonly noticedAfterMs?: number;
}

/** What the life of a grant touches. */
export interface GrantSurroundings {
  readonly clock: Clock;
  readonly publish: (notice: NoticeDraft) => void;
  /** The grant has access again after it had none since `expiredAt` (Unix milliseconds). */
  readonly restored: (grant: Grant, expiredAt: number) => void;
}

/** Nylas's health check finds an expired grant within this time. */
const NOTICED_WITHIN_MS = 600_000;

interface Expiry {
  readonly at: number;
  readonly noticed: Job;
}

/** The v3 grants with their life cycle: these calls are news, and told to whoever is subscribed. */
export class Grants extends GrantStore {
  readonly #seed: number;
  readonly #around: GrantSurroundings;
  readonly #expired = new Map<string, Expiry>();
  #expiries = 0;

  constructor(seed: number, epoch: number, around: GrantSurroundings) {
    super(seed, epoch, () => around.clock.now());
    this.#seed = seed;
    this.#around = around;
  }

  /** Adds a grant, and tells of it (`grant.created`). */
  override create(seed: GrantSeed = {}): Grant {
    const grant = super.create(seed);
    this.#tell(grant, { what: 'created' });
    return grant;
  }

  /** Removes a grant for good, and tells of it (`grant.deleted`); false when there was none. */
  override delete(identifier: string): boolean {
    const grant = this.get(identifier);
    if (grant === undefined || !super.delete(identifier)) return false;
    this.#forget(grant);
    this.#tell(grant, { what: 'deleted' });
    return true;
  }

  /**
   * The provider no longer accepts the grant's credential: data calls answer 401 at once; later Nylas notices, the grant
   * says `invalid` and `grant.expired` is sent. Object notifications are withheld from now on.
   * @throws {SimulatorError} when there is no such grant
   */
  expire(identifier: string, { noticedAfterMs }: ExpiryOptions = {}): Grant {
    const grant = this.setExpired(identifier);
    const { clock } = this.#around;
    const known = this.#expired.get(grant.id);
    if (known !== undefined && noticedAfterMs === undefined) return grant;
    known?.noticed.cancel();
    const delay = noticedAfterMs ?? hashOf(grant.key, 91, this.#expiries++) % (NOTICED_WITHIN_MS + 1);
    const notice = (): void => {
      super.setStatus(grant.id, 'invalid');
      this.#tell(grant, { what: 'expired' });
    };
    const noticed = clock.after(delay, notice);
    this.#expired.set(grant.id, { at: known?.at ?? clock.now(), noticed });
    if (delay === 0) {
      noticed.cancel();
      notice();
    }
    return grant;
  }

  /** Sets the status without a word; a grant that is valid again gets what was withheld all the same. */
  override setStatus(identifier: string, status: GrantStatus): Grant {
    const grant = super.setStatus(identifier, status);
    if (status === 'valid') this.#release(grant);
    return grant;
  }

  /**
   * The user agreed again: the grant keeps its id and is valid, `grant.updated` is sent, and what was withheld for less
   * than 72 hours comes as a burst.
   * @throws {SimulatorError} when there is no such grant
   */
  reauthenticate(identifier: string): Grant {
    const grant = super.setStatus(identifier, 'valid');
    this.#tell(grant, { what: 'updated', reauthenticated: true });
    this.#release(grant);
    return grant;
  }

  /** What a completed login does: a known address re-authenticates its grant, a new one gets one. */
  connect(email: string, provider: GrantProvider): Grant {
    const known = this.get(email);
    if (known !== undefined) return this.reauthenticate(known.id);
    return this.create({ email, provider, createdAt: Math.floor(this.#around.clock.now() / 1000) });
  }

  override clear(): void {
    super.clear();
    this.#expired.clear();
    this.#expiries = 0;
  }

  #release(grant: Grant): void {
    const at = this.#expired.get(grant.id)?.at ?? this.#around.clock.now();
    this.#forget(grant);
    this.#around.restored(grant, at);
  }

  #forget(grant: Grant): void {
    this.#expired.get(grant.id)?.noticed.cancel();
    this.#expired.delete(grant.id);
  }

  #tell(grant: Grant, news: GrantNews): void {
    this.#around.publish(grantNotice(this.#seed, grant, news));
  }
}
