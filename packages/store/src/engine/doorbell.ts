import { dropError } from '@nylas-otel/telemetry';
import { Client } from 'pg';
import type { Database } from './database.ts';

const CHANNEL = 'nylas_otel_wake';
const RECONNECT_MS = 1_000;
const RING_MS = 20;

/**
 * Tells processes that share a PostgreSQL database when there is work, so that they need not wait for their next look
 * (once a second). Behind a pooler that shares sessions it does nothing, and nothing depends on it.
 */
export class Doorbell {
  readonly #url: string;
  readonly #database: Database;
  readonly #name: string;
  readonly #onRing: () => void;
  #client: Client | undefined;
  #reconnect: NodeJS.Timeout | undefined;
  #ring: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param name of the application; only its own bells are heard */
  constructor(url: string, database: Database, name: string, onRing: () => void) {
    this.#url = url;
    this.#database = database;
    this.#name = name;
    this.#onRing = onRing;
    void this.#listen();
  }

  /** Outside of any transaction: commits that notify wait for each other. */
  ring(): void {
    if (this.#closed) return;
    this.#ring ??= setTimeout(() => {
      this.#ring = undefined;
      this.#database
        .query('SELECT pg_notify($1, $2)', [CHANNEL, this.#name])
        .catch((error: unknown) => dropError('store', error));
    }, RING_MS);
    this.#ring.unref();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#ring);
    clearTimeout(this.#reconnect);
    await this.#client?.end().catch(() => {});
  }

  async #listen(): Promise<void> {
    const client = new Client({
      connectionString: this.#url,
      keepAlive: true,
      application_name: 'nylas-otel',
    });
    let lost = false;
    const lose = (): void => {
      if (lost) return;
      lost = true;
      client.end().catch(() => {});
      if (this.#closed) return;
      this.#reconnect = setTimeout(() => void this.#listen(), RECONNECT_MS);
      this.#reconnect.unref();
    };
    client.on('error', lose);
    client.on('end', lose);
    client.on('notification', ({ payload }) => {
      if (payload === this.#name) this.#onRing();
    });
    this.#client = client;
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
      // Whatever rang while nobody listened.
      this.#onRing();
    } catch {
      lose();
    }
  }
}
