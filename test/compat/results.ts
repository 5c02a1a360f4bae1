import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** What is wrong with a cell; null where all is well. */
type Outcome = string | null;

/** What came of cells, written down at once, so that a run that was cut off goes on where it was. */
export class Results {
  readonly #file: string;
  readonly #outcomes: Map<string, Outcome>;

  private constructor(file: string, outcomes: Map<string, Outcome>) {
    this.#file = file;
    this.#outcomes = outcomes;
  }

  /** Results in a file: those that are there, or none. */
  static in(file: string, options: { readonly fresh: boolean }): Results {
    const known = !options.fresh && existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
    return new Results(file, new Map(Object.entries(known as Record<string, Outcome>)));
  }

  passed(label: string): boolean {
    return this.#outcomes.get(label) === null;
  }

  /** What is wrong with a cell; null where all is well, undefined where it was not run. */
  of(label: string): Outcome | undefined {
    return this.#outcomes.get(label);
  }

  add(label: string, problem: string | undefined): void {
    this.#outcomes.set(label, problem ?? null);
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(this.#file, JSON.stringify(Object.fromEntries(this.#outcomes), undefined, 1));
  }
}
