import { styleText } from 'node:util';
import { type Progress, ProgressLine } from './progress.ts';
import type { Redactor } from './redactor.ts';
import { type Cell, type Column, fittedTable } from './table.ts';
import { wrapped } from './wrapped.ts';

/** A stream to print on, as `process.stdout` is one. */
export interface Stream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** How a text is meant; what that looks like is the terminal's. */
export type Tone = 'good' | 'warning' | 'bad' | 'faint' | 'strong';

const STYLES = { good: 'green', warning: 'yellow', bad: 'red', faint: 'dim', strong: 'bold' } as const;

/** What {@link Output} is made of. */
export interface OutputOptions {
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly env: NodeJS.ProcessEnv;
  readonly redactor: Redactor;
  /** One JSON document on standard output instead of text. */
  readonly json: boolean;
}

const QUIET = { update() {}, stepAside() {} };
const NARROW = 40;
/** A file or a pipe has no width: nothing is cut there. */
const UNLIMITED = 10_000;

/** Where a command prints: results on standard output, everything else on standard error. */
export class Output {
  readonly json: boolean;
  /** Where progress lines and notes go. */
  readonly stderr: Stream;
  /** True where a person looks at progress, on a terminal that can draw over a line. */
  readonly #watched: boolean;
  #progress: ProgressLine | typeof QUIET | undefined;
  readonly #stdout: Stream;
  readonly #redactor: Redactor;
  readonly #colour: boolean;
  readonly #noteColour: boolean;

  constructor({ stdout, stderr, env, redactor, json }: OutputOptions) {
    this.json = json;
    this.stderr = stderr;
    this.#stdout = stdout;
    this.#redactor = redactor;
    this.#colour = wantsColour(stdout, env);
    this.#noteColour = wantsColour(stderr, env);
    this.#watched = stderr.isTTY === true && !json && env.TERM !== 'dumb';
  }

  /** Columns of the terminal; more than enough where there is none. */
  get width(): number {
    return widthOf(this.#stdout);
  }

  /**
   * Says how far a work is while it lasts, where a person looks and only when it takes long. A work within a work is part
   * of it, and says nothing of its own.
   *
   * @param title what is being done or counted, until the first report
   */
  async during<T>(title: string, work: (progress: Progress) => Promise<T>): Promise<T> {
    if (!this.#watched || this.#progress !== undefined) return await work(QUIET);
    const line = new ProgressLine(this.stderr, title);
    this.#progress = line;
    try {
      return await work(line);
    } finally {
      line.end();
      this.#progress = undefined;
    }
  }

  /** Lets a work say nothing of how far it is, for a screen that is kept still. */
  async quietly<T>(work: () => Promise<T>): Promise<T> {
    this.#progress = QUIET;
    try {
      return await work();
    } finally {
      this.#progress = undefined;
    }
  }

  /** Paints a text that goes to standard output. */
  paint(tone: Tone, text: string): string {
    return this.#colour ? styleText(STYLES[tone], text, { validateStream: false }) : text;
  }

  /** Prints a line of the result for people; nothing with `--json`. */
  line(text = ''): void {
    if (!this.json) this.#print(`${wrapped(this.#redactor.clean(text), this.width)}\n`);
  }

  /**
   * Prints a table of the result for people; nothing with `--json`.
   *
   * @returns titles of the columns for which the terminal is too narrow
   */
  table(columns: readonly Column[], rows: readonly (readonly Cell[])[]): readonly string[] {
    const paint = (tone: Tone, text: string): string => this.paint(tone, text);
    const { lines, leftOut } = fittedTable(columns, rows, this.width, paint);
    for (const line of lines) this.line(line);
    return leftOut;
  }

  /** Prints the result for programs; nothing without `--json`. */
  result(value: unknown): void {
    if (this.json) this.#print(`${this.#redactor.clean(JSON.stringify(value, undefined, 2))}\n`);
  }

  /** Prints text as it is, whatever `--json` says: a file that was asked for. */
  raw(text: string): void {
    this.#print(this.#redactor.clean(text));
  }

  /** Says something beside the result, on standard error. */
  note(text: string, tone?: Tone): void {
    const clean = wrapped(this.#redactor.clean(text), widthOf(this.stderr));
    const painted =
      tone !== undefined && this.#noteColour
        ? styleText(STYLES[tone], clean, { validateStream: false })
        : clean;
    this.#progress?.stepAside();
    this.stderr.write(`${painted}\n`);
  }

  #print(text: string): void {
    this.#progress?.stepAside();
    this.#stdout.write(text);
  }
}

function widthOf({ isTTY, columns }: Stream): number {
  return isTTY ? Math.max(NARROW, columns ?? 80) : UNLIMITED;
}

/** Colour on a terminal only; `NO_COLOR` and `TERM=dumb` say no, `FORCE_COLOR` says yes. */
function wantsColour(stream: Stream, env: NodeJS.ProcessEnv): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR && env.FORCE_COLOR !== '0') return true;
  return stream.isTTY === true && env.TERM !== 'dumb';
}
