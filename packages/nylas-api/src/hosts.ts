import type { ApiVersion } from './api-version.ts';

/** Where Nylas keeps an application's data. `other`: a host of the user's own (a proxy, a simulator). */
export type Region = 'us' | 'eu' | 'ca' | 'other';

/** A host that answers Nylas API requests. */
export interface NylasHost {
  /** Lower-case host name without port. */
  readonly host: string;
  /** The API generation it serves. */
  readonly version: ApiVersion;
  /** The data region it serves. */
  readonly region: Region;
}

/**
 * Hosts that serve API requests: the data API, the v2 Scheduler and the v2 beta ("pre-v3 grants", default application
 * name `beta`). Left out on purpose: dashboards, open and link tracking, MCP servers and the webhook tunnel, whose
 * traffic is no API call. Hosts under an application's own beta name are configuration.
 */
export const NYLAS_HOSTS: readonly NylasHost[] = [
  { host: 'api.us.nylas.com', version: 'v3', region: 'us' },
  { host: 'api.eu.nylas.com', version: 'v3', region: 'eu' },
  { host: 'api.nylas.com', version: 'v2', region: 'us' },
  { host: 'ireland.api.nylas.com', version: 'v2', region: 'eu' },
  { host: 'canada.api.nylas.com', version: 'v2', region: 'ca' },
  { host: 'api.schedule.nylas.com', version: 'v2', region: 'us' },
  { host: 'ireland.api.schedule.nylas.com', version: 'v2', region: 'eu' },
  { host: 'beta.us.nylas.com', version: 'v2', region: 'us' },
  { host: 'beta.ireland.nylas.com', version: 'v2', region: 'eu' },
];

const byHost = new Map(NYLAS_HOSTS.map((host) => [host.host, host]));

// The longest known name with a root dot. A foreign host must cost a lookup, not a lower-casing.
const LONGEST = Math.max(...NYLAS_HOSTS.map(({ host }) => host.length)) + 1;

/**
 * The Nylas host of that name, or undefined for any other.
 *
 * @param host Host name without port, in any case, with or without the root dot. Only exact names count:
 *   `api.us.nylas.com.example.org` is foreign.
 */
export function findHost(host: string): NylasHost | undefined {
  const found = byHost.get(host);
  if (found !== undefined || host.length > LONGEST) return found;
  const lower = host.toLowerCase();
  return byHost.get(lower.endsWith('.') ? lower.slice(0, -1) : lower);
}
