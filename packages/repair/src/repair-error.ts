/** Why an operator's request was refused. */
export type NylasRepairErrorCode =
  | 'NYLAS_REPAIR_UNKNOWN_ACCOUNT'
  | 'NYLAS_REPAIR_AMBIGUOUS_ACCOUNT'
  | 'NYLAS_REPAIR_NO_RESTART'
  | 'NYLAS_REPAIR_TOO_SOON'
  | 'NYLAS_REPAIR_NO_LINK';

/** A request of an operator cannot be done. The message says why, and what can be done instead. */
export class NylasRepairError extends Error {
  override readonly name = 'NylasRepairError';
  readonly code: NylasRepairErrorCode;

  constructor(code: NylasRepairErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
