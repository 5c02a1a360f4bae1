import type { Outcome } from '@nylas-otel/nylas-api';
import type { AccountSignal } from '@nylas-otel/semantic-conventions';
import { dropError } from '@nylas-otel/telemetry';
import type { AccountApi } from './account-api.ts';
import { ListWalk } from './list-walk.ts';
import { type Failure, REPEATED_PAGES, type Reply } from './nylas-request.ts';
import { jittered, Pacer } from './pacer.ts';
import { isLasting, problemKind, type WatchIdentity, type WatchProblem } from './problem.ts';
import { type PromiseWithResolver, withResolver } from './promise-with-resolver.ts';
import { type Reread, RereadQueue } from './reread-queue.ts';
import type { Runtime } from './runtime.ts';
import type { SweepProgress } from './sweep-progress.ts';
import type { AccountTracker } from './tracker.ts';
import { type TroubleListener, type TroubleSource, Troubles } from './trouble.ts';
import { judgeVanished } from './vanished.ts';

/** `sweep`: all accounts. `invalid`: those Nylas lists as invalid. `probe`: are the credentials good? */
export type PollKind = TroubleSource;

/** A poll in progress, as telemetry sees it. */
export interface PollRun {
  /** Runs a request as part of the poll. */
  request<T>(work: () => Promise<T>): Promise<T>;
  /** @param seconds from the start of the whole sweep, for one that succeeded */
  end(outcome: Outcome, errorType: string | undefined, seconds: number | undefined): void;
  /** Leaves a poll that goes on later, perhaps in another process: not counted. */
  leave(): void;
}

/** Who is told what the poller does. */
export interface PollObserver extends TroubleListener {
  begin(kind: PollKind): PollRun;
  /** There are more accounts than the tracker holds. */
  full(): void;
}

/** What a poller works with. */
export interface PollerParts {
  readonly api: AccountApi;
  readonly tracker: AccountTracker;
  readonly identity: WatchIdentity;
  readonly runtime: Runtime;
  readonly observer: PollObserver;
  readonly sweepMs: number;
  readonly invalidMs: number;
  readonly requestsPerSecond: number;
}

interface Poll {
  readonly walk: ListWalk;
  pages: number;
  startedAt: number;
  /** When the present pass over the list began. */
  passStartedAt: number;
  pass: number;
  /** Not asked for again before, after a failure of its own. */
  heldUntil: number;
  run: PollRun | undefined;
}

/** Many invalid grants that left the list of the invalid ones are read by a sweep instead of one by one. */
const RECOVERED_ONE_BY_ONE = 50;
const SECOND_LOOK_MS = 60_000;
const PROBE_REST_MS = 10_000;
const AFTER_DEFECT_MS = 300_000;
const CLOCK_TREMBLE_MS = 1_000;

/**
 * Reads the accounts of one application, one request at a time: sweeps, polls for invalid accounts between them, and
 * re-reads of single accounts. A poll that fails goes on at the page where it stopped.
 */
export class Poller {
  readonly #parts: PollerParts;
  readonly #pacer: Pacer;
  readonly #troubles: Troubles;
  readonly #rereads = new RereadQueue();
  #sweep: Poll | undefined;
  #invalid: Poll | undefined;
  #nextSweep = 0;
  #nextInvalid = Number.POSITIVE_INFINITY;
  #probeWanted = false;
  #rereadLast = false;
  #heldUntil = 0;
  /** When a list request last worked. */
  #accepted = Number.NEGATIVE_INFINITY;
  /** Accounts that the last sweep did not find and that are not certain to be gone. */
  #missing: ReadonlySet<string> = new Set();
  #lastSweep: number | undefined;
  #lastPoll: number | undefined;
  /** The newest time seen, to notice a clock that is set back. */
  #clock = 0;
  #closed = false;
  #waker = new AbortController();
  #finished: Promise<void> | undefined;
  #readyAsked = false;
  #settled = false;
  readonly #ready: PromiseWithResolver<Outcome> = withResolver();

