import type { ApiVersion } from '@nylas-otel/nylas-api';
import { DELTA_REACH_MS } from './cursors.ts';
import type { Unfiltered } from './step.ts';

/** How far back recovery can read: v2 keeps deltas for 14 days, the lists of v3 have no end that Nylas documents. */
export function reachOf(version: ApiVersion): number {
  return version === 'v2' ? DELTA_REACH_MS : 365 * 86_400_000;
}

/**
 * Resources of which it cannot be known how much is lost: v3 has no filter for updated and deleted messages and for deleted
 * events, so without a comparison of lists nobody sees them.
 */
export function unknowable(
  version: ApiVersion,
  { resources, unfiltered }: { readonly resources: Iterable<string>; readonly unfiltered: Unfiltered },
): string[] {
  if (version === 'v2' || unfiltered !== 'off') return [];
  return [...resources].filter((resource) => resource === 'messages' || resource === 'events');
}

/** The others: what is not counted of these is not lost. */
export function lossesCounted(
  version: ApiVersion,
  plan: { readonly resources: Iterable<string>; readonly unfiltered: Unfiltered },
): ReadonlySet<string> {
  const unknown = new Set(unknowable(version, plan));
  return new Set([...plan.resources, 'accounts'].filter((resource) => !unknown.has(resource)));
}
