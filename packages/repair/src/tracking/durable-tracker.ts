import type { Transition } from '@nylas-otel/accounts/tracking';
import type { AccountState } from '@nylas-otel/nylas-api';
import type { AccountSignal } from '@nylas-otel/semantic-conventions';
import type { AccountUpdate, NylasStore, StoreTransaction, UpdateResult } from '@nylas-otel/store';
import { nudgeRepairs } from './nudge-repair.ts';

/** Who hears what the tracker learns, in the process that learned it, once it is committed. */
export interface TrackerListener {
  transition(transition: Transition): void;
  /** What is known of the account is in doubt. */
  wantReread(id: string, signal: AccountSignal): void;
}

/**
 * The states of all accounts in the store: webhooks, polls and re-reads merged. A transition is told once over all
 * processes, and the repair of the account is set going in the same commit, so that no crash comes between.
 */
export class DurableTracker {
  readonly #store: NylasStore;
  readonly #listener: TrackerListener;
  readonly #now: () => number;

  constructor(store: NylasStore, listener: TrackerListener, now: () => number) {
    this.#store = store;
    this.#listener = listener;
    this.#now = now;
  }

  /** Applies news in one commit. */
  async apply(updates: readonly AccountUpdate[]): Promise<readonly UpdateResult[]> {
    if (updates.length === 0) return [];
    const applied = await this.#store.transaction((tx) => this.applyIn(tx, updates));
    applied.tell();
    return applied.results;
  }

  /**
   * Applies news within a transaction; `tell` is to be called once it is committed.
   *
   * @param except account whose repair the caller writes itself
   */
  async applyIn(
    tx: StoreTransaction,
    updates: readonly AccountUpdate[],
    except?: string,
  ): Promise<{ readonly results: readonly UpdateResult[]; readonly tell: () => void }> {
    const results = updates.length === 0 ? [] : await tx.accounts.apply(updates);
    const changed = new Map<string, AccountState>();
    for (const [index, { verdict }] of results.entries()) {
      const { id, state } = (updates[index] as AccountUpdate).reading;
      if ((verdict === 'changed' || verdict === 'first') && id !== except) changed.set(id, state);
    }
    await nudgeRepairs(tx, changed, this.#now());
    return { results, tell: () => this.#tell(updates, results) };
  }

  #tell(updates: readonly AccountUpdate[], results: readonly UpdateResult[]): void {
    for (const [index, { verdict, transition }] of results.entries()) {
      const { reading, signal } = updates[index] as AccountUpdate;
      if (transition !== undefined) this.#listener.transition(transition);
      // News of a new account may leave out its provider and address.
      if (verdict === 'contested' || (verdict === 'first' && signal === 'webhook'))
        this.#listener.wantReread(reading.id, signal);
    }
  }
}
