import { setTimeout as pause } from 'node:timers/promises';
import { type Lease, waitForLease } from './lease.ts';
import type { RecoverySettings } from './options.ts';
import { RecoveryApi } from './recovery-api.ts';
import { RequestBudget } from './request-budget.ts';

/** How long one turn may last, and the rest between two of them, in which somebody who waits gets the lease. */
const TURN_MS = 3_000;
const REST_MS = 500;
const WAIT_MS = 5_000;

/**
 * The keeper's part of the limits. Half of them can be given out once, so it asks Nylas only while it has the lease that
 * recovery needs too, for seconds at a time, and not at all while there is something to make up for.
 */
export class KeeperTurns {
  readonly #settings: RecoverySettings;
  readonly #closing: AbortSignal;
  readonly #mustRest: () => Promise<boolean>;
  readonly #budget: RequestBudget;
  #turn: { readonly lease: Lease; readonly api: RecoveryApi; readonly until: number } | undefined;

  /** @param mustRest true while recovery has something to do */
  constructor(settings: RecoverySettings, closing: AbortSignal, mustRest: () => Promise<boolean>) {
    this.#settings = settings;
    this.#closing = closing;
    this.#mustRest = mustRest;
    const { connection, share, requestsPerSecond, runtime } = settings;
    const { version } = connection.profile;
    this.#budget = new RequestBudget({ version, share, requestsPerSecond, runtime });
  }

  /** What the next account may be read with; undefined when the keeper has to stop. */
  async next(): Promise<RecoveryApi | undefined> {
    const turn = this.#turn;
    const closing = this.#closing;
    if (turn !== undefined && !turn.api.closing.aborted && Date.now() < turn.until) return turn.api;
    if (turn !== undefined) {
      await this.end();
      await pause(REST_MS, undefined, { signal: closing }).catch(() => {});
    }
    const lease = await this.#takeLease();
    if (lease === undefined) return undefined;
    const { connection, runtime } = this.#settings;
    const api = new RecoveryApi({
      connection,
      runtime,
      budget: this.#budget,
      closing: AbortSignal.any([closing, lease.signal]),
      around: (work) => work(),
    });
    this.#turn = { lease, api, until: Date.now() + TURN_MS };
    return api;
  }

  /** Another keeper may have it: that one gives it back soon. */
  async #takeLease(): Promise<Lease | undefined> {
    const { store, connection } = this.#settings;
    const closing = this.#closing;
    while (!closing.aborted && !(await this.#mustRest())) {
      const lease = await waitForLease(store, connection.profile.version, WAIT_MS, closing);
      if (lease !== undefined) return lease;
    }
    return undefined;
  }

  /** Gives the lease back. */
  async end(): Promise<void> {
    const turn = this.#turn;
    this.#turn = undefined;
    await turn?.lease.release();
  }
}
