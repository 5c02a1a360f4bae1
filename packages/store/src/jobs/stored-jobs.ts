import { randomUUID } from 'node:crypto';
import { dropError } from '@nylas-otel/telemetry';
import type { PgBoss } from 'pg-boss';
import type { Database, Session } from '../engine/database.ts';
import { invalidArgument, NylasStoreError } from '../errors.ts';
import { errorWords } from '../inbox/error-words.ts';
import type { NewJournalEntry } from '../journal/journal.ts';
import { readTime, readWhole } from '../limits.ts';
import { nextJobId } from './job-id.ts';
import type { JobCall, Jobs, QueueOptions, SendOptions } from './jobs.ts';
import { Pump } from './pump.ts';
import { allOurs, attempt, bossDb, type ClaimedJob, ensureQueue } from './queue.ts';
import { Completions, patiently } from './settle.ts';
import { Slots } from './slots.ts';

/** What jobs need of the store. */
export interface JobsContext {
  readonly boss: PgBoss;
  readonly database: Database;
  readonly application: string;
  readonly journal: (session: Session, entries: readonly NewJournalEntry[]) => Promise<void>;
}

/** Thrown inside of a transaction that sends to a queue which has to be made outside of it first. */
export class QueueMissing extends Error {
  override readonly name = 'QueueMissing';
  readonly queue: string;

  constructor(queue: string) {
    super(`queue ${queue} is not made yet`);
    this.queue = queue;
  }
}

const NAME = /^[\w.-]{1,80}$/;
const LONGEST_DELAY_S = 3_600;
const LONGEST_RUN_S = 24 * 3_600;
const RESEND_MS = 30_000;

/** {@link Jobs} on pg-boss. */
export class StoredJobs implements Jobs {
  readonly #context: JobsContext;
  readonly #made = new Map<string, Promise<void>>();
  readonly #ready = new Set<string>();
  readonly #pumps = new Map<string, Set<Pump<object>>>();
  readonly #ring: (() => void) | undefined;
  #closed = false;

  /** @param ring tells other processes that there is work */
  constructor(context: JobsContext, ring?: () => void) {
    this.#context = context;
    this.#ring = ring;
  }

