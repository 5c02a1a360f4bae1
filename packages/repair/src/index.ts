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
