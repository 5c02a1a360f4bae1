import type { ApiVersion } from './api-version.ts';

/** Sync state of a v2 account or v3 grant, in one vocabulary. */
export type AccountState =
  | 'running'
  | 'partial'
  | 'stopped'
  | 'invalid'
  | 'sync_error'
  | 'initializing'
  | 'exception'
  | 'deleted'
  | 'unknown';

/** Every account state, the healthy one first. */
export const ACCOUNT_STATES: readonly AccountState[] = [
  'running',
  'partial',
  'stopped',
  'invalid',
  'sync_error',
  'initializing',
  'exception',
  'deleted',
  'unknown',
];

// v3 documents `valid` and `invalid` only. `revoked` and `expired` were words of older pages.
const V3_STATES = new Map<string, AccountState>([
  ['valid', 'running'],
  ['invalid', 'invalid'],
  ['invalid_credentials', 'invalid'],
  ['revoked', 'invalid'],
  ['expired', 'invalid'],
  ['deleted', 'deleted'],
]);

// `invalid-credentials` is how the management endpoints spell `invalid`. `downloading`, `killed` and `connerror` come
// from the sync engine. A billing state (`cancelled`) is no sync state: mapping it would have repair restart an account
// that somebody cancelled.
const V2_STATES = new Map<string, AccountState>([
  ['running', 'running'],
  ['valid', 'running'],
  ['partial', 'partial'],
  ['stopped', 'stopped'],
  ['killed', 'stopped'],
  ['invalid', 'invalid'],
  ['invalid_credentials', 'invalid'],
  ['sync_error', 'sync_error'],
  ['connerror', 'sync_error'],
  ['initializing', 'initializing'],
  ['downloading', 'initializing'],
  ['exception', 'exception'],
  ['deleted', 'deleted'],
]);

/**
 * The account state that Nylas's own word stands for.
 *
 * @param version `v3` reads a `grant_status`, `v2` a `sync_state`.
 * @param raw The value as Nylas sent it; case and `-` or `_` do not matter. An undocumented one is `unknown`.
 */
export function accountState(version: ApiVersion, raw: string): AccountState {
  const states = version === 'v3' ? V3_STATES : V2_STATES;
  const known = states.get(raw);
  if (known !== undefined || raw.length > 32) return known ?? 'unknown';
  return states.get(raw.trim().toLowerCase().replaceAll('-', '_')) ?? 'unknown';
}
