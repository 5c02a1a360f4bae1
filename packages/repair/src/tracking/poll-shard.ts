import {
  type AccountApi,
  type AccountPage,
  type Failure,
  jittered,
  type Pacer,
  type PollObserver,
  type PollRun,
  REPEATED_PAGES,
  type Runtime,
  type WatchIdentity,
} from '@nylas-otel/accounts/tracking';
import type { AccountUpdate, JobCall, NylasStore, StoreTransaction } from '@nylas-otel/store';
import type { DurableTracker } from './durable-tracker.ts';
import {
  afterFailure,
  afterSuccess,
  isDue,
  NEW_POLL,
  POLLS,
  type PollProblem,
  type PollState,
} from './poll-state.ts';
import { acceptPage, firstPage, isTorn, type PageVerdict, pageAt } from './sweep-cursor.ts';

/** What a poll works with. */
export interface PollParts {
  readonly store: NylasStore;
  readonly api: AccountApi;
  readonly tracker: DurableTracker;
  readonly identity: WatchIdentity;
  readonly observer: PollObserver;
  readonly runtime: Runtime;
  readonly pacer: Pacer;
}

/** What one kind of poll is. */
export interface PollKindParts {
  readonly kind: 'sweep' | 'invalid';
  readonly intervalMs: number;
  /** Called when the list was read to its end; may say when the next one is due. */
  readonly finished: (from: number, before: PollState) => Promise<{ readonly nextAt?: number }>;
}

/** A run of the job is at most so long: then the next process goes on, perhaps the same. */
const RUN_MS = 20_000;

/** Somebody else has this poll in hand: a process that was taken for dead came back. */
class TakenOver extends Error {}

/**
 * One poll over all processes: a job runs it, where it stands is a record, and each page is committed together with the
 * place where to go on. Killed at any point it goes on at the page that was not committed.
 */
export class PollShard {
  readonly #parts: PollParts;
  readonly #kind: PollKindParts;

  constructor(parts: PollParts, kind: PollKindParts) {
    this.#parts = parts;
    this.#kind = kind;
  }

