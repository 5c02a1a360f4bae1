/** Default and upper bound of the callers that are told apart (TELEMETRY: `nylas.caller`). */
export const MOST_CALLERS = 100;
const LONGEST_NAME = 200;

/** The names of callers seen so far: at most `max`, then `other`. */
export class CallerNames {
  readonly #max: number;
  readonly #known = new Set<string>();

  constructor(max: number = MOST_CALLERS) {
    this.#max = max;
  }

  /** The label of a caller; undefined where there is none. */
  label(name: string | undefined): string | undefined {
    if (name === undefined || name === '') return undefined;
    const label = name.slice(0, LONGEST_NAME);
    if (this.#known.has(label)) return label;
    if (this.#known.size >= this.#max) return 'other';
    this.#known.add(label);
    return label;
  }
}
