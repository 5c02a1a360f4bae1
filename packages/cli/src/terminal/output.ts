import { styleText } from 'node:util';
import type { Redactor } from './redactor.ts';
import { type Cell, type Column, tableLines } from './table.ts';
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

const NARROW = 40;
/** A file or a pipe has no width: nothing is cut there. */
const UNLIMITED = 10_000;

/** Where a command prints: results on standard output, everything else on standard error. */
export class Output {
  readonly json: boolean;
  /** Where progress bars and notes go. */
  readonly stderr: Stream;
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
  }

  /** Columns of the terminal; more than enough where there is none. */
  get width(): number {
    return widthOf(this.#stdout);
  }

  /** True where a person looks at progress. */
  get watched(): boolean {
    return this.stderr.isTTY === true && !this.json;
  }

  /** Paints a text that goes to standard output. */
  paint(tone: Tone, text: string): string {
    return this.#colour ? styleText(STYLES[tone], text, { validateStream: false }) : text;
  }

  /** Prints a line of the result for people; nothing with `--json`. */
  line(text = ''): void {
    if (!this.json) this.#stdout.write(`${wrapped(this.#redactor.clean(text), this.width)}\n`);
  }

  /** Prints a table of the result for people; nothing with `--json`. */
  table(columns: readonly Column[], rows: readonly (readonly Cell[])[]): void {
    for (const line of tableLines(columns, rows, this.width, (tone, text) => this.paint(tone, text)))
      this.line(line);
  }

  /** Prints the result for programs; nothing without `--json`. */
  result(value: unknown): void {
    if (this.json) this.#stdout.write(`${this.#redactor.clean(JSON.stringify(value, undefined, 2))}\n`);
  }

  /** Prints text as it is, whatever `--json` says: a file that was asked for. */
  raw(text: string): void {
    this.#stdout.write(this.#redactor.clean(text));
  }

  /** Says something beside the result, on standard error. */
  note(text: string, tone?: Tone): void {
    const clean = wrapped(this.#redactor.clean(text), widthOf(this.stderr));
    const painted =
      tone !== undefined && this.#noteColour
        ? styleText(STYLES[tone], clean, { validateStream: false })
        : clean;
    this.stderr.write(`${painted}\n`);
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
