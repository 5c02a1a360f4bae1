import { RereadQueue, type Runtime } from '@nylas-otel/accounts/tracking';
import type { ApiVersion } from '@nylas-otel/nylas-api';
import type { NylasStore } from '@nylas-otel/store';
import { type AccountSignalEvent, dropError, onAccountSignal } from '@nylas-otel/telemetry';
import type { Rereads } from './rereads.ts';

const FLUSH_MS = 1_000;
// An address with several accounts: each is read, but not a crowd of them.
const MOST_OF_ONE_NAME = 5;

/**
 * Collects what the host's own requests say of accounts (a 401, a 403) and asks for re-reads. The request pays for a look
 * into a map; the store is asked once a second, about each name once a minute.
 */
export class SignalCollector {
  readonly #waiting = new RereadQueue();
  readonly #parts: { readonly store: NylasStore; readonly rereads: Rereads; readonly runtime: Runtime };
  readonly #stop: () => void;
  readonly #closing = new AbortController();
  readonly #loop: Promise<void>;

  constructor(
    parts: { readonly store: NylasStore; readonly rereads: Rereads; readonly runtime: Runtime },
    version: ApiVersion,
  ) {
    this.#parts = parts;
    this.#stop = onAccountSignal((event) => this.#take(event, version));
    this.#loop = this.#run();
  }

  async close(): Promise<void> {
    this.#stop();
    this.#closing.abort();
    await this.#loop;
  }

  #take({ account, version }: AccountSignalEvent, ours: ApiVersion): void {
    if (version === ours) this.#waiting.want(account, 'request', this.#parts.runtime.now());
  }

  async #run(): Promise<void> {
    const { runtime } = this.#parts;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await runtime.sleep(FLUSH_MS, signal, false);
      try {
        await this.#flush(signal);
      } catch (error) {
        dropError('accounts', error);
      }
    }
  }

  // Accounts that are not known are another application's, or new: the next poll brings those.
  async #flush(closing: AbortSignal): Promise<void> {
    const { store, rereads, runtime } = this.#parts;
    while (this.#waiting.size > 0 && !closing.aborted) {
      const entry = this.#waiting.next(runtime.now());
      if (entry === undefined) return;
      const accounts = await store.accounts.resolve(entry.id);
      for (const { id } of accounts.slice(0, MOST_OF_ONE_NAME)) await rereads.want(id, entry.signal);
    }
  }
}
