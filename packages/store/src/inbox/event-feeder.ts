import { setTimeout as sleep } from 'node:timers/promises';
import type { PgBoss } from 'pg-boss';
import type { Database, Row } from '../engine/database.ts';
import type { Tables } from '../schema/tables.ts';
import { type EventQueues, enqueue, type WaitingEvent } from './event-queues.ts';

/** What a feeder needs of the store. */
export interface FeederContext {
  readonly boss: PgBoss;
  readonly database: Database;
  readonly tables: Tables;
  readonly application: string;
  readonly queues: EventQueues;
}

const AT_ONCE = 500;
// Other processes store events, too, and their bell may not be heard.
const LOOK_EVERY_MS = 1_000;
// Until the database's clock says something new.
const CLOCK_MS = 2;

/**
 * Makes jobs of stored events once workers have nothing else to do. What is acknowledged is stored and no more: its job
 * would cost PostgreSQL more than all the rest, at a time when deliveries wait for their answers.
 */
export class EventFeeder {
  readonly #context: FeederContext;
  #running: Promise<number> | undefined;
  #kicked = true;
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(context: FeederContext) {
    this.#context = context;
  }

  /** Somebody stored events. */
  kick(): void {
    this.#kicked = true;
  }

  /** Makes some jobs; returns how many. */
  async feed(): Promise<number> {
    this.#running ??= this.#feed().finally(() => {
      this.#running = undefined;
    });
    return await this.#running;
  }

  async #feed(): Promise<number> {
    const now = performance.now();
    if (!this.#kicked && now - this.#lookedAt < LOOK_EVERY_MS) return 0;
    this.#kicked = false;
    this.#lookedAt = now;
    try {
      for (;;) {
        if (!(await this.#anyWaiting())) return 0;
        const made = await this.#make();
        if (made === 'again') {
          await sleep(CLOCK_MS);
          continue;
        }
        // There may be more.
        this.#kicked = true;
        return made;
      }
    } catch (error) {
      this.#kicked = true;
      throw error;
    }
  }

  async #anyWaiting(): Promise<boolean> {
    const { database, tables, application } = this.#context;
    const [row] = await database.query(
      `SELECT 1 FROM ${tables.eventWaiting} WHERE application = $1 LIMIT 1`,
      [application],
    );
    return row !== undefined;
  }

  async #make(): Promise<number | 'again'> {
    const { boss, database, tables, application, queues } = this.#context;
    return await database.transaction(async (session) => {
      // One at a time, and each at a later time than the one before: jobs of one account go by when they were made, which
      // is when their transaction began. A clock that was put back is waited for only a while.
      const [turn] = await session.query(
        `INSERT INTO ${tables.eventFeed} AS f (application, fed_at) VALUES ($1, now())
         ON CONFLICT (application) DO UPDATE SET fed_at = now()
           WHERE f.fed_at < now() OR f.fed_at > now() + interval '10 seconds' RETURNING 1`,
        [application],
      );
      if (turn === undefined) return 'again';
      interface WaitingRow extends Row, WaitingEvent {
        readonly seq: number;
      }
      const rows = await session.query<WaitingRow>(
        `SELECT seq, id, account FROM ${tables.eventWaiting} WHERE application = $1 ORDER BY seq LIMIT ${AT_ONCE}`,
        [application],
      );
      const next = inOrder(rows);
      await enqueue(boss, session, queues, next);
      await session.query(
        `DELETE FROM ${tables.eventWaiting} AS w USING unnest($1::bigint[]) AS n(seq) WHERE w.seq = n.seq`,
        [next.map(({ seq }) => seq)],
      );
      return next.length;
    });
  }
}

/**
 * Jobs that are made together go by their ids: all up to the first that would overtake one of its account's, as where
 * receivers have clocks that differ. The others are made after them.
 */
export function inOrder<Event extends WaitingEvent>(events: readonly Event[]): readonly Event[] {
  const last = new Map<string, string>();
  const end = events.findIndex(({ id, account }) => {
    if (account === null) return false;
    const before = last.get(account);
    last.set(account, id);
    return before !== undefined && before > id;
  });
  return end === -1 ? events : events.slice(0, end);
}
