export { NylasAccountsConfigError } from '@nylas-otel/accounts';
export type { NylasStore } from '@nylas-otel/store';
export {
  type ConnectionOptions,
  type DestinationChange,
  type DestinationOptions,
  type DestinationWatch,
  type WatchDestinationsOptions,
  type WatchedDestination,
  watchDestinations,
} from './destinations/watch-destinations.ts';
export type { RepairStep } from './machine/repair-state.ts';
export type {
  AccountMonitor,
  HistoryEntry,
  MonitoredAccount,
  MonitorStatus,
  RepairView,
} from './monitor/account-monitor.ts';
export { createAccountMonitor } from './monitor/create-account-monitor.ts';
export type { AccountTransition, MonitorEventMap } from './monitor/monitor-events.ts';
export type {
  AccountMonitorOptions,
  MonitorExtras,
  MonitorRecoveryOptions,
  RepairOptions,
} from './monitor/monitor-options.ts';
export type { ReauthSettings } from './nylas/reauth-link.ts';
export type { PlatformComponent, PlatformIncident } from './platform/platform-reading.ts';
export {
  type PlatformSnapshot,
  type PlatformWatch,
  type WatchPlatformOptions,
  watchPlatform,
} from './platform/watch-platform.ts';
export type { ByResource, RecoveryCounts } from './recovery/handover.ts';
export type {
  RecoverableResource,
  RecoverOptions,
  RecoveryProgress,
  RecoverySettingsOptions,
  StartRecoveryOptions,
} from './recovery/options.ts';
export { RecoveryBusyError, recover } from './recovery/recover.ts';
export { ReadError, type ReadProblem } from './recovery/recovery-api.ts';
export type { RecoveryReport } from './recovery/recovery-run.ts';
export type { HourCount, SilenceOptions } from './recovery/silence.ts';
export { type Recovery, startRecovery } from './recovery/start-recovery.ts';
export type { Unfiltered } from './recovery/step.ts';
export { NylasRepairError, type NylasRepairErrorCode } from './repair-error.ts';
export type { RepairPause } from './runner/control.ts';
export type { Escalation, ReauthenticationRequest, RepairedAccount } from './runner/people.ts';
export type { BundleStep, BundleTransition, ShownError, SupportBundle } from './support-bundle/bundle.ts';
export { type ErrorLog, type ErrorLogOptions, errorLog } from './support-bundle/error-log.ts';
export {
  type SupportBundleOptions,
  type SupportBundleResult,
  supportBundle,
} from './support-bundle/support-bundle.ts';
