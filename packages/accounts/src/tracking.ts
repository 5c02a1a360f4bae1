/**
 * The parts a watch is built of, for those who keep accounts elsewhere than in memory (`@nylas-otel/store`,
 * `@nylas-otel/repair`). Not meant for applications: it may change in any release.
 */
export { type AccountApi, type AccountApiOptions, accountApi } from './account-api.ts';
export {
  type AccountStatus,
  CLOCK_DOUBT_MS,
  isUnhealthy,
  type Judgement,
  judge,
  type Recovery,
  type StateNews,
} from './account-status.ts';
export { checkedBy, NylasAccountsConfigError } from './config-error.ts';
export { type GaugeSource, isShown, showOnGauges } from './gauges.ts';
export {
  type Failure,
  type NylasRequest,
  REPEATED_PAGES,
  type Reply,
  type RequestOptions,
  requestNylas,
} from './nylas-request.ts';
export {
  choice,
  flag,
  functionOption,
  kindOf,
  number,
  objectOption,
  refuseUnknown,
} from './option-checks.ts';
export {
  type Connection,
  readApplication,
  readConnection,
  readLogger,
  readOptions,
  WATCH_OPTIONS,
  type WatchSettings,
} from './options.ts';
export { type BackoffShape, backoffMs, jittered, Pacer } from './pacer.ts';
export { outsideOfCallers, pollTelemetry } from './poll-telemetry.ts';
export type { PollKind, PollObserver, PollRun } from './poller.ts';
export { describeProblem, isLasting, problemKind, type WatchIdentity } from './problem.ts';
export {
  type AccountPage,
  type AccountReading,
  asObject,
  newsWords,
  type PageRequest,
  type Profile,
  readId,
} from './profile.ts';
export { profileV2 } from './profile-v2.ts';
export { PROFILE_V3 } from './profile-v3.ts';
export { RereadQueue } from './reread-queue.ts';
export { processRuntime, type Runtime } from './runtime.ts';
export type { Transition } from './tracker.ts';
export { transitionTelemetry } from './transition-telemetry.ts';
export { judgeTrouble, type TroubleVerdict } from './trouble.ts';
