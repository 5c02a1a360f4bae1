import type {
  BacklogCounts,
  EnvelopeFault,
  EventVerdict,
  InboxCall,
  QuarantinedDelivery,
  ReceivedEvent,
  StateTrace,
} from '@nylas-otel/webhooks';
import type { Row } from '../engine/database.ts';
import { isConflict, NylasStoreError } from '../errors.ts';
import { columnText, readLimit, readTime } from '../limits.ts';
import { readDeadLetters, takeDeadLetters } from './dead-letters.ts';
import type {
  Arrivals,
  DeadLetterFilter,
  DurableInbox,
  InboxWorkOptions,
  StoredDeadLetter,
} from './durable-inbox.ts';
import { EventFeeder } from './event-feeder.ts';
import { EventWorker, type WorkerContext } from './event-worker.ts';
import { closed, Intake } from './intake.ts';
import { storeAgain, storeEvents } from './store-events.ts';

const REDRIVEN_AT_ONCE = 500;
const CLOSE_GRACE_MS = 30_000;
const CONFLICT_RUNS = 5;

/** {@link DurableInbox} on the tables and pg-boss. */
export class StoredInbox implements DurableInbox {
  readonly #context: WorkerContext;
  readonly #intake: Intake;
  readonly #feeder: EventFeeder;
  readonly #workers = new Set<EventWorker>();
  /** Tells workers of other processes. */
  readonly #ring: (() => void) | undefined;
  #closed = false;

  constructor(context: WorkerContext, ring?: () => void) {
    this.#context = context;
    this.#ring = ring;
    this.#intake = new Intake((events) => this.#store(events));
    this.#feeder = new EventFeeder(context);
  }

  async accept(events: readonly ReceivedEvent[], call: InboxCall): Promise<readonly EventVerdict[]> {
    this.#context.database.assertOutside();
    return await this.#intake.accept(events, call);
  }