  async send(queue: string, data: object, options: SendOptions = {}): Promise<boolean> {
    this.#assertUsable();
    const name = this.#queueName(queue);
    await this.ensure(name);
    const sent = await this.#context.database.transaction((session) =>
      this.#insert(session, name, data, options),
    );
    if (sent) this.#wake(name);
    return sent;
  }

  /** Sends in the transaction of `session`; `after` is called when it is committed. */
  within(session: Session, after: (then: () => void) => void): Pick<Jobs, 'send'> {
    return {
      send: async (queue, data, options = {}) => {
        const name = this.#queueName(queue);
        if (!this.#ready.has(name)) throw new QueueMissing(name);
        const sent = await this.#insert(session, name, data, options);
        if (sent) after(() => this.#wake(name));
        return sent;
      },
    };
  }

  /** Makes a queue where there is none. */
  async ensure(name: string): Promise<void> {
    let made = this.#made.get(name);
    if (made === undefined) {
      made = ensureQueue(this.#context.boss, name, 'exclusive').then(() => void this.#ready.add(name));
      this.#made.set(name, made);
      made.catch(() => this.#made.delete(name));
    }
    await made;
  }

  async work<Data extends object>(
    queue: string,
    handler: (data: Data, call: JobCall) => Promise<void>,
    options: QueueOptions = {},
  ): Promise<() => Promise<void>> {
    this.#assertUsable();
    const name = this.#queueName(queue);
    const slots = new Slots(readWhole('concurrency', options.concurrency, 1, 1_000));
    const maxRuns = readWhole('maxRuns', options.maxRuns, 5, 1_000);
    const expire = readWhole('expireSeconds', options.expireSeconds, 900, LONGEST_RUN_S);
    await this.ensure(name);
    const completions = new Completions((attempts) => this.#context.boss.deleteJob(name, attempts));
    return this.#start(name, slots, async (job, signal) => {
      const run = job.retryCount + 1;
      try {
        if (run > maxRuns) throw new NylasStoreError('NYLAS_STORE_CLOSED', 'lost with its process');
        await within(expire, signal, (limited) => handler(job.data as Data, { run, signal: limited }));
      } catch (error) {
        if (run >= maxRuns) await this.#giveUp(name, queue, job, Math.min(run, maxRuns), error);
        else await this.#again(name, job, run);
        return;
      }
      await completions.complete(job);
    });
  }

  async every(
    name: string,
    seconds: number,
    handler: (call: JobCall) => Promise<void>,
    options: Pick<QueueOptions, 'expireSeconds'> = {},
  ): Promise<() => Promise<void>> {
    this.#assertUsable();
    if (typeof seconds !== 'number' || !(seconds > 0))
      throw invalidArgument('seconds', 'give a number above 0.');
    const expire = readWhole('expireSeconds', options.expireSeconds, 900, LONGEST_RUN_S);
    const queue = this.#name('every', name);
    await this.ensure(queue);
    const sendFirst = async (): Promise<void> => {
      await this.#context.boss.send(queue, {}, { singletonKey: 'next' });
    };
    await sendFirst();
    // There is always a next one, unless somebody deleted it.
    const resend = setInterval(
      () => void sendFirst().catch((error: unknown) => dropError('store', error)),
      Math.max(RESEND_MS, seconds * 1_000),
    );
    resend.unref();
    const stop = this.#start(queue, new Slots(1), async (job, signal) => {
      const started = Date.now();
      try {
        await within(expire, signal, (limited) => handler({ run: job.retryCount + 1, signal: limited }));
      } catch (error) {
        dropError('store', error);
      }
      await this.#next(queue, job, started + seconds * 1_000);
    });
    return async () => {
      clearInterval(resend);
      await stop();
    };
  }

  /** Somebody else sent jobs. */
  kick(): void {
    for (const pumps of this.#pumps.values()) for (const pump of pumps) pump.kick();
  }

  async close(graceMs: number): Promise<void> {
    this.#closed = true;
    const all = [...this.#pumps.values()].flatMap((pumps) => [...pumps]);
    this.#pumps.clear();
    await Promise.all(all.map((pump) => pump.stop(graceMs)));
  }

  #start(
    name: string,
    slots: Slots,
    run: (job: ClaimedJob<object>, signal: AbortSignal) => Promise<void>,
  ): () => Promise<void> {
    const { boss } = this.#context;
    const pump = new Pump<object>({
      boss,
      queue: name,
      slots,
      claim: async (count) =>
        (await boss.fetch(name, { batchSize: count })) as unknown as ClaimedJob<object>[],
      run,
    });
    const pumps = this.#pumps.get(name) ?? new Set();
    this.#pumps.set(name, pumps.add(pump));
    return async () => {
      if (pumps.delete(pump)) await pump.stop(RESEND_MS);
    };
  }

  async #insert(session: Session, name: string, data: object, options: SendOptions): Promise<boolean> {
    if (typeof data !== 'object' || data === null) throw invalidArgument('data', 'give an object.');
    const { key, notBefore } = options;
    if (key !== undefined && (typeof key !== 'string' || key === '' || key.includes('\0')))
      throw invalidArgument('key', 'give a text that is not empty.');
    const inserted = await this.#context.boss.insert(
      name,
      [
        {
          id: nextJobId(),
          data,
          // A key of its own: of jobs without one there may be any number.
          singletonKey: key ?? `#${randomUUID()}`,
          ...(notBefore === undefined ? {} : { startAfter: new Date(readTime('notBefore', notBefore)) }),
        },
      ],
      { db: bossDb(session), returnId: true },
    );
    return (inserted?.length ?? 0) > 0;
  }

  async #again(name: string, job: ClaimedJob<object>, run: number): Promise<void> {
    const { boss, database } = this.#context;
    const delay = Math.min(2 ** (run - 1), LONGEST_DELAY_S) * (0.5 + Math.random() / 2);
    await patiently(() =>
      database.transaction(async (session) => {
        const db = bossDb(session);
        if (!allOurs(await boss.fail(name, attempt(job), null, { db }), 1)) return;
        await boss.update(name, undefined, {
          id: job.id,
          startAfter: new Date(Date.now() + delay * 1_000),
          db,
        });
      }),
    );
  }

  async #giveUp(
    name: string,
    queue: string,
    job: ClaimedJob<object>,
    runs: number,
    error: unknown,
  ): Promise<void> {
    const { boss, database, journal } = this.#context;
    await patiently(() =>
      database.transaction(async (session) => {
        if (!allOurs(await boss.deleteJob(name, attempt(job), { db: bossDb(session) }), 1)) return;
        const data = { queue, runs, error: errorWords(error, false) };
        await journal(session, [{ kind: 'job_given_up', accountId: undefined, data }]);
      }),
    );
    dropError('store', error);
  }

  /** The run and the next one in one commit: there is always exactly one. */
  async #next(queue: string, job: ClaimedJob<object>, time: number): Promise<void> {
    const { boss, database } = this.#context;
    await patiently(() =>
      database.transaction(async (session) => {
        const db = bossDb(session);
        if (!allOurs(await boss.deleteJob(queue, attempt(job), { db }), 1)) return;
        const startAfter = new Date(Math.max(time, Date.now()));
        await boss.insert(queue, [{ id: nextJobId(), singletonKey: 'next', startAfter }], { db });
      }),
    );
  }

  #queueName(queue: string): string {
    return this.#name('job', queue);
  }

  #name(kind: string, name: string): string {
    if (typeof name !== 'string' || !NAME.test(name))
      throw invalidArgument('queue', 'give 1 to 80 letters, digits, `_`, `.` or `-`.');
    return `${kind}/${this.#context.application}/${name}`;
  }

  #wake(name: string): void {
    for (const pump of this.#pumps.get(name) ?? []) pump.kick();
    this.#ring?.();
  }

  #assertUsable(): void {
    this.#context.database.assertOutside();
    if (this.#closed) throw new NylasStoreError('NYLAS_STORE_CLOSED', 'The store was closed.');
  }
}

/** Runs work that may take so long; rejects when it takes longer, whether or not it ends. */
async function within(
  seconds: number,
  closing: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const timeout = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const error = new DOMException(`The job took longer than ${seconds} s.`, 'TimeoutError');
      timeout.abort(error);
      reject(error);
    }, seconds * 1_000);
  });
  try {
    await Promise.race([work(AbortSignal.any([closing, timeout.signal])), late]);
  } finally {
    clearTimeout(timer);
  }
}
