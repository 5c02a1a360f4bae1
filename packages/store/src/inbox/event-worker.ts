import { dropError } from '@nylas-otel/telemetry';
import { createEventProcessor, type EventProcessor, type ReceivedEvent } from '@nylas-otel/webhooks';
import type { PgBoss } from 'pg-boss';
import type { Database, Session } from '../engine/database.ts';
import { invalidArgument, NylasStoreError } from '../errors.ts';
import { Pump } from '../jobs/pump.ts';
import { allOurs, attempt, bossDb, type ClaimedJob } from '../jobs/queue.ts';
import { Completions, patiently } from '../jobs/settle.ts';
import { Slots } from '../jobs/slots.ts';
import { readWhole } from '../limits.ts';
import type { Tables } from '../schema/tables.ts';
import type { StoreTransaction } from '../store.ts';
import { bury } from './dead-letters.ts';
import type { DurableHandlerCall, InboxWorkOptions } from './durable-inbox.ts';
import { errorWords } from './error-words.ts';
import { readContents } from './event-contents.ts';
import { type EventQueues, takeOut } from './event-queues.ts';

/** What a worker needs of the store. */
export interface WorkerContext {
  readonly boss: PgBoss;
  readonly database: Database;
  readonly tables: Tables;
  readonly application: string;
  readonly queues: EventQueues;
  readonly keepErrorMessages: boolean;
  /** Runs work with the store's parts in one transaction. */
  readonly transaction: <Result>(
    work: (tx: StoreTransaction, session: Session) => Promise<Result>,
  ) => Promise<Result>;
}

const LONGEST_DELAY_S = 3_600;

/** Handles an application's events in this process. */
export class EventWorker {
  readonly #context: WorkerContext;
  readonly #processor: EventProcessor;
  readonly #pumps: readonly Pump<ReceivedEvent>[];
  readonly #maxRuns: number;
  readonly #retryDelay: number;
  readonly #feed: () => Promise<boolean>;
  #feeding: Promise<unknown> | undefined;