  /** Where it stands. */
  async state(): Promise<PollState> {
    return (await this.#load()).value;
  }

  /** Does what is due. */
  async run({ signal }: Pick<JobCall, 'signal'>): Promise<void> {
    const { runtime, observer } = this.#parts;
    const until = runtime.now() + RUN_MS;
    let at = await this.#load();
    let poll: PollRun | undefined;
    try {
      while (isDue(at.value, runtime.now()) && !signal.aborted && runtime.now() < until) {
        poll ??= observer.begin(this.#kind.kind);
        await this.#pace(signal);
        const next = await this.#page(at, poll);
        if (next === undefined) poll = undefined;
        at = next ?? (await this.#load());
      }
    } catch (error) {
      if (!(error instanceof TakenOver)) throw error;
    } finally {
      poll?.leave();
    }
  }

  /** Begins the next one at once. */
  async hurry(): Promise<void> {
    const { value, version } = await this.#load();
    if (value.cursor === undefined)
      await this.#records().replace(this.#kind.kind, version, { ...value, nextAt: 0 });
  }

  /** Asks for one page; gives the place to go on from, or undefined when this poll is over. */
  async #page(at: Place, poll: PollRun): Promise<Place | undefined> {
    const { api, identity, runtime } = this.#parts;
    const { pageSize } = identity.profile;
    const invalidOnly = this.#kind.kind === 'invalid';
    const startedAt = at.value.startedAt ?? runtime.now();
    const cursor = at.value.cursor ?? firstPage(pageSize);
    const time = runtime.now();
    const reply = await poll.request(() => api.list(pageAt(cursor, pageSize), invalidOnly));
    if (!reply.ok) return await this.#failed(at, reply.failure, poll);
    const page = reply.value;
    const ids = page.accounts.map((reading) => reading?.id);
    const torn = isTorn(cursor, ids) && !(await this.#seen(ids[0], startedAt));
    // A short page ends the list of invalid grants. To take one that is short by a fault for the end of all would take
    // accounts for gone.
    const verdict = acceptPage(
      cursor,
      ids,
      torn,
      pageSize,
      invalidOnly ? (page.limit ?? pageSize) : undefined,
    );
    if (verdict.kind === 'broken') return await this.#failed(at, REPEATED_PAGES, poll);
    const state = { ...afterSuccess(at.value, verdict.kind === 'end'), startedAt };
    if (at.value.problem !== undefined && state.problem === undefined)
      this.#parts.observer.solved(at.value.problem);
    const next = await this.#commit(at, page, time, await this.#moved(state, verdict, startedAt));
    if (verdict.kind === 'next') return next;
    poll.end('success', undefined, (runtime.now() - startedAt) / 1_000);
    return undefined;
  }

  async #moved(state: PollState, verdict: PageVerdict, startedAt: number): Promise<PollState> {
    if (verdict.kind === 'next') return { ...state, cursor: verdict.cursor };
    const { runtime } = this.#parts;
    const now = runtime.now();
    const rest = Math.max(jittered(this.#kind.intervalMs, runtime.random()), 2 * (now - startedAt));
    return {
      ...state,
      cursor: undefined,
      startedAt: undefined,
      nextAt: now + rest,
      completeFrom: startedAt,
      completeAt: now,
    };
  }

  /** The accounts of the page and the place to go on from, in one commit; then what a whole list tells. */
  async #commit(at: Place, { accounts }: AccountPage, time: number, state: PollState): Promise<Place> {
    const { store, tracker } = this.#parts;
    const updates = accounts.flatMap((reading): AccountUpdate[] =>
      reading === undefined ? [] : [{ reading, time, signal: 'poll' }],
    );
    const { tell } = await store.transaction(async (tx) => {
      const applied = await tracker.applyIn(tx, updates);
      await this.#replace(tx, at, state);
      return applied;
    });
    tell();
    const place = { value: state, version: at.version + 1 };
    if (state.cursor !== undefined || state.completeFrom === undefined) return place;
    const { nextAt } = await this.#kind.finished(state.completeFrom, at.value);
    if (nextAt === undefined) return place;
    await store.transaction((tx) => this.#replace(tx, place, { ...state, nextAt }));
    return place;
  }

  async #failed(at: Place, failure: Failure, poll: PollRun): Promise<undefined> {
    const { store, identity, observer, runtime } = this.#parts;
    if (failure.outcome === 'cancelled') return undefined;
    const { next, said } = afterFailure(at.value, failure, identity, runtime);
    await store.transaction((tx) => this.#replace(tx, at, next));
    poll.end(failure.outcome, failure.errorType, undefined);
    if (said !== undefined && !(await this.#saidBefore(said))) observer.problem(said);
    return undefined;
  }

  /** True when another poll has met the same and said so. */
  async #saidBefore({ kind }: PollProblem): Promise<boolean> {
    const polls = await this.#records().list();
    return polls.some(({ key, value }) => key !== this.#kind.kind && value.problem?.kind === kind);
  }

  async #seen(id: string | undefined, since: number): Promise<boolean> {
    if (id === undefined) return true;
    const account = await this.#parts.store.accounts.get(id);
    return account !== undefined && account.time >= since;
  }

  async #pace(signal: AbortSignal): Promise<void> {
    const { pacer, runtime } = this.#parts;
    const wait = pacer.waitMs(runtime.now());
    pacer.take(runtime.now());
    if (wait > 0) await runtime.sleep(wait, signal, false);
  }

  async #load(): Promise<Place> {
    for (;;) {
      const known = await this.#records().get(this.#kind.kind);
      if (known !== undefined) return known;
      await this.#records().add(this.#kind.kind, NEW_POLL);
    }
  }

  async #replace(tx: StoreTransaction, { version }: Place, state: PollState): Promise<void> {
    if (!(await tx.records<PollState>(POLLS).replace(this.#kind.kind, version, state))) throw new TakenOver();
  }

  #records() {
    return this.#parts.store.records<PollState>(POLLS);
  }
}

interface Place {
  readonly value: PollState;
  readonly version: number;
}
