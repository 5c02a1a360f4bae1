import type { Outcome } from '@nylas-otel/nylas-api';
import type { AccountSignal } from '@nylas-otel/semantic-conventions';
import { dropError } from '@nylas-otel/telemetry';
import type { AccountApi, Failure, Reply } from './account-api.ts';
import { ListWalk } from './list-walk.ts';
import { type BackoffShape, backoffMs, jittered, Pacer } from './pacer.ts';
import { describeProblem, isLasting, problemKind, type WatchIdentity, type WatchProblem } from './problem.ts';
import { type Reread, RereadQueue } from './reread-queue.ts';
import type { Runtime } from './runtime.ts';
import type { AccountTracker } from './tracker.ts';

/** `sweep`: all accounts. `invalid`: only those Nylas lists as invalid. `probe`: are the credentials good? */
export type PollKind = 'sweep' | 'invalid' | 'probe';

/** A poll in progress, as telemetry sees it. */
export interface PollRun {
  /** Runs a request as part of the poll. */
  request<T>(work: () => Promise<T>): Promise<T>;
  /** @param seconds from the start of the whole sweep, for one that succeeded */
  end(outcome: Outcome, errorType: string | undefined, seconds: number | undefined): void;
}

/** Who is told what the poller does. */
export interface PollObserver {
  begin(kind: PollKind): PollRun;
  /** A problem began, or became another one. */
  problem(problem: WatchProblem): void;
  /** The problem is over. */
  solved(problem: WatchProblem): void;
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
  readonly startedAt: number;
  run: PollRun | undefined;
}

const PASSING: BackoffShape = { firstMs: 1_000, mostMs: 300_000 };
// Nobody mends a key within seconds, and a refused application should not be knocked at.
const REFUSED: BackoffShape = { firstMs: 60_000, mostMs: 900_000 };
const MOST_RETRY_AFTER_MS = 3_600_000;
const SAID_AFTER_FAILURES = 3;
const READY_WAITS_MS = 60_000;
/** Accounts that left the list are asked for one by one up to this number. */
const CONFIRMED_ONE_BY_ONE = 20;
const RECOVERED_ONE_BY_ONE = 50;
const SECOND_LOOK_MS = 60_000;
const PROBE_REST_MS = 10_000;

/**
 * Reads the accounts of one application, one request at a time: sweeps, polls for invalid accounts between them, and
 * re-reads of single accounts. A poll that fails goes on at the page where it stopped.
 */
export class Poller {
  readonly #parts: PollerParts;
  readonly #pacer: Pacer;
  readonly #rereads = new RereadQueue();
  #sweep: Poll | undefined;
  #invalid: Poll | undefined;
  #nextSweep = 0;
  #nextInvalid = Number.POSITIVE_INFINITY;
  #probeWanted = false;
  #rereadLast = false;
  #heldUntil = 0;
  #failures = 0;
  /** Nylas refuses the application as a whole. */
  #refused = false;
  #accepted = Number.NEGATIVE_INFINITY;
  /** Accounts that the last sweep did not find and that are not certain to be gone. */
  #missing: ReadonlySet<string> = new Set();
  #problem: WatchProblem | undefined;
  #lastSweep: number | undefined;
  #lastPoll: number | undefined;
  #closed = false;
  #waker = new AbortController();
  #finished: Promise<void> | undefined;
  #readyAsked = false;
  #settled = false;
  readonly #ready: PromiseWithResolver<Outcome> = withResolver();

  constructor(parts: PollerParts) {
    this.#parts = parts;
    this.#pacer = new Pacer(parts.requestsPerSecond);
  }

  /** What keeps it from reading the accounts, if anything does. */
  get problem(): WatchProblem | undefined {
    return this.#problem;
  }

  /** Unix milliseconds at which the last complete sweep ended. */
  get lastSweep(): number | undefined {
    return this.#lastSweep;
  }

