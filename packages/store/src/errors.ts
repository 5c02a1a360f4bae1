/** Stable codes of {@link NylasStoreError}, for programs. */
export type NylasStoreErrorCode =
  | 'NYLAS_STORE_INVALID_OPTION'
  | 'NYLAS_STORE_INVALID_ARGUMENT'
  | 'NYLAS_STORE_UNREACHABLE'
  | 'NYLAS_STORE_REFUSED'
  | 'NYLAS_STORE_FOLDER_IN_USE'
  | 'NYLAS_STORE_FOLDER_UNUSABLE'
  | 'NYLAS_STORE_NEWER_SCHEMA'
  | 'NYLAS_STORE_READ_ONLY'
  | 'NYLAS_STORE_OUTSIDE_TRANSACTION'
  | 'NYLAS_STORE_EVENT_TAKEN_OVER'
  | 'NYLAS_STORE_CLOSED';

/** Anything this package throws of its own. The message says what to do; it never holds a password or a payload. */
export class NylasStoreError extends Error {
  override readonly name = 'NylasStoreError';
  readonly code: NylasStoreErrorCode;

  constructor(code: NylasStoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The error for an argument of a method that cannot be used. */
export function invalidArgument(what: string, wanted: string): NylasStoreError {
  return new NylasStoreError('NYLAS_STORE_INVALID_ARGUMENT', `${what}: ${wanted}`);
}

/** The SQLSTATE of an error of either engine. */
export function sqlState(error: unknown): string | undefined {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/** A deadlock or a serialization failure: one of the two goes again. */
export function isConflict(error: unknown): boolean {
  const state = sqlState(error);
  return state === '40001' || state === '40P01';
}
