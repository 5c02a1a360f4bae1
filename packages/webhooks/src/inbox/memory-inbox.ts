import type { AccountIdCapture } from '@nylas-otel/telemetry';
import { invalidOption, NylasWebhookError } from '../errors.ts';
import type { EventVerdict } from '../receiver/status-policy.ts';
import { type BacklogCounts, showBacklog } from './backlog.ts';
import { createEventProcessor, type EventProcessor, type WebhookHandlers } from './event-processor.ts';
import type { Inbox, InboxCall, QuarantinedDelivery, ReceivedEvent } from './inbox.ts';
import { KeyMemory } from './key-memory.ts';

/** Options of {@link memoryInbox}. */
export interface MemoryInboxOptions {
  /**
   * Handles each event after it was acknowledged: in order for each account, again after a failure. Default: none, events
   * are only deduplicated.
   */
  readonly onEvent?: WebhookHandlers;
  /** Runs of a handler until its event is given up. Default 5. */
  readonly maxRuns?: number;
  /** Milliseconds before the second run; doubled each time up to a minute, with jitter. Default 1000. */
  readonly retryDelayMs?: number;
  /** Accounts handled at one time. Default 16. */
  readonly concurrency?: number;
  /** Most events that wait; further ones are refused, so that Nylas sends them again. Default 10,000. */
  readonly maxQueued?: number;
  /**
   * Most keys kept to know repetitions by, for 7 days; the oldest go first. Default 200,000.
   */
  readonly maxKeys?: number;
  /** Most dead letters and, apart, quarantined bodies that are kept; the oldest go first. Default 1000. */
  readonly maxKept?: number;
  /** Alias of the Nylas application (`nylas.application`). Default `default`. */
  readonly application?: string;
  /** What telemetry shows of account ids. Default `id`. */
  readonly captureAccountId?: AccountIdCapture;
  /** Needed where `NODE_ENV` is `production`: what is in memory is lost with the process. Default false. */
  readonly allowInProduction?: boolean;
}

/** An event whose handler failed for good. */
export interface DeadLetter {
  readonly event: ReceivedEvent;
  readonly error: unknown;
  readonly runs: number;
}

/** {@link memoryInbox}: an inbox, and a look into it. */
export interface MemoryInbox extends Inbox {
  /** Answers at once. */
  accept(events: readonly ReceivedEvent[], call: InboxCall): readonly EventVerdict[];
  counts(): BacklogCounts;
  deadLetters(): readonly DeadLetter[];
  /** Handles a dead letter again, after what is queued for its account. False when there is none with this key. */
  redrive(key: string): boolean;
  quarantined(): readonly QuarantinedDelivery[];
  /** Resolves when nothing is queued or being handled. */
  drained(): Promise<void>;
  /** Refuses what comes, drops what is queued, and resolves when the handlers that run have ended. */
  close(): Promise<void>;
}

/** Time and chance, passed in by tests. */
export interface InboxRuntime {
  now(): number;
  /** Between 0 and 1. */
  random(): number;
  /** Calls back once; returns what cancels it. Must not keep the process alive. */
  after(ms: number, then: () => void): () => void;
}

