/** Why the simulator refused something its user asked for. */
export type SimulatorErrorCode =
  | 'invalid_option'
  | 'invalid_fault'
  | 'invalid_request'
  | 'not_found'
  | 'taken'
  | 'timeout'
  | 'closed';

/** Thrown by the simulator's own functions; the message says what to do instead. Never sent to API clients. */
export class SimulatorError extends Error {
  readonly code: SimulatorErrorCode;

  constructor(code: SimulatorErrorCode, message: string) {
    super(message);
    this.name = 'SimulatorError';
    this.code = code;
  }
}
