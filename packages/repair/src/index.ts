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
export type { PlatformComponent, PlatformIncident } from './platform/platform-reading.ts';
export {
  type PlatformSnapshot,
  type PlatformWatch,
  type WatchPlatformOptions,
  watchPlatform,
} from './platform/watch-platform.ts';
export type { BundleStep, BundleTransition, ShownError, SupportBundle } from './support-bundle/bundle.ts';
export { type ErrorLog, type ErrorLogOptions, errorLog } from './support-bundle/error-log.ts';
export {
  type SupportBundleOptions,
  type SupportBundleResult,
  supportBundle,
} from './support-bundle/support-bundle.ts';
