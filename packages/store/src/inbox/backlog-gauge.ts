import { dropError } from '@nylas-otel/telemetry';
import { type BacklogCounts, showBacklog } from '@nylas-otel/webhooks';

const EVERY_MS = 5_000;
/** Counting a long backlog takes a while: it may take this share of the database's time. */
const SHARE = 20;

/**
 * Shows an inbox's backlog on its gauge. It is counted in the background, so that a scrape never waits for the database;
 * while the database is away, the gauge says what it last said.
 */
export class BacklogGauge {
  readonly #count: () => Promise<BacklogCounts>;
  readonly #hide: () => void;
  #counts: BacklogCounts;
  #timer: NodeJS.Timeout | undefined;
  #counting: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(application: string, first: BacklogCounts, count: () => Promise<BacklogCounts>) {
    this.#count = count;
    this.#counts = first;
    this.#hide = showBacklog({ application, counts: () => this.#counts });
    this.#later(EVERY_MS);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#hide();
    await this.#counting;
  }

  #later(ms: number): void {
    this.#timer = setTimeout(() => {
      this.#counting = this.#refresh();
    }, ms);
    this.#timer.unref();
  }

  async #refresh(): Promise<void> {
    const started = performance.now();
    try {
      this.#counts = await this.#count();
    } catch (error) {
      dropError('store', error);
    }
    if (!this.#closed) this.#later(Math.max(EVERY_MS, (performance.now() - started) * SHARE));
  }
}
