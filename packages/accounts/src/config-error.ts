/** An option of `watchAccounts` cannot be used. The message names it, what was given (never a value) and the fix. */
export class NylasAccountsConfigError extends Error {
  override readonly name = 'NylasAccountsConfigError';
  /** The option, such as `apiKey` or `accountSeries.max`. */
  readonly option: string;

  constructor(option: string, problem: string, fix: string) {
    super(`watchAccounts: ${problem} ${fix}`);
    this.option = option;
  }
}
