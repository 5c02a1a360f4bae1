export {
  type AccountIdCapture,
  type CorrelationMode,
  type LoggerLike,
  withNylasAccount,
  withNylasCaller,
} from '@nylas-otel/telemetry';
export {
  type HttpSpanMode,
  NylasConfigError,
  type NylasHostConfig,
  type NylasInstrumentationConfig,
  type NylasRequestInfo,
} from './config.ts';
export { hurtingAccounts } from './hurting/hurting-now.ts';
export type {
  FailureCounts,
  FailureKind,
  HurtingAccount,
  HurtingFailure,
  HurtingReport,
  HurtingWindow,
} from './hurting/hurting-report.ts';
export { instrumentFetch } from './instrument-fetch.ts';
export { instrumentNylas } from './instrument-nylas.ts';
export { NylasInstrumentation, startNylasInstrumentation } from './instrumentation.ts';
export { type NylasSpanProcessor, nylasSpanProcessor } from './ownership/span-processor.ts';
export type { NylasRequestFacts } from './requests/facts.ts';
export { onNylasRequest } from './requests/request-subscribers.ts';
export type { NylasCall } from './sdk/request-channel.ts';
export { type InstrumentationList, withNylas } from './with-nylas.ts';
