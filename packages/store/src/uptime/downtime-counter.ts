import { dropError } from '@nylas-otel/telemetry';
import { noteDowntime } from '@nylas-otel/webhooks';
import type { Runner } from '../engine/database.ts';
import type { Tables } from '../schema/tables.ts';
import { LONGEST_BEAT_MS } from './downtime.ts';
import type { DowntimeWindow } from './uptime-ledger.ts';

const EVERY_MS = 30_000;
/** By then it is known of every stretch of heartbeats whether it went on. */
const DECIDED_MS = LONGEST_BEAT_MS + 5_000;

/**
 * Puts downtime in which no receiver ran on the counter `nylas.webhook.downtime`: of one process, once. What receivers
 * refuse they count themselves.
 */
export class DowntimeCounter {
  readonly #runner: Runner;
  readonly #table: string;
  readonly #application: string;
  readonly #downtime: (since: number, until: number) => Promise<readonly DowntimeWindow[]>;
  #next = 0;

  constructor(
    runner: Runner,
    tables: Tables,
    application: string,
    downtime: (since: number, until: number) => Promise<readonly DowntimeWindow[]>,
  ) {
    this.#runner = runner;
    this.#table = tables.downtimeCounted;
    this.#application = application;
    this.#downtime = downtime;
  }

  /** Counts what is decided by `now`, now and then. Never rejects. */
  async count(now: number): Promise<void> {
    if (now < this.#next) return;
    this.#next = now + EVERY_MS;
    try {
      const seconds = await this.#claim(now);
      if (seconds > 0) noteDowntime(seconds);
    } catch (error) {
      dropError('store', error);
    }
  }

  async #claim(now: number): Promise<number> {
    const until = now - DECIDED_MS;
    const [counted] = await this.#runner.query<{ until: number }>(
      `INSERT INTO ${this.#table} AS c (application, until) VALUES ($1, $2)
       ON CONFLICT (application) DO UPDATE SET until = c.until RETURNING until`,
      [this.#application, until],
    );
    const since = counted?.until ?? until;
    if (since >= until) return 0;
    const windows = await this.#downtime(since, now);
    // Whoever moves it on has the time in between.
    const claimed = await this.#runner.query(
      `UPDATE ${this.#table} SET until = $3 WHERE application = $1 AND until = $2 RETURNING 1`,
      [this.#application, since, until],
    );
    if (claimed.length === 0) return 0;
    const silent = windows.filter(({ cause }) => cause !== 'refusing');
    return silent.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(to, until) - from), 0) / 1_000;
  }
}
