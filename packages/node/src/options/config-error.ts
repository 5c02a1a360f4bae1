/** An option that cannot be used. The message names the option, the type of what was given, and the fix. */
export class NylasTelemetryConfigError extends Error {
  override readonly name = 'NylasTelemetryConfigError';
  /** The option as written in code, e.g. `metrics.port`. */
  readonly option: string;

  /**
   * @param option the option's path
   * @param message what is wrong, never with the value: it may be a secret
   * @param cause the error of the package that checked it
   */
  constructor(option: string, message: string, cause?: Error) {
    super(message, cause === undefined ? undefined : { cause });
    this.option = option;
  }
}

/** The error for an option: what is wrong with it and what to write instead. */
export function configError(option: string, problem: string, fix: string): NylasTelemetryConfigError {
  return new NylasTelemetryConfigError(option, `nylas-otel: option "${option}" ${problem}. ${fix}`);
}

/** The type of a value in words, never the value itself: it may be a secret. */
export function typeInWords(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'number')
    return Number.isInteger(value) ? 'an integer' : 'a number that is no integer';
  if (typeof value === 'string') return value === '' ? 'an empty string' : 'a string';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