  /** Unix milliseconds at which the last complete poll of either kind ended. */
  get lastPoll(): number | undefined {
    return this.#lastPoll;
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
    if (this.#refused || this.#closed) return false;
    const wanted = this.#rereads.want(id, signal, this.#parts.runtime.now());
    if (wanted) this.#wake();
    return wanted;
  }

  async #loop(): Promise<void> {
    const { runtime } = this.#parts;
    while (!this.#closed) {
      const now = runtime.now();
      const work = this.#due(now);
      const wait =
        work === undefined
          ? Math.min(this.#nextSweep, this.#nextInvalid) - now
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
        this.#heldUntil = runtime.now() + PASSING.mostMs;
      }
    }
  }

  #wake(): void {
    this.#waker.abort();
  }

  /** The next piece of work, one request long; undefined when nothing is due. */
  #due(now: number): (() => Promise<void>) | undefined {
    const poll = this.#duePoll(now);
    // Re-reads come first, but never twice while a poll waits: a storm of them must not starve it.
    if (!this.#refused && this.#rereads.size > 0 && !(this.#rereadLast && poll !== undefined)) {
      this.#rereadLast = true;
      return () => this.#reread();
    }
    this.#rereadLast = false;
    return poll;
  }

  #duePoll(now: number): (() => Promise<void>) | undefined {
    if (this.#probeWanted) return () => this.#probe();
    if (!this.#refused && (this.#invalid !== undefined || now >= this.#nextInvalid))
      return () => this.#invalidPage();
    if (this.#sweep !== undefined || now >= this.#nextSweep) return () => this.#sweepPage();
    return undefined;
  }

  async #sweepPage(): Promise<void> {
    this.#sweep ??= this.#newPoll();
    const sweep = this.#sweep;
    if (!(await this.#page(sweep, 'sweep')) || !sweep.walk.done) return;
    const now = this.#parts.runtime.now();
    this.#lastSweep = now;
    this.#nextSweep = now + this.#jittered(this.#parts.sweepMs);
    if (this.#parts.identity.profile.listsInvalid)
      this.#nextInvalid = now + this.#jittered(this.#parts.invalidMs);
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
    const time = runtime.now();
    const reply = await poll.run.request(() => api.list(poll.walk.next(), kind === 'invalid'));
    if (!reply.ok) return this.#failed(reply.failure, poll);
    const ids: (string | undefined)[] = [];
    for (const reading of reply.value.accounts) {
      const verdict = reading && tracker.apply(reading, { time, signal: 'poll' });
      if (reading !== undefined && verdict === 'contested') this.wantReread(reading.id, 'poll');
      else if (verdict === 'full') observer.full();
      // The tracker's own copy of the id, so that the reply can go.
      ids.push(reading === undefined ? undefined : (tracker.get(reading.id)?.id ?? reading.id));
    }
    poll.walk.accept(ids, reply.value.limit);
    if (poll.walk.done && !poll.walk.complete) return this.#failed(REPEATS, poll);
    this.#accept();
    if (poll.walk.done) this.#lastPoll = runtime.now();
    return true;
  }

  async #probe(): Promise<void> {
    const { api, observer } = this.#parts;
    const run = observer.begin('probe');
    const reply = await run.request(() => api.list({ offset: 0, limit: 1 }, false));
    this.#probeWanted = false;
    if (reply.ok) {
      this.#accept();
      run.end('success', undefined, undefined);
    } else {
      this.#failed(reply.failure, { run });
    }
  }

  async #reread(): Promise<void> {
    const { api, runtime, tracker } = this.#parts;
    const time = runtime.now();
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
      this.#hold(failure, PASSING);
    }
  }

  /**
   * Accounts that the list no longer has are gone, as soon as that is certain: a few are asked for one by one, many are
   * believed when the list agreed with itself, more than half only when a second sweep says the same.
   */
  #takeOutVanished({ walk, startedAt }: Poll, now: number): void {
    const { tracker } = this.#parts;
    const before = this.#missing;
    const missing = new Set<string>();
    const gone: string[] = [];
    for (const { id, time } of tracker.accounts()) {
      if (time >= startedAt || walk.has(id)) continue;
      if (walk.verified && before.has(id)) gone.push(id);
      else missing.add(id);
    }
    const many = missing.size > CONFIRMED_ONE_BY_ONE;
    if (many && walk.verified && missing.size <= tracker.size / 2) {
      gone.push(...missing);
      missing.clear();
    } else if (many) {
      this.#nextSweep = now + SECOND_LOOK_MS;
    } else {
      for (const id of missing) this.wantReread(id, 'poll');
    }
    this.#missing = missing;
    for (const id of gone) tracker.remove(id, { time: startedAt, signal: 'poll' });
  }

  /** Nylas answers this application. */
  #accept(): void {
    this.#accepted = this.#parts.runtime.now();
    this.#failures = 0;
    this.#refused = false;
    if (this.#problem === undefined) return;
    this.#parts.observer.solved(this.#problem);
    this.#problem = undefined;
  }

  /** Takes a failed list request: waits, says what is wrong, and leaves the poll at the page where it stopped. */
  #failed(failure: Failure, poll: Pick<Poll, 'run'>): false {
    const { observer, identity, runtime } = this.#parts;
    poll.run?.end(failure.outcome, failure.errorType, undefined);
    poll.run = undefined;
    if (this.#closed) return false;
    const kind = problemKind(failure);
    const lasting = isLasting(kind);
    this.#hold(failure, lasting ? REFUSED : PASSING);
    if (kind === 'unreadable' || failure === REPEATS) this.#forgetWalks();
    if (lasting) {
      this.#refused = true;
      this.#rereads.clear();
      this.#invalid = undefined;
      this.#nextSweep = runtime.now();
    }
    if (
      this.#problem?.kind !== kind &&
      (lasting || kind === 'unreadable' || this.#failures >= SAID_AFTER_FAILURES)
    ) {
      this.#problem = describeProblem(kind, failure, identity, runtime.now());
      observer.problem(this.#problem);
    }
    const waits = this.#heldUntil - runtime.now();
    if (lasting || this.#failures >= SAID_AFTER_FAILURES || waits > READY_WAITS_MS)
      this.#settle(failure.outcome);
    return false;
  }

  /** A list that makes no sense is begun anew. */
  #forgetWalks(): void {
    this.#sweep = undefined;
    this.#invalid = undefined;
  }

  #hold({ retryAfterSeconds }: Failure, shape: BackoffShape): void {
    const { runtime } = this.#parts;
    this.#failures++;
    const backoff = backoffMs(this.#failures, shape, runtime.random());
    // Never before the time Nylas named, and a little after it so that replicas do not all come at once.
    const asked =
      Math.min((retryAfterSeconds ?? 0) * 1_000, MOST_RETRY_AFTER_MS) * (1 + runtime.random() / 10);
    this.#heldUntil = runtime.now() + Math.max(backoff, asked);
  }

  #newPoll(): Poll {
    const { identity, runtime } = this.#parts;
    return { walk: new ListWalk(identity.profile.pageSize), startedAt: runtime.now(), run: undefined };
  }

  #jittered(ms: number): number {
    return jittered(ms, this.#parts.runtime.random());
  }

  #settle(outcome: Outcome): void {
    this.#settled = true;
    this.#ready.resolve(outcome);
  }
}

const REPEATS: Failure = {
  outcome: 'server_error',
  status: 200,
  errorType: '_OTHER',
  requestId: undefined,
  flowId: undefined,
  retryAfterSeconds: undefined,
  unreadable: true,
};

interface PromiseWithResolver<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
}

function withResolver<T>(): PromiseWithResolver<T> {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
