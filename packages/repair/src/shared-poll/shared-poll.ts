import { jittered, type Runtime } from '@nylas-otel/accounts/tracking';
import type { NylasStore, StoreTransaction } from '@nylas-otel/store';
import { dropError, runInScope } from '@nylas-otel/telemetry';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';

/** Something read from outside at intervals. `Value` survives JSON. */
export interface SharedPollOptions<Value> {
  /** With a store one process at a time reads, and all others show what it read. */
  readonly store: NylasStore | undefined;
  /** Names the job and the record: `platform`. */
  readonly name: string;
  readonly intervalMs: number;
  readonly runtime: Runtime;
  /** Reads once; gives what is to be known from now on. A failure is part of the value. */
  read(previous: Value | undefined, signal: AbortSignal): Promise<Value>;
  /** Called in the process that read, once for every reading; with a store in the commit that shares the value. */
  commit(value: Value, previous: Value | undefined, tx: StoreTransaction | undefined): Promise<void> | void;
}

/** A poll whose result is the same in every process of the application. */
export interface SharedPoll<Value> {
  /** Resolves with the first value; with undefined when it is closed before. */
  readonly first: Promise<Value | undefined>;
  /** What was read last, by whichever process. */
  readonly value: Value | undefined;
  close(): Promise<void>;
}

const COLLECTION = 'shared-polls';
// How old another process's reading may be before this one shows it.
const MOST_REFRESH_MS = 15_000;

/** Starts to poll. Never throws later on, never keeps a process alive. */
export function startSharedPoll<Value>(options: SharedPollOptions<Value>): SharedPoll<Value> {
  const poll = new Poll(options);
  // No parent span and no account of whoever happened to start it.
  context.with(ROOT_CONTEXT, () =>
    runInScope({ account: undefined, caller: `nylas ${options.name}.poll`, operation: undefined }, () =>
      poll.start(),
    ),
  );
  return poll;
}

class Poll<Value> implements SharedPoll<Value> {
  readonly first: Promise<Value | undefined>;
  value: Value | undefined;
  readonly #options: SharedPollOptions<Value>;
  readonly #closing = new AbortController();
  #version = 0;
  #settle: (value: Value | undefined) => void = () => {};
  #loop: Promise<void> = Promise.resolve();
  #stopJob: Promise<() => Promise<void>> | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: SharedPollOptions<Value>) {
    this.#options = options;
    this.first = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  start(): void {
    const { store, name, intervalMs } = this.#options;
    if (store === undefined) {
      this.#loop = this.#repeat(intervalMs, () => this.#readAlone());
      return;
    }
    this.#stopJob = store.jobs.every(name, intervalMs / 1_000, (call) =>
      this.#readForAll(store, call.signal),
    );
    this.#stopJob.catch((error: unknown) => dropError('store', error));
    this.#loop = this.#repeat(Math.min(intervalMs, MOST_REFRESH_MS), () => this.#look(store));
  }

  close(): Promise<void> {
    this.#closed ??= (async () => {
      this.#closing.abort();
      this.#settle(undefined);
      await (await this.#stopJob?.catch(() => undefined))?.();
      await this.#loop;
    })();
    return this.#closed;
  }

  async #repeat(intervalMs: number, work: () => Promise<void>): Promise<void> {
    const { runtime } = this.#options;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        await work();
      } catch (error) {
        dropError('repair', error);
      }
      await runtime.sleep(jittered(intervalMs, runtime.random()), signal, false);
    }
  }

  async #readAlone(): Promise<void> {
    const { signal } = this.#closing;
    const previous = this.value;
    const value = await this.#options.read(previous, signal);
    if (signal.aborted) return;
    await this.#options.commit(value, previous, undefined);
    this.#show(value);
  }

  async #readForAll(store: NylasStore, jobSignal: AbortSignal): Promise<void> {
    const { name, read, commit } = this.#options;
    const known = await store.records<Value>(COLLECTION).get(name);
    const signal = AbortSignal.any([this.#closing.signal, jobSignal]);
    const value = await read(known?.value, signal);
    if (signal.aborted) return;
    await store.transaction(async (tx) => {
      const records = tx.records<Value>(COLLECTION);
      // A process that was taken for dead may still come to its end: the faster one has spoken.
      const written =
        known === undefined
          ? await records.add(name, value)
          : await records.replace(name, known.version, value);
      if (written) await commit(value, known?.value, tx);
    });
    await this.#look(store);
  }

  async #look(store: NylasStore): Promise<void> {
    const known = await store.records<Value>(COLLECTION).get(this.#options.name);
    if (known === undefined || known.version <= this.#version || this.#closing.signal.aborted) return;
    this.#version = known.version;
    this.#show(known.value);
  }

  #show(value: Value): void {
    this.value = value;
    this.#settle(value);
  }
}