  constructor(parts: PollerParts) {
    this.#parts = parts;
    this.#troubles = new Troubles(parts.identity, parts.runtime, parts.observer);
    this.#pacer = new Pacer(parts.requestsPerSecond);
  }

  /** What keeps it from reading the accounts, if anything does. */
  get problem(): WatchProblem | undefined {
    return this.#troubles.problem;
  }

  /** Unix milliseconds at which the last complete sweep ended. */
  get lastSweep(): number | undefined {
    return this.#lastSweep;
  }

  /** Unix milliseconds at which the last complete poll of either kind ended. */
  get lastPoll(): number | undefined {
    return this.#lastPoll;
  }

  /** The sweep under way, also while it rests after a failure; undefined between sweeps. */
  get sweep(): SweepProgress | undefined {
    const sweep = this.#sweep;
    if (sweep === undefined) return undefined;
    const { walk, pages, startedAt } = sweep;
    return { accounts: walk.size, pages, pass: walk.pass, startedAt: new Date(startedAt) };
  }

  /** How the first sweep ended; asking for it keeps the process alive until it is known. */
  get ready(): Promise<Outcome> {
    if (!this.#readyAsked) {
      this.#readyAsked = true;
      this.#wake();
    }
    return this.#ready.promise;
  }

  start(): void {
    const { identity, runtime, invalidMs } = this.#parts;
    if (identity.profile.listsInvalid) this.#nextInvalid = runtime.now() + this.#jittered(invalidMs);
    this.#finished ??= this.#loop();
  }

