import type { AccountApi, AccountReading, Failure, Pacer, Runtime } from '@nylas-otel/accounts/tracking';
import type { AccountSignal } from '@nylas-otel/semantic-conventions';
import type { JobCall, NylasStore, StoredRecord } from '@nylas-otel/store';
import type { DurableTracker } from './durable-tracker.ts';
import { isRefused, POLLS, type PollState } from './poll-state.ts';

/** An account to be read again. */
interface Reread {
  /** What made us doubt; a transition found by the re-read is counted under it. */
  readonly signal: AccountSignal;
  readonly failures: number;
  /** Asked for again while it rested. */
  readonly again: boolean;
}

const COLLECTION = 'accounts.reread';
const REST_MS = 60_000;
const MOST_FAILURES = 3;
const BATCH = 100;
const RUN_MS = 20_000;

/** What re-reads work with. */
export interface RereadParts {
  readonly store: NylasStore;
  readonly api: AccountApi;
  readonly tracker: DurableTracker;
  readonly runtime: Runtime;
  readonly pacer: Pacer;
}

/** Accounts to be read again, over all processes: each waits once, and is read once a minute at most. */
export class Rereads {
  readonly #parts: RereadParts;

  constructor(parts: RereadParts) {
    this.#parts = parts;
  }

  /** Asks for a re-read. */
  async want(id: string, signal: AccountSignal): Promise<void> {
    const records = this.#records();
    const due = this.#parts.runtime.now();
    if (await records.add(id, { signal, failures: 0, again: false }, { tag: 'waiting', due })) return;
    const known = await records.get(id);
    if (known === undefined || known.tag === 'waiting' || known.value.again) return;
    await records.replace(id, known.version, { ...known.value, signal, again: true }, marks(known));
  }

  /** Reads what waits. */
  async run({ signal }: Pick<JobCall, 'signal'>): Promise<void> {
    const { runtime } = this.#parts;
    const until = runtime.now() + RUN_MS;
    while (!signal.aborted && runtime.now() < until) {
      const due = await this.#records().due(runtime.now(), BATCH);
      if (due.length === 0 || (await this.#refused())) return;
      for (const record of due) {
        if (signal.aborted || runtime.now() >= until) return;
        if (record.tag === 'waiting') await this.#read(record, signal);
        else if (record.value.again)
          await this.#rest(record, { ...record.value, again: false }, 'waiting', 0);
        else await this.#records().remove(record.key, record.version);
      }
    }
  }

  async #read(record: StoredRecord<Reread>, signal: AbortSignal): Promise<void> {
    const { api, runtime, tracker, pacer } = this.#parts;
    const wait = pacer.waitMs(runtime.now());
    pacer.take(runtime.now());
    if (wait > 0) await runtime.sleep(wait, signal, false);
    const time = runtime.now();
    const { key: id, value } = record;
    const reply = await api.find(id);
    if (reply.ok) {
      if (reply.value.id === id) await tracker.apply([{ reading: reply.value, time, signal: value.signal }]);
    } else if (reply.failure.status === 404) {
      await tracker.apply([{ reading: deletedReading(id), time, signal: value.signal }]);
    } else if (passes(reply.failure) && value.failures + 1 < MOST_FAILURES) {
      const pause = 1_000 * Math.max(reply.failure.retryAfterSeconds ?? 0, 5 * 2 ** value.failures);
      await this.#rest(record, { ...value, failures: value.failures + 1 }, 'waiting', pause);
      return;
    }
    await this.#rest(record, { ...value, failures: 0 }, 'resting', REST_MS);
  }

  #rest(record: StoredRecord<Reread>, value: Reread, tag: string, ms: number): Promise<boolean> {
    const due = this.#parts.runtime.now() + ms;
    return this.#records().replace(record.key, record.version, value, { tag, due });
  }

  /** While Nylas refuses the application there is no use in asking about single accounts. */
  async #refused(): Promise<boolean> {
    const polls = await this.#parts.store.records<PollState>(POLLS).list();
    return polls.some(({ value }) => isRefused(value));
  }

  #records() {
    return this.#parts.store.records<Reread>(COLLECTION);
  }
}

function marks({ tag, due }: StoredRecord<Reread>) {
  return { ...(tag === undefined ? {} : { tag }), ...(due === undefined ? {} : { due }) };
}

/** What the list no longer has, and Nylas does not know. */
export function deletedReading(id: string): AccountReading {
  return { id, email: undefined, provider: 'unknown', state: 'deleted', raw: 'deleted' };
}

// What an answer about the account itself will not change.
function passes({ status }: Failure): boolean {
  return status === 0 || status === 408 || status === 429 || status >= 500;
}
