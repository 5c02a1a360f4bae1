import * as successor from '@prometheus-io/client';
import client from 'prom-client';

/** What a test needs of either client. */
export type Library = typeof client | typeof successor;

/** The two clients that are supported, as users have them. */
export const LIBRARIES: readonly (readonly [name: string, lib: Library])[] = [
  ['prom-client 15', client],
  ['@prometheus-io/client', successor],
];

/** A registry that answers in OpenMetrics. */
export function openMetricsRegistry(lib: Library): InstanceType<Library['Registry']> {
  const register = new lib.Registry();
  register.setContentType(lib.Registry.OPENMETRICS_CONTENT_TYPE);
  return register;
}
