import type { Row, Runner } from '../engine/database.ts';
import { readTime } from '../limits.ts';
import type { Tables } from '../schema/tables.ts';
import { downtimeWindows, LONGEST_BEAT_MS, type Stretch } from './downtime.ts';
import { DowntimeCounter } from './downtime-counter.ts';
import type { DowntimeWindow, UptimeLedger } from './uptime-ledger.ts';

interface StretchRow extends Row {
  readonly able: boolean;
  readonly first_beat: number;
  readonly last_beat: number;
  readonly ending: Stretch['ending'] | null;
}

/** {@link UptimeLedger} on the tables: one row a stretch of heartbeats. */
export class StoredUptime implements UptimeLedger {
  readonly #runner: Runner;
  readonly #tables: Tables;
  readonly #application: string;
  readonly #counter: DowntimeCounter;
  /** This process's stretch. */
  #current: { readonly id: number; readonly able: boolean; last: number } | undefined;
  /** When a heartbeat could not be written for the first time since the last one that was. */
  #failing: number | undefined;

  constructor(runner: Runner, tables: Tables, application: string) {
    this.#runner = runner;
    this.#tables = tables;
    this.#application = application;
    this.#counter = new DowntimeCounter(runner, tables, application, (since, until) =>
      this.downtime(since, until),
    );
  }

  async beat(able: boolean): Promise<void> {
    const now = Date.now();
    try {
      await this.#beat(able, now);
      this.#failing = undefined;
      await this.#counter.count(now);
    } catch (error) {
      this.#failing ??= now;
      throw error;
    }
  }

  async #beat(able: boolean, now: number): Promise<void> {
    const { uptime } = this.#tables;
    const current = this.#current;
    if (this.#failing !== undefined) {
      // What cannot store a heartbeat could not store a delivery either.
      await this.#insert(false, this.#failing, now, 'moved');
      if (current !== undefined)
        await this.#runner.query(`UPDATE ${uptime} SET ending = 'moved' WHERE id = $1`, [current.id]);
      this.#current = undefined;
    } else if (current?.able === able && now >= current.last && now - current.last <= LONGEST_BEAT_MS) {
      const rows = await this.#runner.query(`UPDATE ${uptime} SET last_beat = $2 WHERE id = $1 RETURNING 1`, [
        current.id,
        now,
      ]);
      if (rows.length > 0) {
        current.last = now;
        return;
      }
    } else if (current !== undefined) {
      // The change from able to refusing and back is seamless.
      const last = now - current.last <= LONGEST_BEAT_MS ? Math.max(now, current.last) : current.last;
      await this.#runner.query(`UPDATE ${uptime} SET last_beat = $2, ending = 'moved' WHERE id = $1`, [
        current.id,
        last,
      ]);
    }
    this.#current = { id: await this.#insert(able, now, now), able, last: now };
  }

  /** The process ends in order. */
  async stop(): Promise<void> {
    const current = this.#current;
    if (current === undefined) return;
    this.#current = undefined;
    await this.#runner.query(
      `UPDATE ${this.#tables.uptime} SET last_beat = greatest(last_beat, $2), ending = 'stopped' WHERE id = $1`,
      [current.id, Date.now()],
    );
  }

  async downtime(since: number, until: number = Date.now()): Promise<readonly DowntimeWindow[]> {
    const from = readTime('since', since);
    const to = readTime('until', until);
    if (from >= to) return [];
    // The last stretch before the window says how it ended.
    const rows = await this.#runner.query<StretchRow>(
      `SELECT able, first_beat, last_beat, ending FROM ${this.#tables.uptime}
       WHERE application = $1 AND first_beat < $3 AND last_beat >= coalesce((
         SELECT max(last_beat) FROM ${this.#tables.uptime} WHERE application = $1 AND last_beat <= $2
       ), $2)`,
      [this.#application, from, to],
    );
    return downtimeWindows(rows.map(stretchOf), from, to);
  }

  async #insert(able: boolean, first: number, last: number, ending?: Stretch['ending']): Promise<number> {
    const [row] = await this.#runner.query<{ id: number }>(
      `INSERT INTO ${this.#tables.uptime} (application, able, first_beat, last_beat, ending)
       VALUES ($1, $2, $3, $4, $5) RETURNING id`,
      [this.#application, able, first, last, ending ?? null],
    );
    return row?.id ?? 0;
  }
}

function stretchOf(row: StretchRow): Stretch {
  return { able: row.able, first: row.first_beat, last: row.last_beat, ending: row.ending ?? undefined };
}