  /** @param feed makes jobs of stored events; true when there are more now */
  constructor(context: WorkerContext, options: InboxWorkOptions, feed: () => Promise<boolean>) {
    this.#context = context;
    this.#feed = feed;
    this.#maxRuns = readWhole('maxRuns', options.maxRuns, 5, 1_000);
    this.#retryDelay = seconds('retryDelay', options.retryDelay, 1);
    // A handler that takes the call of the durable inbox is given it: the processor passes calls through.
    this.#processor = createEventProcessor({
      application: context.application,
      ...(options as Parameters<typeof createEventProcessor>[0]),
    });
    const slots = new Slots(readWhole('concurrency', options.concurrency, 16, 1_000));
    this.#pumps = [context.queues.state, context.queues.data].map((queue) => {
      const completions = new Completions((attempts) =>
        context.database.transaction((session) =>
          takeOut(context.boss, session, context.tables, queue, attempts),
        ),
      );
      return new Pump<ReceivedEvent>({
        boss: context.boss,
        queue,
        slots,
        chained: queue === context.queues.state,
        claim: (count) => this.#claimFed(queue, count),
        run: (job, signal) => this.#run(queue, job, signal, completions),
      });
    });
  }

  kick(): void {
    for (const pump of this.#pumps) pump.kick();
  }

  async stop(graceMs: number): Promise<void> {
    await Promise.all(this.#pumps.map((pump) => pump.stop(graceMs)));
    await this.#feeding;
  }

  /** Claims what is queued; where that is not enough, more is made meanwhile. */
  async #claimFed(queue: string, count: number): Promise<readonly ClaimedJob<ReceivedEvent>[]> {
    const jobs = await this.#claim(queue, count);
    if (jobs.length < count)
      this.#feeding ??= this.#feed()
        .then(
          (more) => more && this.kick(),
          (error: unknown) => dropError('store', error),
        )
        .finally(() => {
          this.#feeding = undefined;
        });
    return jobs;
  }

  /** Jobs and what they hold in one commit: what cannot be read is not claimed. */
  async #claim(queue: string, count: number): Promise<ClaimedJob<ReceivedEvent>[]> {
    const { boss, database, tables } = this.#context;
    return await database.transaction(async (session) => {
      const jobs = await boss.fetch(queue, { batchSize: count, db: bossDb(session) });
      if (jobs.length === 0) return [];
      const ids = jobs.map(({ id }) => id);
      const contents = await readContents(session, tables, ids);
      return jobs.flatMap((job) => {
        const data = contents.get(job.id);
        if (data !== undefined) return [{ ...(job as unknown as ClaimedJob<unknown>), data }];
        // Somebody deleted rows of ours: the others must not wait for it.
        dropError('store', new Error(`the content of the event of job ${job.id} is missing`));
        return [];
      });
    });
  }

  async #run(
    queue: string,
    job: ClaimedJob<ReceivedEvent>,
    signal: AbortSignal,
    completions: Completions,
  ): Promise<void> {
    const event = job.data;
    const run = job.retryCount + 1;
    if (run > this.#maxRuns) {
      // Its handler never came to an end: each process that ran it was lost.
      await this.#die(queue, job, event, run - 1, new LostWithItsProcess());
      return;
    }
    const call = new Call(this.#context, queue, job, signal);
    try {
      await this.#processor.process(event, call);
    } catch (error) {
      if (call.completed) return;
      if (run >= this.#maxRuns) await this.#die(queue, job, event, run, error);
      else await this.#again(queue, job, run);
      return;
    }
    if (!call.completed) await completions.complete(job);
  }

  async #again(queue: string, job: ClaimedJob<ReceivedEvent>, run: number): Promise<void> {
    const { boss, database } = this.#context;
    const most = Math.min(this.#retryDelay * 2 ** (run - 1), LONGEST_DELAY_S);
    const delay = most * (0.5 + Math.random() / 2);
    await patiently(() =>
      database.transaction(async (session) => {
        const db = bossDb(session);
        if (!allOurs(await boss.fail(queue, attempt(job), null, { db }), 1)) return;
        if (delay > 0)
          await boss.update(queue, undefined, {
            id: job.id,
            startAfter: new Date(Date.now() + delay * 1_000),
            db,
          });
      }),
    );
    if (delay < 5) setTimeout(() => this.kick(), delay * 1_000 + 5).unref();
  }

  /** To the dead letters, so that it no longer holds up its account. */
  async #die(
    queue: string,
    job: ClaimedJob<ReceivedEvent>,
    event: ReceivedEvent,
    runs: number,
    error: unknown,
  ): Promise<void> {
    const { boss, database, tables, application, keepErrorMessages } = this.#context;
    const letter = {
      key: event.key,
      event,
      error: errorWords(error, keepErrorMessages),
      runs,
      diedAt: Date.now(),
    };
    const died = await patiently(() =>
      database.transaction(async (session) => {
        if (!(await takeOut(boss, session, tables, queue, [job]))) return false;
        await bury(session, tables, application, letter);
        return true;
      }),
    );
    if (died) this.#processor.dead(event, error);
  }
}

class LostWithItsProcess extends Error {
  override readonly name = 'LostWithItsProcess';
}

class Call implements DurableHandlerCall {
  readonly run: number;
  readonly signal: AbortSignal;
  readonly #context: WorkerContext;
  readonly #queue: string;
  readonly #job: ClaimedJob<ReceivedEvent>;
  #state: 'open' | 'completing' | 'completed' = 'open';

  constructor(context: WorkerContext, queue: string, job: ClaimedJob<ReceivedEvent>, signal: AbortSignal) {
    this.#context = context;
    this.#queue = queue;
    this.#job = job;
    this.run = job.retryCount + 1;
    this.signal = signal;
  }

  get completed(): boolean {
    return this.#state === 'completed';
  }

  async transaction<Result>(work: (tx: StoreTransaction) => Promise<Result>): Promise<Result> {
    if (this.#state !== 'open')
      throw invalidArgument(
        'call.transaction',
        'it completes the event, so it can be used once for each run.',
      );
    this.#state = 'completing';
    const { boss, tables, transaction } = this.#context;
    try {
      const result = await transaction(async (tx, session) => {
        const result = await work(tx);
        if (!(await takeOut(boss, session, tables, this.#queue, [this.#job]))) {
          throw new NylasStoreError(
            'NYLAS_STORE_EVENT_TAKEN_OVER',
            'This process seemed lost, so another one handles the event: what was written here is rolled back.',
          );
        }
        return result;
      });
      this.#state = 'completed';
      return result;
    } catch (error) {
      this.#state = 'open';
      throw error;
    }
  }
}

function seconds(option: string, given: number | undefined, standard: number): number {
  if (given === undefined) return standard;
  if (typeof given !== 'number' || !(given >= 0) || given > LONGEST_DELAY_S)
    throw invalidArgument(option, `give seconds from 0 to ${LONGEST_DELAY_S}, not ${String(given)}.`);
  return given;
}
