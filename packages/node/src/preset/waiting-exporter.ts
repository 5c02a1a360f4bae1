import { diag } from '@opentelemetry/api';

/** The result of an export, as OpenTelemetry's processors want it. */
export interface ExportResult {
  /** 0 success, 1 failure. */
  code: number;
  error?: Error;
}

/** What the exporters of spans and of log records have in common. */
export interface ItemExporter<T> {
  export(items: T[], done: (result: ExportResult) => void): void;
  shutdown(): Promise<void>;
  forceFlush?(): Promise<void>;
}

const MOST_WAITING = 2_048;

/**
 * Lets a batch for which no collector listens wait for the next one, instead of having the OTLP exporter retry it: its
 * retries hold the process for nine seconds, at every batch and at the end of every script and every Ctrl-C of a
 * developer who runs no collector. Once an export went through, batches are handed on without looking.
 */
export class WaitingExporter<T> implements ItemExporter<T> {
  readonly #inner: ItemExporter<T>;
  readonly #listens: () => Promise<boolean>;
  readonly #advice: string;
  #waiting: T[] = [];
  #reached = false;
  #advised = false;

  /**
   * @param inner the OTLP exporter
   * @param listens whether the collector accepts connections
   * @param advice what to tell, once, when it does not
   */
  constructor(inner: ItemExporter<T>, listens: () => Promise<boolean>, advice: string) {
    this.#inner = inner;
    this.#listens = listens;
    this.#advice = advice;
  }

  export(items: T[], done: (result: ExportResult) => void): void {
    void this.#send(items).then(done);
  }

  async forceFlush(): Promise<void> {
    if (this.#waiting.length > 0) await this.#send([]);
    await this.#inner.forceFlush?.();
  }

  async shutdown(): Promise<void> {
    await this.forceFlush();
    await this.#inner.shutdown();
  }

  async #send(items: T[]): Promise<ExportResult> {
    if (!this.#reached && !(await this.#listens())) {
      this.#waiting = [...this.#waiting, ...items].slice(-MOST_WAITING);
      if (!this.#advised) diag.warn(`nylas-otel: ${this.#advice}`);
      this.#advised = true;
      return { code: 0 };
    }
    const all = [...this.#waiting, ...items];
    this.#waiting = [];
    const result = await new Promise<ExportResult>((resolve) => this.#inner.export(all, resolve));
    this.#reached = result.code === 0;
    return result;
  }
}
