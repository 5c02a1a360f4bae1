import type { ApiVersion } from '@nylas-otel/nylas-api';
import { DELTA_REACH_MS } from './cursors.ts';

/** How far back recovery can read: v2 keeps deltas for 14 days, the lists of v3 have no end that Nylas documents. */
export function reachOf(version: ApiVersion): number {
  return version === 'v2' ? DELTA_REACH_MS : 365 * 86_400_000;
}
