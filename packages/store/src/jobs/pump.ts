import { dropError } from '@nylas-otel/telemetry';
import type { PgBoss } from 'pg-boss';
import { attempt, type ClaimedJob, HEARTBEAT_SECONDS } from './queue.ts';
import type { Slots } from './slots.ts';

/** What a pump does with jobs. */
export interface PumpOptions<Data> {
  readonly boss: PgBoss;
  readonly queue: string;
  readonly slots: Slots;
  /** Whether the end of one job lets another one go, as in a queue with an order. */
  readonly chained?: boolean;
  /** Claims at most so many jobs of the queue. */
  readonly claim: (count: number) => Promise<readonly ClaimedJob<Data>[]>;
  /** Takes one job to its end: completes it, gives it up, or puts it back. Rejects only when nothing of that worked. */
  readonly run: (job: ClaimedJob<Data>, signal: AbortSignal) => Promise<void>;
}

const IDLE_MS = 1_000;
const AFTER_FAILURE_MS = 1_000;
// Slots come free one by one; a few together cost one query.
const GATHER_MS = 2;
const BEAT_MS = (HEARTBEAT_SECONDS * 1_000) / 4;

/**
 * Claims jobs of one queue as slots come free and hands each to `run`, all side by side. pg-boss's own `work` waits for
 * a whole batch before it fetches the next, or for its polling interval after each job.
 */
export class Pump<Data> {
  readonly #options: PumpOptions<Data>;
  readonly #closing = new AbortController();
  readonly #inHand = new Map<string, ClaimedJob<Data>>();
  readonly #heartbeat: NodeJS.Timeout;
  #wake: (() => void) | undefined;
  #kicked = false;
  #stopping = false;
  #idle: (() => void) | undefined;
  readonly #loop: Promise<void>;

  constructor(options: PumpOptions<Data>) {
    this.#options = options;
    this.#heartbeat = setInterval(() => void this.#beat(), BEAT_MS);
    this.#heartbeat.unref();
    this.#loop = this.#run();
  }

  /** Looks for jobs now. */
  kick(): void {
    this.#kicked = true;
    this.#wake?.();
  }

  /** No longer claims jobs; resolves when those in hand have ended or `abort` says to wait no longer. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    this.kick();
    await this.#loop;
    if (this.#inHand.size > 0) await this.#drained(graceMs);
    this.#closing.abort();
    clearInterval(this.#heartbeat);
    if (this.#inHand.size === 0) return;
    // Handed back at once; without it the next process finds them when their heartbeat is missed.
    const { boss, queue } = this.#options;
    const left = [...this.#inHand.values()];
    this.#inHand.clear();
    await boss.fail(queue, left.map(attempt), { reason: 'the process was stopped' }).catch(() => {});
  }

  async #drained(graceMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([
      new Promise<void>((resolve) => {
        this.#idle = resolve;
      }),
      new Promise<void>((resolve) => {
        timer = setTimeout(resolve, graceMs);
      }),
    ]);
    clearTimeout(timer);
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      this.#kicked = false;
      const wait = await this.#claim();
      if (wait > 0) await this.#sleep(wait);
    }
  }

  /** Claims what there are slots for; returns for how long nothing more is to be done. */
  async #claim(): Promise<number> {
    const { claim, slots } = this.#options;
    const free = slots.free;
    if (free < 1) {
      slots.onceFree(() => setTimeout(() => this.kick(), GATHER_MS));
      return IDLE_MS;
    }
    slots.take(free);
    let jobs: readonly ClaimedJob<Data>[];
    try {
      jobs = await claim(free);
    } catch (error) {
      slots.give(free);
      this.#kicked = false;
      dropError('store', error);
      return AFTER_FAILURE_MS;
    }
    for (const job of jobs) {
      this.#inHand.set(job.id, job);
      void this.#handle(job);
    }
    if (jobs.length < free) {
      slots.give(free - jobs.length);
      return IDLE_MS;
    }
    return 0;
  }

  async #handle(job: ClaimedJob<Data>): Promise<void> {
    try {
      await this.#options.run(job, this.#closing.signal);
    } catch (error) {
      dropError('store', error);
    }
    if (this.#inHand.delete(job.id)) this.#options.slots.give(1);
    if (this.#options.chained === true && !this.#stopping) setTimeout(() => this.kick(), GATHER_MS);
    if (this.#inHand.size === 0) this.#idle?.();
  }

  async #sleep(ms: number): Promise<void> {
    if (this.#kicked) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }

  /** A claim whose heartbeat is missed goes to another process. */
  async #beat(): Promise<void> {
    if (this.#inHand.size === 0) return;
    const { boss, queue } = this.#options;
    await boss
      .touch(queue, [...this.#inHand.values()].map(attempt))
      .catch((error: unknown) => dropError('store', error));
  }
}