const processRuntime: InboxRuntime = {
  now: () => Date.now(),
  random: () => Math.random(),
  after(ms, then) {
    const timer = setTimeout(then, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

const KEPT_MS = 7 * 24 * 60 * 60 * 1_000;
// What most deliveries hear, made once.
const ONE_ACCEPTED: readonly EventVerdict[] = Object.freeze<EventVerdict[]>(['accepted']);
const ONE_DUPLICATE: readonly EventVerdict[] = Object.freeze<EventVerdict[]>(['duplicate']);
const LONGEST_DELAY_MS = 60_000;

/**
 * An inbox that holds everything in memory: for tests and for trying things out. A crash or a deployment loses what was
 * acknowledged but not handled, so it is refused in production unless `allowInProduction` is set.
 *
 * @throws {NylasWebhookError} `NYLAS_WEBHOOK_MEMORY_INBOX_IN_PRODUCTION`, `NYLAS_WEBHOOK_INVALID_OPTION`
 */
export function memoryInbox(options: MemoryInboxOptions = {}): MemoryInbox {
  return startMemoryInbox(options, processRuntime);
}

/** {@link memoryInbox} with time and chance passed in. */
export function startMemoryInbox(options: MemoryInboxOptions, runtime: InboxRuntime): MemoryInbox {
  if (process.env.NODE_ENV === 'production' && options.allowInProduction !== true) {
    throw new NylasWebhookError(
      'NYLAS_WEBHOOK_MEMORY_INBOX_IN_PRODUCTION',
      'memoryInbox() loses acknowledged events when the process ends, and Nylas never sends them again. Use a durable ' +
        'inbox, or set `allowInProduction: true` if that loss does not matter.',
    );
  }
  return new Memory(options, runtime);
}

interface Job {
  readonly event: ReceivedEvent;
  runs: number;
}

class Memory implements MemoryInbox {
  readonly #runtime: InboxRuntime;
  readonly #processor: EventProcessor;
  readonly #handles: boolean;
  readonly #limits: Readonly<
    Record<'maxRuns' | 'retryDelayMs' | 'concurrency' | 'maxQueued' | 'maxKeys' | 'maxKept', number>
  >;
  readonly #keys: KeyMemory;
  /** Jobs of each account in order; the first is the one that runs or waits for its next run. */
  readonly #accounts = new Map<string, Job[]>();
  /** Accounts whose first job may run. */
  readonly #ready: string[] = [];
  readonly #dead = new Map<string, DeadLetter>();
  readonly #quarantined = new Map<string, QuarantinedDelivery>();
  readonly #waits = new Set<() => void>();
  readonly #closing = new AbortController();
  readonly #hide: () => void;
  // `signal.aborted` is a getter with checks, too slow for every delivery.
  #closed = false;
  #queued = 0;
  #active = 0;
  #watchers: (() => void)[] = [];

  constructor(options: MemoryInboxOptions, runtime: InboxRuntime) {
    this.#runtime = runtime;
    this.#limits = {
      maxRuns: positive('maxRuns', options.maxRuns, 5),
      retryDelayMs: positive('retryDelayMs', options.retryDelayMs, 1_000),
      concurrency: positive('concurrency', options.concurrency, 16),
      maxQueued: positive('maxQueued', options.maxQueued, 10_000),
      maxKeys: positive('maxKeys', options.maxKeys, 200_000),
      maxKept: positive('maxKept', options.maxKept, 1_000),
    };
    this.#keys = new KeyMemory(KEPT_MS, this.#limits.maxKeys);
    this.#processor = createEventProcessor(options);
    this.#handles = options.onEvent !== undefined;
    this.#hide = showBacklog({ application: options.application ?? 'default', counts: () => this.counts() });
  }

  accept(events: readonly ReceivedEvent[]): readonly EventVerdict[] {
    this.#refuseWhenClosed();
    const now = this.#runtime.now();
    this.#keys.expire(now);
    const [only] = events;
    if (only === undefined || events.length > 1 || this.#queued >= this.#limits.maxQueued)
      return this.#acceptBatch(events, now);
    return this.#take(only, now) ? ONE_ACCEPTED : ONE_DUPLICATE;
  }

  #acceptBatch(events: readonly ReceivedEvent[], now: number): EventVerdict[] {
    const fresh = new Map<string, ReceivedEvent>();
    const verdicts = events.map((event): EventVerdict => {
      if (fresh.has(event.key) || this.#keys.has(event.key)) return 'duplicate';
      fresh.set(event.key, event);
      return 'accepted';
    });
    // All or nothing: half a batch that is refused later would be half a duplicate when it comes again.
    this.#refuseWhenFull(fresh.size);
    for (const event of fresh.values()) this.#take(event, now);
    return verdicts;
  }

  #refuseWhenFull(more: number): void {
    if (this.#queued + more <= this.#limits.maxQueued) return;
    throw new NylasWebhookError(
      'NYLAS_WEBHOOK_INBOX_FULL',
      `The memory inbox holds ${this.#queued} events that wait for their handler (option \`maxQueued\`). Make the ` +
        'handler faster, raise `concurrency`, or use a durable inbox.',
    );
  }

  #take(event: ReceivedEvent, now: number): boolean {
    if (!this.#keys.add(event.key, now)) return false;
    if (this.#handles) this.#enqueue({ event, runs: 0 });
    return true;
  }

  async quarantine(delivery: QuarantinedDelivery): Promise<void> {
    this.#refuseWhenClosed();
    if (this.#quarantined.has(delivery.key)) return;
    this.#quarantined.set(delivery.key, { ...delivery, body: Uint8Array.from(delivery.body) });
    keepNewest(this.#quarantined, this.#limits.maxKept);
  }

  counts(): BacklogCounts {
    return { queued: this.#queued, active: this.#active, dead: this.#dead.size };
  }

  deadLetters(): readonly DeadLetter[] {
    return [...this.#dead.values()];
  }

  redrive(key: string): boolean {
    const letter = this.#dead.get(key);
    if (letter === undefined || this.#closing.signal.aborted) return false;
    this.#dead.delete(key);
    this.#enqueue({ event: letter.event, runs: 0 });
    return true;
  }

  quarantined(): readonly QuarantinedDelivery[] {
    return [...this.#quarantined.values()];
  }

  async drained(): Promise<void> {
    while (this.#queued + this.#active > 0) {
      await new Promise<void>((resolve) => this.#watchers.push(resolve));
    }
  }

  async close(): Promise<void> {
    if (!this.#closing.signal.aborted) {
      this.#closed = true;
      this.#closing.abort();
      for (const cancel of this.#waits) cancel();
      this.#waits.clear();
      this.#ready.length = 0;
      this.#accounts.clear();
      this.#queued = 0;
    }
    await this.drained();
    this.#hide();
  }

  #refuseWhenClosed(): void {
    if (this.#closed)
      throw new NylasWebhookError('NYLAS_WEBHOOK_INBOX_CLOSED', 'The memory inbox is closed.');
  }

  #enqueue(job: Job): void {
    this.#queued++;
    // Without an account nothing is in order with anything.
    const account = job.event.accountId ?? `#${job.event.key}`;
    const jobs = this.#accounts.get(account);
    if (jobs !== undefined) jobs.push(job);
    else {
      this.#accounts.set(account, [job]);
      this.#becomeReady(account);
    }
  }

  #becomeReady(account: string): void {
    this.#ready.push(account);
    // After the answer to the delivery, so that a handler that blocks does not delay it.
    setImmediate(() => this.#start());
  }

  #start(): void {
    while (this.#active < this.#limits.concurrency) {
      const account = this.#ready.shift();
      if (account === undefined) return;
      const job = this.#accounts.get(account)?.[0];
      if (job !== undefined) void this.#run(account, job);
    }
  }

  async #run(account: string, job: Job): Promise<void> {
    this.#queued--;
    this.#active++;
    job.runs++;
    let failure: { readonly error: unknown } | undefined;
    try {
      await this.#processor.process(job.event, { run: job.runs, signal: this.#closing.signal });
    } catch (error) {
      failure = { error };
    }
    this.#active--;
    if (!this.#closing.signal.aborted) this.#settle(account, job, failure);
    this.#start();
    const watchers = this.#watchers;
    this.#watchers = [];
    for (const watcher of watchers) watcher();
  }

  #settle(account: string, job: Job, failure: { readonly error: unknown } | undefined): void {
    if (failure !== undefined && job.runs < this.#limits.maxRuns) {
      this.#queued++;
      this.#retryLater(account, job.runs);
      return;
    }
    if (failure !== undefined) {
      this.#processor.dead(job.event, failure.error);
      this.#dead.set(job.event.key, { event: job.event, error: failure.error, runs: job.runs });
      keepNewest(this.#dead, this.#limits.maxKept);
    }
    const jobs = this.#accounts.get(account);
    jobs?.shift();
    if (jobs === undefined || jobs.length === 0) this.#accounts.delete(account);
    else this.#becomeReady(account);
  }

  #retryLater(account: string, runs: number): void {
    const most = Math.min(this.#limits.retryDelayMs * 2 ** (runs - 1), LONGEST_DELAY_MS);
    const cancel = this.#runtime.after(most * (0.5 + this.#runtime.random() / 2), () => {
      this.#waits.delete(cancel);
      this.#becomeReady(account);
    });
    this.#waits.add(cancel);
  }
}

function keepNewest(map: Map<string, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
}

function positive(option: string, given: number | undefined, standard: number): number {
  if (given === undefined) return standard;
  if (!Number.isSafeInteger(given) || given < 1)
    throw invalidOption(option, `give a whole number of at least 1, not ${String(given)}.`);
  return given;
}