  async quarantine(delivery: QuarantinedDelivery): Promise<void> {
    if (this.#closed) throw closed();
    const { database, tables, application } = this.#context;
    await database.query(
      `INSERT INTO ${tables.quarantine} (application, key, fault, body, received_at) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT DO NOTHING`,
      [
        application,
        columnText(delivery.key),
        delivery.fault,
        Buffer.from(delivery.body),
        delivery.receivedAt,
      ],
    );
  }

  async check(): Promise<void> {
    const { database, tables } = this.#context;
    // A standby answers, but stores nothing.
    const [row] = await database.query<{ read_only: string }>(
      `SELECT current_setting('transaction_read_only') AS read_only, (SELECT 1 FROM ${tables.eventKey} LIMIT 1)`,
    );
    if (row?.read_only === 'on') {
      throw new NylasStoreError(
        'NYLAS_STORE_READ_ONLY',
        'PostgreSQL takes no writes (a standby, or `default_transaction_read_only`): connect to the primary.',
      );
    }
  }

  async work(options: InboxWorkOptions): Promise<() => Promise<void>> {
    if (this.#closed) throw new NylasStoreError('NYLAS_STORE_CLOSED', 'The store was closed.');
    const worker = new EventWorker(this.#context, options, () => this.#feed());
    this.#workers.add(worker);
    return async () => {
      if (this.#workers.delete(worker)) await worker.stop(CLOSE_GRACE_MS);
    };
  }

  async counts(): Promise<BacklogCounts> {
    const { database, tables, application, queues } = this.#context;
    const [row] = await database.query<{ queued: number; active: number; failed: number; dead: number }>(
      `SELECT count(*) FILTER (WHERE state < 'active')
           + (SELECT count(*) FROM ${tables.eventWaiting} WHERE application = $1) AS queued,
         count(*) FILTER (WHERE state = 'active') AS active,
         count(*) FILTER (WHERE state = 'failed') AS failed,
         (SELECT count(*) FROM ${tables.deadLetter} WHERE application = $1) AS dead
       FROM ${tables.job} WHERE name = ANY($2::text[])`,
      [application, [queues.state, queues.data]],
    );
    return {
      queued: row?.queued ?? 0,
      active: row?.active ?? 0,
      dead: (row?.dead ?? 0) + (row?.failed ?? 0),
    };
  }

  async deadLetters(filter: DeadLetterFilter = {}): Promise<readonly StoredDeadLetter[]> {
    const { database, tables, application } = this.#context;
    return await readDeadLetters(database, tables, application, filter);
  }

  async redrive(which: { readonly keys: readonly string[] } | DeadLetterFilter): Promise<number> {
    const { database, tables, application } = this.#context;
    const most =
      'keys' in which
        ? which.keys.length
        : which.limit === undefined
          ? Number.POSITIVE_INFINITY
          : readLimit(which.limit);
    let redriven = 0;
    while (redriven < most) {
      const now = Math.min(REDRIVEN_AT_ONCE, most - redriven);
      const taken = await database.transaction(async (session) => {
        const events = await takeDeadLetters(session, tables, application, which, now);
        await storeAgain(session, tables, application, events);
        return events.length;
      });
      redriven += taken;
      if (taken < now) break;
    }
    if (redriven > 0) this.#wakeWorkers();
    return redriven;
  }

  async quarantined(limit?: number): Promise<readonly QuarantinedDelivery[]> {
    const { database, tables, application } = this.#context;
    interface QuarantineRow extends Row {
      readonly key: string;
      readonly fault: EnvelopeFault;
      readonly body: Uint8Array;
      readonly received_at: number;
    }
    const rows = await database.query<QuarantineRow>(
      `SELECT key, fault, body, received_at FROM ${tables.quarantine} WHERE application = $1
       ORDER BY received_at DESC, key LIMIT ${readLimit(limit)}`,
      [application],
    );
    return rows.map(({ key, fault, body, received_at }) => ({
      key,
      fault,
      body: Uint8Array.from(body),
      receivedAt: received_at,
    }));
  }

  async known(keys: readonly string[]): Promise<ReadonlySet<string>> {
    if (keys.length === 0) return new Set();
    const byColumn = new Map(keys.map((key) => [columnText(key), key]));
    const known = await this.#findKeys([...byColumn.keys()]);
    return new Set(known.flatMap((key) => byColumn.get(key) ?? []));
  }

  async knownFrom(prefix: string): Promise<readonly string[]> {
    return (await this.#rowsFrom(prefix)).map(({ key }) => key);
  }

  async statesFrom(prefix: string): Promise<readonly StateTrace[]> {
    const rows = await this.#rowsFrom(prefix);
    return rows.map(({ key, second }) => ({ key, second: second ?? undefined }));
  }

  async arrivals(since: number, until: number): Promise<Arrivals> {
    const { database, tables, application } = this.#context;
    const [row] = await database.query<{ events: number; last: number | null }>(
      `SELECT count(*) AS events, max(stored_at) AS last FROM ${tables.eventKey}
       WHERE stored_at >= $2 AND stored_at < $3 AND application = $1 AND (key LIKE 'v3:%' OR key LIKE 'v2:%')`,
      [application, readTime('since', since), readTime('until', until)],
    );
    return { events: row?.events ?? 0, last: row?.last ?? undefined };
  }

  /** Somebody else stored events. */
  kick(): void {
    this.#feeder.kick();
    for (const worker of this.#workers) worker.kick();
  }

  async close(graceMs: number): Promise<void> {
    this.#closed = true;
    await this.#intake.close();
    const workers = [...this.#workers];
    this.#workers.clear();
    await Promise.all(workers.map((worker) => worker.stop(graceMs)));
  }

  async #rowsFrom(prefix: string): Promise<readonly { key: string; second: number | null }[]> {
    const { database, tables, application } = this.#context;
    return await database.query<{ key: string; second: number | null }>(
      `SELECT key, second FROM ${tables.eventKey} WHERE application = $1 AND key >= $2 AND key < $3 ORDER BY key`,
      // Keys are compared byte by byte, and this is above every character.
      [application, columnText(prefix), columnText(`${prefix}\u{10FFFF}`)],
    );
  }

  #wakeWorkers(): void {
    this.kick();
    this.#ring?.();
  }

  /** Makes jobs for workers that have none left; true when there are more now. Deliveries in hand go first. */
  async #feed(): Promise<boolean> {
    await this.#intake.calm();
    const made = await this.#feeder.feed();
    // For workers of other processes: this one has its turn anyway.
    if (made > 0) this.#ring?.();
    return made > 0;
  }

  async #store(events: readonly ReceivedEvent[]): Promise<readonly EventVerdict[]> {
    const byKey = new Map<string, ReceivedEvent>();
    const verdicts: EventVerdict[] = [];
    const columns = events.map(({ key }) => columnText(key));
    for (const [index, event] of events.entries()) {
      const key = columns[index] as string;
      verdicts.push(byKey.has(key) ? 'duplicate' : 'accepted');
      if (!byKey.has(key)) byKey.set(key, event);
    }
    const fresh = await this.#storeNew(byKey);
    if (fresh.size > 0) this.#wakeWorkers();
    return verdicts.map((verdict, index) => (fresh.has(columns[index] as string) ? verdict : 'duplicate'));
  }

  async #storeNew(events: ReadonlyMap<string, ReceivedEvent>): Promise<ReadonlySet<string>> {
    const { database, tables, application } = this.#context;
    for (let run = 1; ; run++) {
      try {
        return await database.transaction((session) => storeEvents(session, tables, application, events), {
          genericPlans: true,
        });
      } catch (error) {
        // Deliveries of thousands, in several statements, may wait for each other in a circle.
        if (run === CONFLICT_RUNS || !isConflict(error)) throw error;
      }
    }
  }

  /**
   * One look into the index for each key. `key = ANY(...)` reads the whole table as long as PostgreSQL has no statistics of
   * it: it takes every key to be common then, and a burst comes before the first ANALYZE.
   */
  async #findKeys(keys: readonly string[]): Promise<string[]> {
    const { database, tables, application } = this.#context;
    const rows = await database.query<{ key: string }>(
      `SELECT n.key FROM unnest($2::text[]) AS n(key)
       WHERE (SELECT true FROM ${tables.eventKey} AS e WHERE e.application = $1 AND e.key = n.key)`,
      [application, keys],
    );
    return rows.map(({ key }) => key);
  }
}
