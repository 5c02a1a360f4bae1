import { setTimeout as delay } from 'node:timers/promises';
import { dropError } from '@nylas-otel/telemetry';
import { type CollectionResult, TimeoutError } from '@opentelemetry/sdk-metrics';
import { type CollectingReader, currentReader, metricProducers, metricsOff } from './metric-reader.ts';
import { serializeMetrics } from './serialize-metrics.ts';

/** How {@link ScrapeCollector} collects. */
export interface CollectOptions {
  /** Collects from here instead of the process's own reader. */
  readonly reader?: CollectingReader | undefined;
  /** Milliseconds a collect may take. */
  readonly timeoutMillis: number;
  /** What a single failed callback or producer does: fail the scrape, or leave its series out. */
  readonly onCollectError: 'fail' | 'serve';
}

/** What a scrape came to. */
export type Scrape =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly status: 500 | 503; readonly reason: string };

// Collects that a hanging callback never finishes are held in memory; more of them are not begun.
const MOST_UNFINISHED = 8;
// What a scrape waits for attributes of the resource that are looked up (host.id; in a cloud, over the network).
const SETTLE_MS = 200;

/** Collects the process's metrics as text; concurrent scrapes share one collect. Never rejects. */
export class ScrapeCollector {
  readonly #options: CollectOptions;
  #inFlight: Promise<Scrape> | undefined;
  #unfinished = 0;

  constructor(options: CollectOptions) {
    this.#options = options;
  }

  /** The metrics as they are now, or what hinders. */
  scrape(): Promise<Scrape> {
    if (this.#inFlight === undefined) {
      const scrape = this.#collectInTime();
      this.#inFlight = scrape;
      void scrape.then(() => {
        this.#inFlight = undefined;
      });
    }
    return this.#inFlight;
  }

  async #collectInTime(): Promise<Scrape> {
    const off = metricsOff();
    if (off !== undefined) return failed(503, `Telemetry is switched off: ${off}.`);
    if (this.#unfinished >= MOST_UNFINISHED) {
      return failed(
        503,
        `${this.#unfinished} collects have not finished. A metric callback or producer of this process hangs.`,
      );
    }
    const { timeoutMillis } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Scrape>((resolve) => {
      timer = setTimeout(() => resolve(tooSlow(timeoutMillis)), timeoutMillis).unref();
    });
    try {
      return await Promise.race([this.#collect(), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #collect(): Promise<Scrape> {
    const { timeoutMillis, onCollectError } = this.#options;
    this.#unfinished++;
    try {
      // Slow callbacks are given up a little earlier, so that the others' values can still be served.
      const { resourceMetrics, errors } = await collectAll(
        this.#options.reader ?? currentReader(),
        timeoutMillis * 0.9,
      );
      if (errors.length > 0) {
        dropError('endpoint', errors[0]);
        if (onCollectError === 'fail') return partly(errors, timeoutMillis);
      }
      return { ok: true, text: serializeMetrics(resourceMetrics) };
    } catch (error) {
      dropError('endpoint', error);
      return failed(
        500,
        `The metrics could not be collected (${errorName(error)}). The error is in the process's OpenTelemetry diagnostics.`,
      );
    } finally {
      this.#unfinished--;
    }
  }
}

async function collectAll(reader: CollectingReader, timeoutMillis: number): Promise<CollectionResult> {
  const [own, ...added] = await Promise.all([
    reader.collect({ timeoutMillis }),
    ...[...metricProducers()].map((producer) => producer.collect({ timeoutMillis })),
  ]);
  const { resource } = own.resourceMetrics;
  if (resource.asyncAttributesPending) {
    await Promise.race([resource.waitForAsyncAttributes?.(), delay(SETTLE_MS, undefined, { ref: false })]);
  }
  return {
    resourceMetrics: {
      resource,
      scopeMetrics: [own, ...added].flatMap((result) => result.resourceMetrics.scopeMetrics),
    },
    errors: [own, ...added].flatMap((result) => result.errors),
  };
}

function partly(errors: readonly unknown[], timeoutMillis: number): Scrape {
  if (errors.every((error) => error instanceof TimeoutError || errorName(error) === 'TimeoutError')) {
    return tooSlow(timeoutMillis);
  }
  const names = [...new Set(errors.map(errorName))].slice(0, 5).join(', ');
  return failed(
    500,
    `${errors.length} metric callback(s) of this process failed (${names}). The errors are in its OpenTelemetry diagnostics. The option onCollectError: 'serve' serves the other metrics.`,
  );
}

function tooSlow(timeoutMillis: number): Scrape {
  return failed(
    503,
    `The metrics were not collected within ${timeoutMillis} ms. A metric callback or producer of this process is slow or hangs.`,
  );
}

function failed(status: 500 | 503, reason: string): Scrape {
  return { ok: false, status, reason };
}

// The class only: a message may hold what must not leave the process.
function errorName(error: unknown): string {
  return error instanceof Error ? error.constructor.name : typeof error;
}
