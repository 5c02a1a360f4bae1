/**
 * An option of `watchAccounts`, or of another function that reaches an application, cannot be used. The message names it,
 * what was given (never a value) and the fix.
 */
export class NylasAccountsConfigError extends Error {
  override readonly name = 'NylasAccountsConfigError';
  /** The option, such as `apiKey` or `accountSeries.max`. */
  readonly option: string;
  readonly #problem: string;
  readonly #fix: string;

  constructor(option: string, problem: string, fix: string, by = 'watchAccounts') {
    super(`${by}: ${problem} ${fix}`);
    this.option = option;
    this.#problem = problem;
    this.#fix = fix;
  }

  /** The same error as thrown by another function. */
  thrownBy(by: string): NylasAccountsConfigError {
    return new NylasAccountsConfigError(this.option, this.#problem, this.#fix, by);
  }

  /** The same error for options that are themselves the value of an option. */
  within(option: string): NylasAccountsConfigError {
    return new NylasAccountsConfigError(`${option}.${this.option}`, `${option}: ${this.#problem}`, this.#fix);
  }
}

/** Checks options; an error names `by` as the function that was called. */
export function checkedBy<T>(by: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw error instanceof NylasAccountsConfigError ? error.thrownBy(by) : error;
  }
}