  /** Stops; the request under way must be ended by the API's own signal. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#settle('cancelled');
    this.#wake();
    await this.#finished;
    for (const poll of [this.#sweep, this.#invalid]) poll?.run?.end('cancelled', undefined, undefined);
  }

  /** Asks for a re-read of one account; false when it is not needed or not possible now. */
  wantReread(id: string, signal: AccountSignal): boolean {
    if (this.#troubles.refused || this.#closed) return false;
    const wanted = this.#rereads.want(id, signal, this.#parts.runtime.now());
    if (wanted) this.#wake();
    return wanted;
  }

  async #loop(): Promise<void> {
    const { runtime } = this.#parts;
    while (!this.#closed) {
      const now = runtime.now();
      if (now < this.#clock - CLOCK_TREMBLE_MS) this.#setBack(this.#clock - now, now);
      this.#clock = now;
      const work = this.#due(now);
      const wait =
        work === undefined
          ? Math.max(1, Math.min(this.#sweepAt(), this.#invalidAt()) - now)
          : Math.max(this.#heldUntil - now, this.#pacer.waitMs(now));
      if (wait > 0) {
        if (this.#waker.signal.aborted) this.#waker = new AbortController();
        await runtime.sleep(wait, this.#waker.signal, this.#readyAsked && !this.#settled);
        continue;
      }
      this.#pacer.take(now);
      try {
        await work?.();
      } catch (error) {
        dropError('accounts', error);
        this.#heldUntil = runtime.now() + AFTER_DEFECT_MS;
      }
    }
  }

  /** The clock was set back by `ms`: without this, polls would rest and readings be stale for as long. */
  #setBack(ms: number, now: number): void {
    this.#nextSweep -= ms;
    this.#nextInvalid -= ms;
    this.#heldUntil -= ms;
    this.#accepted -= ms;
    for (const poll of [this.#sweep, this.#invalid]) {
      if (poll === undefined) continue;
      poll.startedAt -= ms;
      poll.passStartedAt -= ms;
      poll.heldUntil -= ms;
    }
    this.#parts.tracker.setBack(now);
  }

  #wake(): void {
    this.#waker.abort();
  }

  /** The next piece of work, one request long; undefined when nothing is due. */
  #due(now: number): (() => Promise<void>) | undefined {
    const poll = this.#duePoll(now);
    if (this.#troubles.refused || this.#probeWanted || this.#rereads.size === 0) return poll;
    // Re-reads come first, but never twice while a poll waits: a storm of them must not starve it.
    return this.#rereadLast && poll !== undefined ? poll : () => this.#reread();
  }

  #duePoll(now: number): (() => Promise<void>) | undefined {
    if (this.#probeWanted) return () => this.#probe();
    if (now >= this.#invalidAt()) return () => this.#invalidPage();
    if (now >= this.#sweepAt()) return () => this.#sweepPage();
    return undefined;
  }

  #sweepAt(): number {
    return this.#sweep?.heldUntil ?? this.#nextSweep;
  }

  #invalidAt(): number {
    // While Nylas refuses the application, the sweep alone knocks.
    return this.#troubles.refused
      ? Number.POSITIVE_INFINITY
      : (this.#invalid?.heldUntil ?? this.#nextInvalid);
  }

  async #sweepPage(): Promise<void> {
    this.#sweep ??= this.#newPoll();
    const sweep = this.#sweep;
    if (!(await this.#page(sweep, 'sweep')) || !sweep.walk.done) return;
    const now = this.#parts.runtime.now();
    this.#lastSweep = now;
    this.#nextSweep = now + this.#jittered(this.#parts.sweepMs);
    this.#sweep = undefined;
    sweep.run?.end('success', undefined, (now - sweep.startedAt) / 1_000);
    this.#takeOutVanished(sweep, now);
    this.#settle('success');
  }

  async #invalidPage(): Promise<void> {
    this.#invalid ??= this.#newPoll();
    const invalid = this.#invalid;
    if (!(await this.#page(invalid, 'invalid')) || !invalid.walk.done) return;
    const { tracker, runtime, invalidMs } = this.#parts;
    const now = runtime.now();
    // A list that takes long to read is asked for less often.
    this.#nextInvalid = now + Math.max(this.#jittered(invalidMs), 2 * (now - invalid.startedAt));
    this.#invalid = undefined;
    invalid.run?.end('success', undefined, undefined);
    const back: string[] = [];
    for (const account of tracker.inState('invalid')) {
      if (account.time < invalid.startedAt && !invalid.walk.has(account.id)) back.push(account.id);
    }
    if (back.length > RECOVERED_ONE_BY_ONE) this.#nextSweep = now;
    else for (const id of back) this.wantReread(id, 'poll');
  }

  /** Reads one page of a poll; false when that failed. */
  async #page(poll: Poll, kind: PollKind): Promise<boolean> {
    const { api, tracker, runtime, observer } = this.#parts;
    poll.run ??= observer.begin(kind);
    this.#rereadLast = false;
    const time = runtime.now();
    if (poll.pass !== poll.walk.pass) {
      poll.pass = poll.walk.pass;
      poll.passStartedAt = time;
    }
    const reply = await poll.run.request(() => api.list(poll.walk.next(), kind === 'invalid'));
    if (!reply.ok) return this.#failed(reply.failure, kind, poll);
    const ids: (string | undefined)[] = [];
    for (const reading of reply.value.accounts) {
      const verdict = reading && tracker.apply(reading, { time, signal: 'poll' });
      if (reading !== undefined && verdict === 'contested') this.wantReread(reading.id, 'poll');
      else if (verdict === 'full') observer.full();
      // The tracker's own copy of the id, so that the reply can go.
      ids.push(reading === undefined ? undefined : (tracker.get(reading.id)?.id ?? reading.id));
    }
    // A short page ends the list of invalid grants. All accounts are asked for until nothing more comes: to take a page
    // that is short by a fault for the end would take accounts for gone.
    poll.pages++;
    poll.walk.accept(ids, kind === 'invalid' ? reply.value.limit : undefined);
    if (poll.walk.done && !poll.walk.complete) return this.#failed(REPEATED_PAGES, kind, poll);
    this.#accepted = runtime.now();
    this.#troubles.worked(kind, poll.walk.done);
    if (poll.walk.done) this.#lastPoll = runtime.now();
    return true;
  }

  async #probe(): Promise<void> {
    const { api, observer } = this.#parts;
    const run = observer.begin('probe');
    const reply = await run.request(() => api.list({ offset: 0, limit: 1 }, false));
    this.#probeWanted = false;
    if (reply.ok) {
      this.#accepted = this.#parts.runtime.now();
      this.#troubles.worked('probe', true);
      run.end('success', undefined, undefined);
    } else {
      run.end(reply.failure.outcome, reply.failure.errorType, undefined);
      this.#failed(reply.failure, 'probe');
    }
  }

  async #reread(): Promise<void> {
    const { api, runtime, tracker } = this.#parts;
    const time = runtime.now();
    this.#rereadLast = true;
    const entry = this.#rereads.next(time);
    if (entry === undefined) return;
    const reply = await api.find(entry.id);
    if (reply.ok) {
      if (reply.value.id === entry.id) tracker.apply(reply.value, { time, signal: entry.signal });
      return;
    }
    this.#rereadFailed(entry, reply, time);
  }

  #rereadFailed(entry: Reread, { failure }: Extract<Reply<unknown>, { ok: false }>, time: number): void {
    const { runtime, tracker } = this.#parts;
    const kind = problemKind(failure);
    if (failure.status === 404) {
      tracker.remove(entry.id, { time, signal: entry.signal });
    } else if (kind === 'invalid_credentials' || kind === 'forbidden') {
      // The key or the account? The list knows: it is refused only when the key is.
      this.#probeWanted = runtime.now() - this.#accepted > PROBE_REST_MS;
    } else if (!this.#closed && !isLasting(kind)) {
      this.#rereads.putBack(entry);
      this.#heldUntil = this.#troubles.until(failure, entry.failures + 1);
    }
  }

  /** Takes a failed list request and leaves the poll at the page where it stopped. */
  #failed(failure: Failure, kind: PollKind, poll?: Poll): false {
    if (poll !== undefined) {
      poll.run?.end(failure.outcome, failure.errorType, undefined);
      poll.run = undefined;
    }
    if (this.#closed) return false;
    const { until, lasting, unreadable, serious } = this.#troubles.failed(kind, failure);
    // One page that always fails must not keep the other poll and the re-reads from their work.
    if (poll !== undefined && failure.status >= 500) poll.heldUntil = until;
    else this.#heldUntil = until;
    if (lasting) {
      this.#rereads.clear();
      this.#invalid = undefined;
      this.#nextSweep = this.#parts.runtime.now();
    } else if (unreadable) {
      // A list that makes no sense is begun anew.
      this.#sweep = undefined;
      this.#invalid = undefined;
    }
    if (serious) this.#settle(failure.outcome);
    return false;
  }

  /** Accounts that the list no longer has are gone, as soon as that is certain. */
  #takeOutVanished({ walk, startedAt, passStartedAt }: Poll, now: number): void {
    const { tracker } = this.#parts;
    const listedFrom = walk.verified ? passStartedAt : startedAt;
    const { gone, ask, missing, lookAgain } = judgeVanished(
      tracker.accounts(),
      { walk, listedFrom },
      this.#missing,
    );
    this.#missing = missing;
    if (lookAgain) this.#nextSweep = now + SECOND_LOOK_MS;
    for (const id of ask) this.wantReread(id, 'poll');
    for (const id of gone) tracker.remove(id, { time: listedFrom, signal: 'poll' });
  }

  #newPoll(): Poll {
    const { identity, runtime } = this.#parts;
    const now = runtime.now();
    const walk = new ListWalk(identity.profile.pageSize);
    return {
      walk,
      pages: 0,
      startedAt: now,
      passStartedAt: now,
      pass: walk.pass,
      heldUntil: 0,
      run: undefined,
    };
  }

  #jittered(ms: number): number {
    return jittered(ms, this.#parts.runtime.random());
  }

  #settle(outcome: Outcome): void {
    this.#settled = true;
    this.#ready.resolve(outcome);
  }
}
