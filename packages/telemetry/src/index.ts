export { type AccountIdCapture, hashAccountId, setAccountHashSecret, shownAccountId } from './account-id.ts';
export { type AccountSignalEvent, onAccountSignal, publishAccountSignal } from './account-signals.ts';
export {
  announceStripper,
  CORRELATION_HEADER,
  type CorrelationMode,
  findOperation,
  headerIsSafe,
  setCorrelationMode,
} from './correlation.ts';
export { type CountEntry, CountTable, type FoldStep } from './count-table.ts';
export { createEmitter, type Emitter } from './emitter.ts';
export {
  logOperationFailure,
  logRequestFailure,
  type OperationFailureDetail,
  type RequestFailure,
} from './failure-event.ts';
export { dropError, guarded, guardListener } from './guard.ts';
export { InstrumentHub, instrumentHub, type LateHistogram, type Report, type Scope } from './instruments.ts';
export { announceInstrumentation, isInstrumented } from './liveness.ts';
export {
  addLogger,
  bindLoggerProvider,
  emitLogEvent,
  type LogEvent,
  type LoggerLike,
  type LoggerProviderLike,
  logsWanted,
  type Severity,
  unbindLoggerProvider,
} from './log-events.ts';
export {
  type ErrorFacts,
  Operation,
  type OperationStart,
  type PendingAttempt,
  type PreviousAttempt,
  type Resend,
} from './operation.ts';
export { processState } from './process-state.ts';
export {
  currentScope,
  enterScope,
  type RequestScope,
  runInScope,
  runInScopeOf,
  withNylasAccount,
  withNylasCaller,
} from './request-scope.ts';
export { bindTracerProvider, tracerFor, unbindTracerProvider } from './tracers.ts';
