import { setTimeout as pause } from 'node:timers/promises';
import { type Lease, waitForLease } from './lease.ts';
import type { RecoverySettings } from './options.ts';
import { RecoveryApi, type Turns } from './recovery-api.ts';
import { RequestBudget } from './request-budget.ts';

/** How long one turn may last, and the rest between two of them, in which somebody who waits gets the lease. */
const TURN_MS = 3_000;
const REST_MS = 500;
const WAIT_MS = 5_000;

/**
 * The keeper's part of the limits. Half of them can be given out once, so it asks Nylas only while it has the lease that
 * recovery needs too, for seconds at a time, however long a mailbox makes it wait between two requests; and not at all
 * while there is something to make up for.
 */
export class KeeperTurns implements Turns {
  /** What accounts are read with. It is closed when the keeper has to stop. */
  readonly api: RecoveryApi;
  readonly #settings: RecoverySettings;
  readonly #closing: AbortSignal;
  readonly #stop = new AbortController();
  readonly #mustRest: () => Promise<boolean>;
  readonly #budget: RequestBudget;
  #turn: Turn | undefined;
  #taking: Promise<void> | undefined;

  /** @param mustRest true while recovery has something to do */
  constructor(settings: RecoverySettings, closing: AbortSignal, mustRest: () => Promise<boolean>) {
    this.#settings = settings;
    this.#closing = AbortSignal.any([closing, this.#stop.signal]);
    this.#mustRest = mustRest;
    const { connection, share, requestsPerSecond, runtime } = settings;
    const { version } = connection.profile;
    this.#budget = new RequestBudget({ version, share, requestsPerSecond, runtime });
    this.api = new RecoveryApi({
      connection,
      runtime,
      budget: this.#budget,
      closing: this.#closing,
      turns: this,
      around: (work) => work(),
    });
  }

  async enter(): Promise<() => void> {
    while (!this.#closing.aborted) {
      if (this.#turn?.isOpen === true) return this.#turn.enter();
      // All who wait, wait for the same one.
      this.#taking ??= this.#next().finally(() => {
        this.#taking = undefined;
      });
      await this.#taking;
    }
    return () => {};
  }

  /** Ends it, and gives the lease back. */
  async end(): Promise<void> {
    this.#stop.abort();
    await this.#taking;
    await this.#turn?.end();
  }

  async #next(): Promise<void> {
    if (this.#turn !== undefined) {
      await this.#turn.end();
      await pause(REST_MS, undefined, { signal: this.#closing }).catch(() => {});
    }
    const { store, connection } = this.#settings;
    while (!this.#closing.aborted) {
      if (await this.#mustRest()) return this.#stop.abort();
      // Another keeper may have it: that one gives it back soon.
      const lease = await waitForLease(store, connection.profile.version, WAIT_MS, this.#closing);
      if (lease === undefined) continue;
      lease.spendFrom(this.#budget);
      this.#turn = new Turn(lease);
      return;
    }
  }
}

/** A time in which requests may be sent. The lease is given back when it is over and what was sent is answered. */
class Turn {
  readonly #lease: Lease;
  readonly #timer: NodeJS.Timeout;
  #underWay = 0;
  #isOver = false;
  #given: Promise<void> | undefined;
  #wake: () => void = () => {};
  readonly #idle = new Promise<void>((resolve) => {
    this.#wake = resolve;
  });

  constructor(lease: Lease) {
    this.#lease = lease;
    this.#timer = setTimeout(() => void this.end().catch(() => {}), TURN_MS);
    this.#timer.unref();
  }

  get isOpen(): boolean {
    return !this.#isOver && !this.#lease.signal.aborted;
  }

  /** Returns what says that the answer is there. */
  enter(): () => void {
    this.#underWay++;
    return () => {
      this.#underWay--;
      if (this.#isOver && this.#underWay === 0) this.#wake();
    };
  }

  /** Resolves when the lease was given back. */
  end(): Promise<void> {
    this.#isOver = true;
    clearTimeout(this.#timer);
    if (this.#underWay === 0) this.#wake();
    this.#given ??= this.#idle.then(() => this.#lease.release());
    return this.#given;
  }
}
