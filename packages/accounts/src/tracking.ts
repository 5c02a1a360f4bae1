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
export { type GaugeSource, showOnGauges } from './gauges.ts';
export {
  type Failure,
  type NylasRequest,
  type Reply,
  type RequestOptions,
  requestNylas,
} from './nylas-request.ts';
export { type Connection, readConnection } from './options.ts';
export { type BackoffShape, backoffMs, jittered } from './pacer.ts';
export type { AccountPage, AccountReading, PageRequest, Profile } from './profile.ts';
export { profileV2 } from './profile-v2.ts';
export { PROFILE_V3 } from './profile-v3.ts';
export { processRuntime, type Runtime } from './runtime.ts';
export type { Transition } from './tracker.ts';
export { transitionTelemetry } from './transition-telemetry.ts';
