import type { SingleBar } from 'cli-progress';
import type { Stream } from './output.ts';
import { type ProgressReport, progressLine } from './progress-line.ts';

/** Takes how far a long work is. */
export interface Progress {
  update(report: ProgressReport): void;
}

/** Work that takes less than this shows nothing: a line that comes and goes at once is no help. */
const SHOWN_AFTER_MS = 700;
const REDRAW_PER_SECOND = 5;

/**
 * A line on a terminal that says how far a work is, while it lasts; nothing of it is left behind. It hides no cursor and
 * changes no setting of the terminal, so that there is nothing to restore for a process that is killed.
 */
export class ProgressLine implements Progress {
  readonly #stream: Stream;
  readonly #begun = performance.now();
  #report: ProgressReport;
  #bar: SingleBar | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #onExit = (): void => this.#clear();

  constructor(stream: Stream, title: string) {
    this.#stream = stream;
    this.#report = { title };
    this.#showLater();
    // A second Ctrl-C ends the process where it stands.
    process.once('exit', this.#onExit);
  }

  update({ title = this.#report.title ?? '', ...report }: ProgressReport): void {
    this.#report = { title, ...report };
  }

  /** Makes room for something else that is printed; it comes back when nothing more is printed for a while. */
  stepAside(): void {
    this.#clear();
    this.#showLater();
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    process.removeListener('exit', this.#onExit);
    this.#clear();
  }

  #showLater(): void {
    clearTimeout(this.#timer);
    const timer = setTimeout(() => void this.#show(timer), SHOWN_AFTER_MS).unref();
    this.#timer = timer;
  }

  async #show(timer: NodeJS.Timeout): Promise<void> {
    // Loaded for those who wait anyway: the first /metrics of an exporter does not.
    const { default: cliProgress } = await import('cli-progress');
    if (this.#timer !== timer) return;
    this.#bar = new cliProgress.SingleBar({
      stream: this.#stream as NodeJS.WriteStream,
      // One column is left free: a character in the last one makes some terminals go to the next line.
      format: () =>
        progressLine(this.#report, performance.now() - this.#begun, (this.#stream.columns ?? 80) - 1),
      hideCursor: false,
      linewrap: true,
      clearOnComplete: true,
      // What Ctrl-C leaves on the line is drawn over.
      forceRedraw: true,
      gracefulExit: false,
      fps: REDRAW_PER_SECOND,
    });
    this.#bar.start(1, 0);
  }

  #clear(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
}
