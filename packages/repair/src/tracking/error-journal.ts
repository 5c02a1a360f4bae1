import type { Runtime } from '@nylas-otel/accounts/tracking';
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_NYLAS_ACCOUNT_ID,
  ATTR_NYLAS_API_VERSION,
  ATTR_NYLAS_ERROR_MESSAGE,
  ATTR_NYLAS_FLOW_ID,
  ATTR_NYLAS_GRANT_ID,
  ATTR_NYLAS_REQUEST_ID,
  ATTR_URL_TEMPLATE,
  EVENT_NYLAS_CLIENT_ERROR,
} from '@nylas-otel/semantic-conventions';
import type { NewJournalEntry, NylasStore } from '@nylas-otel/store';
import { addLogger, dropError, type LoggerLike } from '@nylas-otel/telemetry';

/** Kind of the journal's lines on requests of the host that failed. */
export const REQUEST_ERROR = 'request_error';

const FLUSH_MS = 2_000;
const MINUTE_MS = 60_000;
// A support bundle needs examples, not a copy of the log.
const MOST_A_MINUTE = { ofOne: 10, ofAll: 300 };
const LONGEST = 512;
/** What a line says, by the attribute it comes from. */
const FIELDS = [
  ['method', ATTR_HTTP_REQUEST_METHOD],
  ['template', ATTR_URL_TEMPLATE],
  ['status', ATTR_HTTP_RESPONSE_STATUS_CODE],
  ['errorType', ATTR_ERROR_TYPE],
  ['requestId', ATTR_NYLAS_REQUEST_ID],
  ['flowId', ATTR_NYLAS_FLOW_ID],
  ['message', ATTR_NYLAS_ERROR_MESSAGE],
  ['trace_id', 'trace_id'],
] as const;

/**
 * Writes what the host's own requests met into the journal, for support bundles: time, route, status, error type, request
 * and flow id, by account. At most ten of one account and 300 of all a minute.
 */
export class ErrorJournal {
  readonly #store: NylasStore;
  readonly #runtime: Runtime;
  readonly #version: string;
  readonly #closing = new AbortController();
  readonly #remove: () => void;
  readonly #loop: Promise<void>;
  readonly #counts = new Map<string, number>();
  #minute = 0;
  #all = 0;
  #waiting: NewJournalEntry[] = [];

  constructor(store: NylasStore, runtime: Runtime, version: string) {
    this.#store = store;
    this.#runtime = runtime;
    this.#version = version;
    const take = (_message: string, fields: Readonly<Record<string, unknown>>): void => this.#take(fields);
    const logger: LoggerLike = { info: () => {}, warn: take, error: take };
    this.#remove = addLogger(logger);
    this.#loop = this.#run();
  }

  async close(): Promise<void> {
    this.#remove();
    this.#closing.abort();
    await this.#loop;
  }

  #take(fields: Readonly<Record<string, unknown>>): void {
    if (fields['event.name'] !== EVENT_NYLAS_CLIENT_ERROR) return;
    if (fields[ATTR_NYLAS_API_VERSION] !== this.#version) return;
    const account = fields[ATTR_NYLAS_GRANT_ID] ?? fields[ATTR_NYLAS_ACCOUNT_ID];
    if (typeof account !== 'string' || !this.#isWithinLimits(account)) return;
    const data: Record<string, string | number> = {};
    for (const [name, field] of FIELDS) {
      const value = fields[field];
      if (typeof value === 'string') data[name] = value.slice(0, LONGEST);
      else if (typeof value === 'number') data[name] = value;
    }
    this.#waiting.push({ kind: REQUEST_ERROR, accountId: account, time: this.#runtime.now(), data });
  }

  #isWithinLimits(account: string): boolean {
    const minute = Math.floor(this.#runtime.now() / MINUTE_MS);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#all = 0;
      this.#counts.clear();
    }
    const count = (this.#counts.get(account) ?? 0) + 1;
    if (count > MOST_A_MINUTE.ofOne || this.#all >= MOST_A_MINUTE.ofAll) return false;
    this.#counts.set(account, count);
    this.#all++;
    return true;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await this.#runtime.sleep(FLUSH_MS, signal, false);
      const lines = this.#waiting;
      this.#waiting = [];
      try {
        if (lines.length > 0) await this.#store.journal.append(lines);
      } catch (error) {
        dropError('repair', error);
      }
    }
  }
}
